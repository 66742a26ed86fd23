/** deploy/kustomize: what it is made of, by files alone; what kubectl makes of it; and that chart and it grant the same. */

import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubectlVersion } from '../guides/kubectl.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { kindOf, pathOf } from '../support/kubectl/kinds.ts';
import type { Manifest } from '../support/kubectl/objects.ts';
import { grantsOf, wordsOf } from '../support/rights/grants.ts';
import { ACCOUNT, type Features, installedRights } from '../support/rights/installed.ts';
import { documentsOf, rendered } from './helm.ts';
import { KUSTOMIZE, kustomized, kustomizeFiles, kustomizeKinds } from './kustomize.ts';
import { ROOT } from './manifests.ts';
import { at, flagsOf, found, podOf } from './rendering.ts';
import { violationsOf } from './restricted.ts';
import { describeHelm } from './suite.ts';

const LIMIT_MS = 60_000;
const TEAM = 'team-orders';
const text = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const install = () => documentsOf(text('deploy/install.yaml'));

/** As people have to read them: every grant, in the order of the alphabet. */
const rightsIn = (objects: readonly Manifest[]) => grantsOf(objects, ACCOUNT).map(wordsOf).sort();

/** By kind, namespace and name, so that the order of two lists says nothing. */
function byName(objects: readonly Manifest[]): Readonly<Record<string, Manifest>> {
  return Object.fromEntries(
    objects.map((one) => [`${one.kind} ${one.metadata.namespace ?? ''}/${one.metadata.name}`, one]),
  );
}

const INSTALLATIONS: readonly (readonly [name: string, features: Features])[] = [
  ['all namespaces', { generatedSecrets: false, watchNamespaces: [] }],
  ['all namespaces, with generated secrets', { generatedSecrets: true, watchNamespaces: [] }],
  ['named namespaces', { generatedSecrets: false, watchNamespaces: [TEAM] }],
  ['named namespaces, with generated secrets', { generatedSecrets: true, watchNamespaces: [TEAM] }],
];

describe('deploy/kustomize', () => {
  it('grants what deploy/install.yaml grants', () => {
    const rights = rightsIn(installedRights({ generatedSecrets: false, watchNamespaces: [] }));
    expect(rights.length).toBeGreaterThan(25);
    expect(rights).toEqual(rightsIn(install()));
  });

  it.each(kustomizeKinds())('has $file as it is written; npm run manifests writes it anew', (written) => {
    expect(text(written.file)).toBe(written.text);
  });

  it('has no text that Flux would replace', () => {
    const files = readdirSync(new URL(KUSTOMIZE, ROOT), { recursive: true, encoding: 'utf8' });
    const manifests = files.filter((file) => file.endsWith('.yaml'));
    expect(manifests.length).toBeGreaterThan(12);
    expect(manifests.filter((file) => text(`${KUSTOMIZE}/${file}`).includes('$' + '{'))).toEqual([]);
  });
});

describeHelm('the chart and deploy/kustomize', () => {
  it('agree in what npm run manifests writes anew', async () => {
    for (const { file, text: wanted } of await kustomizeFiles()) {
      expect(documentsOf(text(file)), file).toEqual(documentsOf(wanted));
    }
  });

  it.each(INSTALLATIONS)('grant the same for %s', async (_name, { generatedSecrets, watchNamespaces }) => {
    const values = {
      connection: { create: false },
      watchNamespaces,
      generatedSecrets: { enabled: generatedSecrets },
    };
    const rights = rightsIn(installedRights({ generatedSecrets, watchNamespaces }));
    expect(rights).toEqual(rightsIn(await rendered(values)));
  });
});

const KUBECTL = kubectlVersion();
if (KUBECTL === undefined) console.warn('SKIPPED: kustomizations, for want of kubectl 1.30 or newer.');

const BUILDS = ['base', 'overlays/namespaced', 'overlays/high-availability'] as const;
const folder = (name: string) => fileURLToPath(new URL(`${KUSTOMIZE}/${name}`, ROOT));

