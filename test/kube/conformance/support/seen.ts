/** What histories of watches have in common. */

import type { Seen } from './history.ts';
import { type Body, gadget } from './objects.ts';
import { get, post } from './requests.ts';

export const META = { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' };

export const HELD = { finalizers: ['conformance.example/hold'] };

export const WATCH_LIST = {
  sendInitialEvents: 'true',
  resourceVersionMatch: 'NotOlderThan',
  allowWatchBookmarks: 'true',
};

export const INITIAL_END = { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } };

export const versionOf = (object: Body): string => object.metadata.resourceVersion;

export const event = (type: string, name: string, more: object = {}, lacks: readonly string[] = []): Seen => [
  type,
  { ...more, metadata: { name, ...(more as Body).metadata } },
  lacks,
];

/** A watch of gadgets from the version of the last object given. */
export const fromLast =
  (query: Readonly<Record<string, string>> = {}, plural = 'gadgets') =>
  ({ last }: Readonly<{ last: Body }>) =>
    get(plural, { resourceVersion: versionOf(last), ...query });

export const tiered = (name: string, tier: string) => post('gadgets', gadget(name, {}, { labels: { tier } }));
