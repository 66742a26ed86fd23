/** What discovery tells of: each resource of each group and version, in the order in which the server names them. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { Registry } from '../kinds/registry.ts';
import { REVIEW_RESOURCES } from '../reviews/reviews.ts';

export type Subresource = Readonly<{ name: string; kind: string; verbs: readonly string[] }>;

export type Resource = Readonly<{
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  builtIn: boolean;
  verbs: readonly string[];
  shortNames: readonly string[];
  categories: readonly string[];
  subresources: readonly Subresource[];
}>;

/** A group and version with what it serves. */
export type GroupVersion = Readonly<{ group: string; version: string; resources: readonly Resource[] }>;

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

/** Sorted within a version by name; versions and groups as they came to be served. */
export function served(registry: Registry): readonly GroupVersion[] {
  const found = new Map<string, Resource[]>();
  const kinds = registry.all();
  const builtIn = kinds.filter((kind) => kind.builtIn).map(resourceOf);
  const custom = kinds.filter((kind) => !kind.builtIn).map(resourceOf);
  for (const resource of [...builtIn, ...REVIEW_RESOURCES, ...custom]) {
    const key = apiVersionOf(resource);
    found.set(key, [...(found.get(key) ?? []), resource]);
  }
  return [...found.values()].flatMap((resources) => {
    const [first] = resources;
    if (first === undefined) return [];
    const sorted = resources.sort((a, b) => (a.plural < b.plural ? -1 : 1));
    return [{ group: first.group, version: first.version, resources: sorted }];
  });
}

function resourceOf(kind: Kind): Resource {
  const { group, version, plural, singular, namespaced, builtIn, shortNames, categories } = kind;
  const subresources = kind.status ? [{ name: 'status', kind: kind.kind, verbs: STATUS_VERBS }] : [];
  const verbs = (builtIn ? VERBS : CUSTOM_VERBS).filter(
    (verb) => kind.deletesCollections || verb !== 'deletecollection',
  );
  return {
    ...{ group, version, plural, singular, kind: kind.kind, namespaced, builtIn },
    ...{ verbs, shortNames, categories, subresources },
  };
}

/** A field that discovery leaves out where it is empty. */
export function unlessEmpty<T>(field: string, values: readonly T[]): Readonly<Record<string, readonly T[]>> {
  return values.length === 0 ? {} : { [field]: values };
}
