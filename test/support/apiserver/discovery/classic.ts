/** Discovery before it was aggregated: groups, and for each version a list of resources. */

import { apiVersionOf } from '../kinds/kind.ts';
import { type GroupVersion, type Resource, unlessEmpty } from './resources.ts';

export function coreVersions(serverAddress: string) {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

export function groupList(versions: readonly GroupVersion[]) {
  const names = [...new Set(versions.map(({ group }) => group))];
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => entry(versions, name)) };
}

export function group(versions: readonly GroupVersion[], name: string) {
  return { kind: 'APIGroup', apiVersion: 'v1', ...entry(versions, name) };
}

function entry(served: readonly GroupVersion[], name: string) {
  const versions = served
    .filter((one) => one.group === name)
    .map((one) => ({ groupVersion: apiVersionOf(one), version: one.version }));
  return { name, versions, preferredVersion: versions[0] };
}

export function resourceList(served: GroupVersion) {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(served),
    resources: served.resources.flatMap((one) => [resource(one), ...subresources(one)]),
  };
}

function resource({ plural, singular, namespaced, kind, verbs, shortNames, categories }: Resource) {
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...unlessEmpty('shortNames', shortNames),
    ...unlessEmpty('categories', categories),
  };
}

function subresources({ plural, namespaced, subresources }: Resource) {
  return subresources.map(({ name, kind, verbs }) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs,
  }));
}
