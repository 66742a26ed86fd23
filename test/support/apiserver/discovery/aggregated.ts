/** Aggregated discovery (apidiscovery.k8s.io/v2): all groups of one root in one answer. */

import { type GroupVersion, type Resource, unlessEmpty } from './resources.ts';

export const AGGREGATED = { g: 'apidiscovery.k8s.io', v: 'v2', as: 'APIGroupDiscoveryList' } as const;

export function aggregated(versions: readonly GroupVersion[]) {
  const groups = [...new Set(versions.map(({ group }) => group))];
  return {
    kind: AGGREGATED.as,
    apiVersion: `${AGGREGATED.g}/${AGGREGATED.v}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.filter((one) => one.group === group).map(versionEntry),
    })),
  };
}

function versionEntry({ version, resources }: GroupVersion) {
  return { version, resources: resources.map(resourceEntry), freshness: 'Current' };
}

function resourceEntry(resource: Resource) {
  const { plural, kind, namespaced, singular, verbs, shortNames, categories, subresources } = resource;
  return {
    resource: plural,
    responseKind: responseKind(resource, kind),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...unlessEmpty('shortNames', shortNames),
    ...unlessEmpty('categories', categories),
    ...unlessEmpty(
      'subresources',
      subresources.map((one) => ({
        subresource: one.name,
        responseKind: responseKind(resource, one.kind),
        verbs: one.verbs,
      })),
    ),
  };
}

/** Built-in resources leave out the group and version that they share with their list. */
function responseKind({ group, version, builtIn }: Resource, kind: string) {
  return builtIn ? { group: '', version: '', kind } : { group, version, kind };
}
