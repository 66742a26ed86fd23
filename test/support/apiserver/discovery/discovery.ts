/** Which groups, versions and resources there are: the paths from which a client learns what it may ask for. */

import { mediaTypes } from '../http/accept.ts';
import type { Answer, Request } from '../http/message.ts';
import { tagged } from '../http/tagged.ts';
import type { Registry } from '../kinds/registry.ts';
import { AGGREGATED, aggregated } from './aggregated.ts';
import { coreVersions, group, groupList, resourceList } from './classic.ts';
import { type GroupVersion, served } from './resources.ts';

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

/** Undefined for a path that is not discovery's. */
export function discover(registry: Registry, request: Request): Answer | undefined {
  const [, root = '', ...rest] = request.path.replace(/\/$/, '').split('/');
  if (root === '' && rest.length === 0) return page({ paths: paths(served(registry)) });
  if (root === 'version' && rest.length === 0) return page(VERSION);
  if (root === 'api') return ofRoot(served(registry), ['', ...rest], request);
  if (root === 'apis') return ofRoot(served(registry), rest, request);
  return undefined;
}

/** `/healthz`, `/livez` and `/readyz` with their single checks. */
export function health(path: string): Answer | undefined {
  return /^\/(healthz|livez|readyz)(\/|$)/.test(path) ? { status: 200, text: 'ok' } : undefined;
}

/** Made for people. */
function page(json: unknown): Answer {
  return {
    status: 200,
    text: JSON.stringify(json, null, 2),
    headers: { 'content-type': 'application/json' },
  };
}

function ok(json: unknown): Answer {
  return { status: 200, json };
}

/** `rest`: group, version. The core group, whose name is empty, has a root of its own. */
function ofRoot(
  versions: readonly GroupVersion[],
  [name, version, ...more]: readonly string[],
  request: Request,
): Answer | undefined {
  if (more.length > 0) return undefined;
  if (version !== undefined) {
    const found = versions.find((one) => one.group === name && one.version === version);
    return found === undefined ? undefined : ok(resourceList(found));
  }
  if (name === undefined || name === '') return rootOf(versions, name, request);
  return versions.some((one) => one.group === name) ? ok(group(versions, name)) : undefined;
}

function rootOf(versions: readonly GroupVersion[], core: '' | undefined, request: Request): Answer {
  const ofThisRoot = versions.filter((one) => (one.group === '') === (core === ''));
  if (wantsAggregated(request)) {
    const { g, v, as } = AGGREGATED;
    return tagged(request, aggregated(ofThisRoot), `application/json;g=${g};v=${v};as=${as}`);
  }
  const address = request.headers[':authority'] ?? request.headers.host ?? '';
  return ok(core === '' ? coreVersions(String(address)) : groupList(ofThisRoot));
}

/** The first offer that can be met counts. */
function wantsAggregated({ headers }: Request): boolean {
  const offers = mediaTypes(headers.accept);
  const wished = offers.find(({ parameters }) => parameters.size === 0 || isAggregated(parameters));
  return wished !== undefined && isAggregated(wished.parameters);
}

function isAggregated(parameters: ReadonlyMap<string, string>): boolean {
  return Object.entries(AGGREGATED).every(([name, value]) => parameters.get(name) === value);
}

function paths(versions: readonly GroupVersion[]): readonly string[] {
  const grouped = versions
    .filter(({ group }) => group !== '')
    .flatMap(({ group, version }) => [`/apis/${group}`, `/apis/${group}/${version}`]);
  const fixed = [
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    '/healthz',
    '/livez',
    '/openapi/v3',
    '/readyz',
    '/version',
  ];
  return [...new Set([...fixed, ...grouped])].sort();
}
