/** Lists in pages and watches, as a reflector needs them. */

import type { KubeError } from './client.ts';
import { isRecord } from './decode.ts';
import { parseLines } from './ndjson.ts';
import { collectionPath } from './path.ts';
import { errorOfAnswer, errorOfStatus, type Subject } from './status.ts';
import type { Call, Transport } from './transport.ts';
import type { Resource } from './types.ts';

/** What is read: one kind, in one namespace or all, narrowed by selectors. */
export type Scope = Readonly<{
  resource: Resource;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /**
   * Asks for PartialObjectMetadata, so that no data crosses the wire. Annotations do, and kubectl writes values into
   * one: they are dropped as soon as they are read.
   */
  metadataOnly?: boolean;
}>;

export type Page = Readonly<{ items: readonly unknown[]; resourceVersion: string }>;

export type WatchEvent = Readonly<{
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: Readonly<Record<string, unknown>>;
}>;

export type WatchQuery = Readonly<{
  resourceVersion?: string;
  timeoutSeconds: number;
  /** WatchList: the stream begins with the state of now, up to a bookmark annotated as its end. */
  initialEvents: boolean;
}>;

/** Every failure is a KubeError or the signal's reason; an ERROR event is one too, with the code of its Status. */
export type KubeReader = Readonly<{
  /** A consistent list, most recent at its start. A 410 between pages means that it has to begin again. */
  pages(scope: Scope, signal: AbortSignal): AsyncIterable<Page>;
  /**
   * Ends where the server ends it. Has to be iterated, to its end or to a break. `opened` is called once the server has
   * taken the watch, which may be long before the first event.
   */
  watch(scope: Scope, query: WatchQuery, signal: AbortSignal, opened?: () => void): AsyncIterable<WatchEvent>;
}>;

const PAGE = '500';
const LONGEST_LINE_BYTES = 16 * 2 ** 20;

export function createKubeReader(transport: Transport): KubeReader {
  return {
    pages: (scope, signal) => pages(transport, scope, signal),
    watch: (scope, query, signal, opened) => watch(transport, scope, query, signal, opened),
  };
}

async function* pages(transport: Transport, scope: Scope, signal: AbortSignal): AsyncGenerator<Page> {
  let next: string | undefined;
  do {
    const call: Call = {
      verb: 'list',
      method: 'GET',
      resource: scope.resource,
      path: collectionPath(scope.resource, scope.namespace),
      query: { ...selectorsOf(scope), limit: PAGE, continue: next },
      ...acceptOf(scope, 'PartialObjectMetadataList'),
    };
    const list = await transport.request(call, signal);
    const { page, after } = pageOf(call, list, scope);
    yield page;
    next = after;
  } while (next !== undefined);
}

function pageOf(
  call: Call,
  list: unknown,
  scope: Scope,
): Readonly<{ page: Page; after: string | undefined }> {
  const metadata = isRecord(list) && isRecord(list['metadata']) ? list['metadata'] : {};
  const items = isRecord(list) ? (list['items'] ?? []) : undefined;
  const { resourceVersion, continue: after } = metadata;
  if (!Array.isArray(items) || typeof resourceVersion !== 'string') {
    throw errorOfAnswer(call, 'MalformedAnswer', 'the answer is not a list');
  }
  const named = items.map((item) => reduced(withKind(item, call.resource), scope));
  return {
    page: { items: named, resourceVersion },
    after: typeof after === 'string' && after !== '' ? after : undefined,
  };
}

/** Items of a list of a built-in kind do not name their kind. */
function withKind(item: unknown, { group, version, kind }: Resource): unknown {
  if (!isRecord(item) || item['kind'] !== undefined) return item;
  return { ...item, apiVersion: group === '' ? version : `${group}/${version}`, kind };
}

async function* watch(
  transport: Transport,
  scope: Scope,
  query: WatchQuery,
  signal: AbortSignal,
  opened: () => void = () => undefined,
): AsyncGenerator<WatchEvent> {
  const call: Call = {
    verb: 'watch',
    method: 'GET',
    resource: scope.resource,
    path: collectionPath(scope.resource, scope.namespace),
    query: { ...selectorsOf(scope), ...watchParameters(query) },
    ...acceptOf(scope, 'PartialObjectMetadata'),
  };
  const chunks = await transport.stream(call, signal);
  opened();
  const interpret = (line: unknown) => eventOf(call, line, scope);
  try {
    yield* parseLines(chunks, LONGEST_LINE_BYTES, interpret);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      throw errorOfAnswer(call, 'MalformedEvent', error.message);
    }
    throw error;
  }
}

function watchParameters({ resourceVersion, timeoutSeconds, initialEvents }: WatchQuery) {
  return {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(timeoutSeconds),
    resourceVersion,
    ...(initialEvents && { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }),
  };
}

function selectorsOf({ labelSelector, fieldSelector }: Scope) {
  return { labelSelector, fieldSelector };
}

/** Without a fallback to plain JSON: a server that cannot leave the values out has to say so. */
function acceptOf({ metadataOnly }: Scope, as: string): Readonly<{ accept?: string }> {
  return metadataOnly === true ? { accept: `application/json;as=${as};g=meta.k8s.io;v=v1` } : {};
}

function eventOf(subject: Subject, line: unknown, scope: Scope): WatchEvent {
  if (!isRecord(line) || !isRecord(line['object'])) throw malformed(subject);
  const { type, object } = line;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: reduced(object, scope) };
    // The end of the initial events is marked by an annotation.
    case 'BOOKMARK':
      return { type, object };
    case 'ERROR':
      throw errorOfStatus(subject, object);
    default:
      throw malformed(subject);
  }
}

function reduced<T>(object: T, { metadataOnly }: Scope): T | Readonly<Record<string, unknown>> {
  if (metadataOnly !== true || !isRecord(object) || !isRecord(object['metadata'])) return object;
  const { apiVersion, kind, metadata } = object;
  const { annotations: _values, managedFields: _fields, ...rest } = metadata as Record<string, unknown>;
  return { apiVersion, kind, metadata: rest };
}

function malformed(subject: Subject): KubeError {
  return errorOfAnswer(subject, 'MalformedEvent', 'a line is not a watch event');
}
