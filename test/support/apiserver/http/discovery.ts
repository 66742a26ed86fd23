/** Discovery, not aggregated: which groups, versions and resources there are. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { Registry } from '../kinds/registry.ts';
import type { Answer } from './message.ts';

const VERSION = {
  major: '1',
  minor: '34',
  gitVersion: 'v1.34.2+embedded',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2025-11-11T19:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'linux/amd64',
};

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

/** Undefined for a path that is not discovery's. */
export function discover(registry: Registry, path: string): Answer | undefined {
  const [, root, group, version, ...rest] = path.replace(/\/$/, '').split('/');
  if (rest.length > 0) return undefined;
  if (root === 'version' && group === undefined) return ok(VERSION);
  if (root === 'api' && version === undefined) {
    return group === undefined ? ok(coreVersions()) : resources(registry, '', group);
  }
  if (root !== 'apis') return undefined;
  if (group === undefined) return ok(groupList(registry));
  return version === undefined ? groupOf(registry, group) : resources(registry, group, version);
}

/** `/healthz`, `/livez` and `/readyz` with their single checks. */
export function health(path: string): Answer | undefined {
  return /^\/(healthz|livez|readyz)(\/|$)/.test(path) ? { status: 200, text: 'ok' } : undefined;
}

function ok(json: unknown): Answer {
  return { status: 200, json };
}

function coreVersions() {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

function groupEntry(kinds: readonly Kind[], name: string) {
  const names = [...new Set(kinds.filter(({ group }) => group === name).map(({ version }) => version))];
  const versions = names.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

function groupList(registry: Registry) {
  const kinds = registry.all();
  const names = [...new Set(kinds.map(({ group }) => group).filter((group) => group !== ''))];
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: names.map((name) => groupEntry(kinds, name)) };
}

function groupOf(registry: Registry, name: string): Answer | undefined {
  const entry = groupEntry(registry.all(), name);
  return entry.versions.length === 0 ? undefined : ok({ kind: 'APIGroup', apiVersion: 'v1', ...entry });
}

function resources(registry: Registry, group: string, version: string): Answer | undefined {
  const kinds = registry.all().filter((kind) => kind.group === group && kind.version === version);
  const [first] = kinds;
  if (first === undefined) return undefined;
  const groupVersion = apiVersionOf(first);
  return ok({
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: kinds.flatMap((kind) => [resource(kind), ...(kind.status ? [statusResource(kind)] : [])]),
  });
}

function resource({ plural, singular, namespaced, kind, shortNames, categories }: Kind) {
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: VERBS,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
}

function statusResource({ plural, namespaced, kind }: Kind) {
  return { name: `${plural}/status`, singularName: '', namespaced, kind, verbs: STATUS_VERBS };
}
