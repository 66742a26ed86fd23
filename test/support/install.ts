/** What every cluster of this project starts with: its kinds, established and served, and the operator's namespace. */

import { readdir, readFile } from 'node:fs/promises';
import type { Api } from './kubectl/client.ts';
import { OWN_KINDS } from './kubectl/kinds.ts';
import { hasCondition, type Manifest } from './kubectl/objects.ts';

export const OPERATOR_NAMESPACE = 'alm-operator';

const CRDS = new URL('../../crds/', import.meta.url);
const LIMIT_MS = 30_000;

/** Applies, so that it may be done again; resolves when objects of all kinds can be made. */
export async function installKinds(api: Api): Promise<void> {
  const texts = await crdTexts();
  const crds = (await Promise.all(texts.map((text) => api.apply(text)))).flat();
  await Promise.all(crds.map(({ metadata }) => established(api, metadata.name)));
  const metadata = { name: OPERATOR_NAMESPACE };
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata } satisfies Manifest);
  await Promise.all(OWN_KINDS.map((kind) => served(api, kind)));
}

async function crdTexts(): Promise<readonly string[]> {
  const files = (await readdir(CRDS)).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(files.map((file) => readFile(new URL(file, CRDS), 'utf8')));
}

async function established(api: Api, name: string): Promise<void> {
  await api.waitFor('CustomResourceDefinition', '', name, hasCondition('Established', 'True'), {
    what: 'the kind to be established',
    timeoutMs: LIMIT_MS,
  });
}

/** For a moment after Established a list is answered 429 or 404; the wait takes that for a lost watch. */
async function served(api: Api, kind: string): Promise<void> {
  await api.waitForAll(kind, undefined, () => true, { what: 'a list', timeoutMs: LIMIT_MS });
}
