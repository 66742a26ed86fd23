import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartFiles, ROOT } from '../deploy/manifests.ts';
import { leavesOf, valueTree } from '../deploy/values.ts';
import { VALUE_SETS } from '../deploy/valuesets.ts';
import { TYPES } from '../deploy/valuetypes.ts';

const CHART = 'deploy/helm/alm-credential-operator';
const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const schema = JSON.parse(text(`${CHART}/values.schema.json`));
const leaves = leavesOf(valueTree());

type Node = Readonly<Record<string, unknown>>;

/** Every object of a schema that takes any field whatever. */
function openObjects(node: Node, path = ''): readonly string[] {
  const children = Object.entries((node['properties'] ?? {}) as Record<string, Node>);
  const inner = ['items', 'additionalProperties'].filter((key) => typeof node[key] === 'object');
  return [
    ...(node['type'] === 'object' && node['additionalProperties'] === undefined ? [path] : []),
    ...children.flatMap(([name, child]) => openObjects(child, path === '' ? name : `${path}.${name}`)),
    ...inner.flatMap((key) => openObjects(node[key] as Node, `${path}[]`)),
  ];
}

describe('the chart', () => {
  it.each(chartFiles())(
    'has $file as it is written; npm run manifests writes it anew',
    ({ file, text: wanted }) => {
      expect(text(file)).toBe(wanted);
    },
  );

  it('has no kinds and no copies but those', () => {
    const written = new Set(chartFiles().map(({ file }) => file));
    const there = ['crds', 'files'].flatMap((folder) =>
      readdirSync(new URL(`${CHART}/${folder}`, ROOT)).map((file) => `${CHART}/${folder}/${file}`),
    );
    expect(there.filter((file) => !written.has(file))).toEqual([]);
  });

  it('has the version of the program, and names the kinds', () => {
    const { version } = JSON.parse(text('package.json')) as { version: string };
    const chart = parse(text(`${CHART}/Chart.yaml`)) as Node & { annotations: Record<string, string> };
    expect([chart['version'], chart['appVersion']]).toEqual([version, version]);
    const named = parse(chart.annotations['artifacthub.io/crds'] ?? '') as readonly { name: string }[];
    expect(named.map(({ name }) => `${name}.yaml`).sort()).toEqual(readdirSync(new URL('crds', ROOT)).sort());
  });
});

describe('every value of the chart', () => {
  it('is explained in a sentence of its own', () => {
    const unexplained = leaves.filter(({ meaning }) => meaning.length < 10 || !/[.…]$/.test(meaning));
    expect(unexplained.map(({ path }) => path)).toEqual([]);
    expect(new Set(leaves.map(({ meaning }) => meaning)).size).toBeGreaterThan(leaves.length - 6);
  });

  it('is used by a template', () => {
    const templates = readdirSync(new URL(`${CHART}/templates`, ROOT)).map((file) =>
      text(`${CHART}/templates/${file}`),
    );
    const used = templates.join('\n');
    const idle = leaves.filter(({ path }) => !new RegExp(`\\.${path.split('.').at(-1)}\\b`).test(used));
    expect(idle.map(({ path }) => path)).toEqual([]);
  });

  it('that has a type is one', () => {
    const known = new Set(leaves.map(({ path }) => path));
    expect(Object.keys(TYPES).filter((path) => !known.has(path))).toEqual([]);
  });
});

describe('values.schema.json', () => {
  const judge = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
  const given = (values: object) => ({ ...(parse(text(`${CHART}/values.yaml`)) as object), ...values });

  it('takes the values as they are, and every set that tests render', () => {
    for (const [name, values] of [['none', {}] as const, ...VALUE_SETS]) {
      expect(judge(given(values)), `${name}: ${JSON.stringify(judge.errors)}`).toBe(true);
    }
  });

  it.each([
    [{ replicaCount: 1 }],
    [{ image: { repo: 'x' } }],
    [{ connection: { password: 'x' } }],
    [{ connection: { spec: { endpoint: 'https://x' } } }],
    [{ connection: { access: [{ namespaces: { all: true }, clientIds: ['a***'] }] } }],
    [{ connection: { login: 'token' } }],
    [{ watchNamespaces: ['Team'] }],
    [{ watchNamespaces: 'team' }],
    [{ resyncInterval: '30' }],
    [{ concurrency: 0 }],
    [{ logLevel: 'loud' }],
    [{ extraArgs: ['--log-level', 'debug'] }],
    [{ metrics: { port: 0 } }],
    [{ image: { digest: 'latest' } }],
    [{ podLabels: { a: 1 } }],
    [{ securityContext: { privileged: true } }],
    [{ networkPolicy: { alm: { to: [{ cidr: '10.0.0.0/8' }] } } }],
    [{ tolerations: [{ keys: 'a' }] }],
  ])('refuses %j', (values) => {
    expect(judge(given(values))).toBe(false);
  });

  it('leaves open what is Kubernetes’ own alone, where the API server judges', () => {
    expect(openObjects(schema)).toEqual([
      'extraEnv[].valueFrom',
      'affinity.nodeAffinity',
      'affinity.podAffinity',
      'affinity.podAntiAffinity',
      'global',
    ]);
  });
});
