import { readdirSync, readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { customResourceDefinition, KINDS } from '../../src/api/crd.ts';
import { crdFiles } from '../../src/cli/crds.ts';

type Node = Readonly<Record<string, unknown>>;
type Place = Readonly<{ path: string; node: Node; under: readonly Node[] }>;

const crds = new URL('../../crds/', import.meta.url);

/** Every schema node, with the nodes that it lies in. */
function places(node: Node, path: string, under: readonly Node[] = []): readonly Place[] {
  const deeper = [...under, node];
  const properties = Object.entries((node['properties'] ?? {}) as Record<string, Node>);
  return [
    { path, node, under },
    ...properties.flatMap(([name, child]) => places(child, `${path}.${name}`, deeper)),
    ...['items', 'additionalProperties'].flatMap((name) =>
      node[name] === undefined ? [] : places(node[name] as Node, `${path}[]`, deeper),
    ),
  ];
}

function versionOf(kind: (typeof KINDS)[number]): Node {
  const { spec } = customResourceDefinition(kind) as { spec: { versions: Node[] } };
  return spec.versions[0] ?? {};
}

function rootOf(kind: (typeof KINDS)[number]): Node {
  return (versionOf(kind)['schema'] as { openAPIV3Schema: Node }).openAPIV3Schema;
}

const everyPlace = KINDS.flatMap((kind) => places(rootOf(kind), kind.resource.kind));
const specPlaces = everyPlace.filter(({ path }) => /^\w+\.spec\b/.test(path));
const statusPlaces = everyPlace.filter(({ path }) => /^\w+\.status\b/.test(path));
const pathsWhere = (all: readonly Place[], wrong: (place: Place) => boolean) =>
  all.filter(wrong).map(({ path }) => path);

type Rule = Readonly<{ rule: string; message: string; reason: string; fieldPath?: string }>;
const rulesAt = ({ node }: Place) => (node['x-kubernetes-validations'] ?? []) as readonly Rule[];

describe('crds/', () => {
  it('holds what the schemas say, and nothing else; npm run crds writes it anew', () => {
    const committed = readdirSync(crds).map((file) => [file, readFileSync(new URL(file, crds), 'utf8')]);
    expect(Object.fromEntries(committed)).toEqual(
      Object.fromEntries(crdFiles().map(({ file, text }) => [file, text])),
    );
  });

  it('reads alike in YAML 1.1, which kubectl reads, and YAML 1.2', () => {
    for (const [at, { text }] of crdFiles().entries()) {
      const meant = customResourceDefinition(KINDS[at]!);
      expect(parse(text, { version: '1.1' })).toEqual(meant);
      expect(parse(text, { version: '1.2' })).toEqual(meant);
    }
  });

  it('has nothing that Flux would substitute', () => {
    expect(crdFiles().filter(({ text }) => text.includes('${'))).toEqual([]);
  });
});

describe('every schema', () => {
  it('describes each field, for kubectl explain', () => {
    const undescribed = ({ path, node }: Place) => !/\.metadata$/.test(path) && !node['description'];
    expect(pathsWhere(everyPlace, undescribed)).toEqual([]);
  });

  it('has no default in a spec, and in a status only the generation that no pass has seen', () => {
    expect(pathsWhere(specPlaces, ({ node }) => 'default' in node)).toEqual([]);
    const defaults = statusPlaces
      .filter(({ node }) => 'default' in node)
      .map(({ path, node }) => [path.replace(/^\w+/, ''), node['default']]);
    expect(defaults).toEqual(
      KINDS.flatMap(() => [
        ['.status', { observedGeneration: -1 }],
        ['.status.observedGeneration', -1],
      ]),
    );
  });

  it('has no closed list of words in a status or a claim', () => {
    const closed = ({ node }: Place) => 'enum' in node || 'pattern' in node || 'maxLength' in node;
    expect(pathsWhere(statusPlaces, closed)).toEqual([]);
    const words = everyPlace.filter(({ path }) => /^AlmClientClaim\.spec\.(phase|origin)$/.test(path));
    expect(words).toHaveLength(2);
    expect(pathsWhere(words, closed)).toEqual([]);
    expect(
      pathsWhere(
        everyPlace.filter(({ path }) => path.startsWith('AlmClientClaim')),
        ({ node }) => 'enum' in node,
      ),
    ).toEqual([]);
  });

  it('bounds whatever a rule may walk, and what int32 means', () => {
    const unbounded = ({ path, node }: Place): boolean => {
      if (path.startsWith('AlmClientClaim')) return false;
      if (node['type'] === 'string') return !('maxLength' in node) && !('enum' in node);
      if (node['type'] === 'array') return !('maxItems' in node);
      if (node['type'] === 'integer') return Number(node['maximum']) > 2 ** 31 - 1 || !('maximum' in node);
      return node['additionalProperties'] !== undefined && !('maxProperties' in node);
    };
    expect(pathsWhere(specPlaces, unbounded)).toEqual([]);
  });

  it('says of each list whether it is a set, a map or one value', () => {
    const listed = ({ node }: Place) => node['type'] === 'array' && !('x-kubernetes-list-type' in node);
    expect(pathsWhere(everyPlace, listed)).toEqual([]);
  });

  it('uses patterns that RE2 and JavaScript can read', () => {
    const patterns = everyPlace.flatMap(({ node }) =>
      node['pattern'] === undefined ? [] : [String(node['pattern'])],
    );
    expect(patterns.length).toBeGreaterThan(5);
    for (const pattern of patterns) {
      expect(() => [RE2JS.compile(pattern), new RegExp(pattern, 'u')]).not.toThrow();
    }
  });
});

describe('every rule', () => {
  const ruled = everyPlace.filter((place) => rulesAt(place).length > 0);

  it('lies at spec or below: a rule at the root would bar even the removal of a finalizer', () => {
    expect(ruled.length).toBeGreaterThan(5);
    expect(pathsWhere(ruled, ({ under }) => under.length === 0)).toEqual([]);
  });

  it('compares with the stored object only where the API server can find it', () => {
    const inList = ({ under, node }: Place) => [...under, node].some((above) => above['type'] === 'array');
    const compares = (place: Place) => rulesAt(place).some(({ rule }) => rule.includes('oldSelf'));
    expect(pathsWhere(ruled, (place) => compares(place) && inList(place))).toEqual([]);
  });

  it('has one line of words, a reason that does not repeat the value, and a field that exists', () => {
    const wrong = (place: Place) =>
      rulesAt(place).some(({ rule, message, reason, fieldPath }) => {
        const properties = (place.node['properties'] ?? {}) as Node;
        const exists = fieldPath === undefined || fieldPath.slice(1) in properties;
        const reasons = ['FieldValueForbidden', 'FieldValueRequired'];
        return /\n/.test(rule + message) || message === '' || !reasons.includes(reason) || !exists;
      });
    expect(pathsWhere(ruled, wrong)).toEqual([]);
  });
});

describe('every definition', () => {
  it.each(KINDS)('serves and stores one version of $resource.kind, its status apart', (kind) => {
    expect(versionOf(kind)).toMatchObject({
      name: 'v1beta1',
      served: true,
      storage: true,
      subresources: { status: {} },
    });
  });
});

describe('kubectl get', () => {
  it.each(KINDS)('finds each column and selectable field of $resource.kind', (kind) => {
    const known = new Set(places(rootOf(kind), '').map(({ path }) => path));
    const fields = [...kind.columns.map(({ jsonPath }) => jsonPath), ...kind.selectable];
    const stray = fields.filter((path) => {
      const field = path.replace(/\[\?\(@\.type=="\w+"\)\]/, '[]');
      return !known.has(field) && field !== '.metadata.creationTimestamp';
    });
    expect(stray).toEqual([]);
    expect(kind.columns.at(-1)?.name).toBe('Age');
    expect(kind.selectable.length).toBeLessThanOrEqual(8);
  });

  it('has a name, a short name and the category for each kind', () => {
    const names = KINDS.map(
      (kind) => (customResourceDefinition(kind) as { spec: { names: Node } }).spec.names,
    );
    expect(names).toMatchObject([
      { plural: 'clientcredentials', shortNames: ['ccred'], categories: ['alm'] },
      { plural: 'almconnections', shortNames: ['almconn'], categories: ['alm'] },
      { plural: 'almclientclaims', shortNames: ['almclaim'], categories: ['alm'] },
    ]);
  });
});