describe.skipIf(KUBECTL === undefined)('kubectl kustomize', { timeout: LIMIT_MS }, () => {
  let own = '';
  beforeAll(async () => {
    own = await mkdtemp(join(tmpdir(), 'kustomize-'));
  });
  afterAll(() => rm(own, { recursive: true, force: true }));

  /** A kustomization of a platform team's own, in a folder of its own. */
  async function ofOnesOwn(kustomization: object): Promise<readonly Manifest[]> {
    await writeFile(join(own, 'kustomization.yaml'), JSON.stringify(kustomization));
    return kustomized(own);
  }
  const from = (name: string) => relative(own, folder(name));

  it('makes of the base what deploy/install.yaml has, without the namespace', async () => {
    const wanted = install().filter(({ kind }) => kind !== 'Namespace');
    expect(byName(await kustomized(folder('base')))).toEqual(byName(wanted));
  });

  it('makes of the overlay for high availability three operators that spread over nodes', async () => {
    const [base, overlay] = [
      await kustomized(folder('base')),
      await kustomized(folder('overlays/high-availability')),
    ];
    const others = (objects: readonly Manifest[]) =>
      byName(objects.filter(({ kind }) => kind !== 'Deployment'));
    expect(others(overlay)).toEqual(others(base));
    const deployment = found(overlay, 'Deployment');
    expect(at(deployment, 'spec.replicas')).toBe(3);
    const { topologySpreadConstraints, tolerations, ...rest } = podOf(overlay);
    const { topologySpreadConstraints: former, ...same } = podOf(base);
    expect(rest).toEqual(same);
    const { selector } = found(base, 'Service')['spec'] as { selector: object };
    const spread = {
      maxSkew: 1,
      matchLabelKeys: ['pod-template-hash'],
      labelSelector: { matchLabels: selector },
    };
    expect(topologySpreadConstraints).toEqual([
      { ...spread, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' },
      { ...spread, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ]);
    expect(former).toHaveLength(2);
    expect(tolerations).toHaveLength(2);
  });

  it.each([
    ['base', 'components/generated-secrets', []],
    ['overlays/high-availability', 'components/generated-secrets', []],
    ['overlays/namespaced', 'overlays/namespaced/generated-secrets', [TEAM]],
  ])('grants with %s, and with %s, what the operator needs', async (resource, component, watchNamespaces) => {
    const [plain, generating] = [
      await ofOnesOwn({ resources: [from(resource)] }),
      await ofOnesOwn({ resources: [from(resource)], components: [from(component)] }),
    ];
    expect(rightsIn(plain)).toEqual(rightsIn(installedRights({ generatedSecrets: false, watchNamespaces })));
    expect(rightsIn(generating)).toEqual(
      rightsIn(installedRights({ generatedSecrets: true, watchNamespaces })),
    );
    const flags = flagsOf(podOf(plain).containers[0]);
    const named = watchNamespaces.length > 0 ? { 'watch-namespaces': watchNamespaces.join() } : {};
    expect(flags).toMatchObject(named);
    expect(flags).not.toHaveProperty('generated-secrets');
    expect(flagsOf(podOf(generating).containers[0])).toEqual({ ...flags, 'generated-secrets': 'true' });
  });

  it('makes of README’s example what it says', async () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(text(`${KUSTOMIZE}/README.md`)) ?? [];
    const remote = /https:\S+\/\/deploy\/kustomize\/(\S+)\?ref=v(\S+)/g;
    const { version } = JSON.parse(text('package.json')) as { version: string };
    expect(new Set([...example.matchAll(remote)].map(([, , ref]) => ref))).toEqual(new Set([version]));
    const local = example.replaceAll(remote, (_all, name: string) => from(name));
    const objects = await ofOnesOwn(parse(local));
    expect(at(found(objects, 'Deployment'), 'spec.replicas')).toBe(3);
    expect(podOf(objects).containers[0].image).toBe(`registry.example.org/mirror/alm-operator:${version}`);
    expect(rightsIn(objects)).toEqual(
      rightsIn(installedRights({ generatedSecrets: true, watchNamespaces: [] })),
    );
  });

  it('moves the operator to a namespace of another name, bindings included', async () => {
    const moved = await ofOnesOwn({ namespace: 'elsewhere', resources: [from('base')] });
    const elsewhere = { ...ACCOUNT, namespace: 'elsewhere' };
    const words = grantsOf(moved, elsewhere).map(wordsOf).sort();
    expect(words).toEqual(
      rightsIn(install()).map((right) => right.replace(/ in alm-operator$/, ' in elsewhere')),
    );
    const places = moved.map(({ metadata }) => metadata.namespace).filter((place) => place !== undefined);
    expect(new Set(places)).toEqual(new Set(['elsewhere']));
  });

  it('moves the operator for named namespaces as the overlay says', async () => {
    const copy = join(own, 'copy');
    await cp(folder('.'), copy, { recursive: true });
    const overlay = join(copy, 'overlays/namespaced');
    await cp(join(overlay, TEAM), join(overlay, 'base'), { recursive: true });
    await writeFile(
      join(overlay, 'base/kustomization.yaml'),
      JSON.stringify({ namespace: 'elsewhere', resources: ['../../../base'] }),
    );
    const replace = async (file: string, one: string, other: string) => {
      const before = readFileSync(file, 'utf8');
      expect(before).toContain(one);
      await writeFile(file, before.replace(one, other));
    };
    await replace(join(overlay, 'kustomization.yaml'), '- ../../base\n', '- base\n');
    const namespace = 'namespace: alm-operator';
    await replace(join(overlay, 'alm-operator/kustomization.yaml'), namespace, 'namespace: elsewhere');
    const words = grantsOf(await kustomized(overlay), { ...ACCOUNT, namespace: 'elsewhere' }).map(wordsOf);
    const wanted = installedRights({ generatedSecrets: false, watchNamespaces: [TEAM] });
    expect(words.sort()).toEqual(
      rightsIn(wanted)
        .map((right) => right.replace(/ in alm-operator$/, ' in elsewhere'))
        .sort(),
    );
  });

  it.each(BUILDS)('makes pods of %s that a restricted namespace takes', async (name) => {
    expect(violationsOf(podOf(await kustomized(folder(name))))).toEqual([]);
  });

  describe('what it makes', () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await startCluster();
      await cluster.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: TEAM } });
      console.info(`Runs on ${cluster.version}`);
    }, LIMIT_MS);
    afterAll(() => cluster?.stop(), LIMIT_MS);

    it.each(BUILDS)(
      'of %s is admitted strictly, and changes nothing when it is applied again',
      async (name) => {
        const objects = await kustomized(folder(name));
        const versions = [];
        for (const object of objects) {
          const { namespace } = object.metadata;
          const kind = kindOf(object.kind);
          await cluster.api.delete(object.kind, namespace ?? '', object.metadata.name);
          await cluster.api.waitGone(object.kind, namespace ?? '', object.metadata.name);
          const query = { dryRun: 'All', fieldValidation: 'Strict' };
          await cluster.api.raw({ method: 'POST', path: pathOf(kind, { namespace }), query, body: object });
          const [made] = await cluster.api.apply(object);
          if (object.kind !== 'CustomResourceDefinition')
            versions.push([object, made?.metadata.resourceVersion]);
        }
        for (const [object, version] of versions as [Manifest, string][]) {
          const [again] = await cluster.api.apply(object);
          expect(again?.metadata.resourceVersion, object.metadata.name).toBe(version);
        }
      },
    );
  });
});
