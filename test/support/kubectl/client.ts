/** A small kubectl for tests: apply with its annotation, plain verbs, and waiting on a watch. */

import { parseAllDocuments } from 'yaml';
import type { UpstreamOptions } from '../gate/upstream.ts';
import { annotated, applyPatch } from './apply.ts';
import { follow, type Patience } from './follow.ts';
import { ApiError, type ApiHttp, type Call, openHttp } from './http.ts';
import { type Kind, kindOf, pathOf } from './kinds.ts';
import type { Live, Manifest } from './objects.ts';

export type PatchBody =
  | Readonly<{ type: 'merge'; body: unknown }>
  | Readonly<{ type: 'json'; body: readonly unknown[] }>;

/** The namespace of a cluster-scoped kind is left out of the path, whatever is given. */
export type Api = Readonly<{
  /** Like client-side `kubectl apply --validate`: one object, or the documents of a YAML text in order. */
  apply(input: string | Manifest): Promise<readonly Live[]>;
  create<T = Live>(manifest: Manifest): Promise<T>;
  get<T = Live>(kind: string | Kind, namespace: string, name: string): Promise<T>;
  /** All namespaces without one. */
  list<T = Live>(kind: string | Kind, namespace?: string, labelSelector?: string): Promise<readonly T[]>;
  /** PUT of the whole object, to a subresource if one is named. */
  replace<T = Live>(object: Manifest | Live, subresource?: string): Promise<T>;
  patch<T = Live>(
    kind: string | Kind,
    namespace: string,
    name: string,
    patch: PatchBody,
    subresource?: string,
  ): Promise<T>;
  /** No error where there is nothing to delete. */
  delete(
    kind: string | Kind,
    namespace: string,
    name: string,
    propagationPolicy?: 'Background' | 'Foreground' | 'Orphan',
  ): Promise<void>;
  /** Resolves with the object once the predicate holds. */
  waitFor<T extends Live = Live>(
    kind: string | Kind,
    namespace: string,
    name: string,
    predicate: (object: T) => boolean,
    patience: Patience,
  ): Promise<T>;
  waitGone(kind: string | Kind, namespace: string, name: string, patience?: Patience): Promise<void>;
  /** The same for all objects of a namespace together, or of all namespaces. */
  waitForAll<T extends Live = Live>(
    kind: string | Kind,
    namespace: string | undefined,
    predicate: (objects: readonly T[]) => boolean,
    patience: Patience,
  ): Promise<readonly T[]>;
  /** The events.k8s.io/v1 Events of a namespace, or of all. */
  events(namespace?: string): Promise<readonly Live[]>;
  /** Any other request. */
  raw(call: Call): Promise<unknown>;
  close(): Promise<void>;
}>;

const APPLY_QUERY = { fieldManager: 'kubectl-client-side-apply', fieldValidation: 'Strict' };
const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
} as const;

export function connectApi(options: UpstreamOptions): Api {
  const http = openHttp(options);
  return { ...verbs(http), ...waits(http), raw: http.call, close: http.close };
}

function verbs(http: ApiHttp): Omit<Api, 'waitFor' | 'waitForAll' | 'waitGone' | 'raw' | 'close'> {
  const list = async (kind: string | Kind, namespace?: string, labelSelector?: string) => {
    const path = pathOf(kindOf(kind), { namespace });
    const answer = await http.call({ path, query: { labelSelector } });
    return (answer as { items: readonly Live[] }).items;
  };
  return {
    apply: async (input) => {
      const applied = [];
      for (const manifest of manifestsOf(input)) applied.push(await apply(http, manifest));
      return applied;
    },
    create: async <T>(manifest: Manifest) =>
      (await http.call({ method: 'POST', path: homeOf(manifest), body: manifest })) as T,
    get: async <T>(kind: string | Kind, namespace: string, name: string) =>
      (await http.call({ path: pathOf(kindOf(kind), { namespace, name }) })) as T,
    list: async <T>(kind: string | Kind, namespace?: string, labelSelector?: string) =>
      (await list(kind, namespace, labelSelector)) as readonly T[],
    replace: async <T>(object: Manifest | Live, subresource?: string) => {
      const { namespace, name } = object.metadata;
      const place = { namespace, name, ...(subresource === undefined ? {} : { subresource }) };
      return (await http.call({
        method: 'PUT',
        path: pathOf(kindOf(object.kind), place),
        body: object,
      })) as T;
    },
    patch: async <T>(
      kind: string | Kind,
      namespace: string,
      name: string,
      { type, body }: PatchBody,
      subresource?: string,
    ) => {
      const place = { namespace, name, ...(subresource === undefined ? {} : { subresource }) };
      const path = pathOf(kindOf(kind), place);
      return (await http.call({ method: 'PATCH', path, body, contentType: PATCH_TYPES[type] })) as T;
    },
    delete: async (kind, namespace, name, propagationPolicy = 'Background') => {
      const path = pathOf(kindOf(kind), { namespace, name });
      await orMissing(http.call({ method: 'DELETE', path, body: { propagationPolicy } }));
    },
    events: (namespace) => list('Event', namespace),
  };
}

function waits(http: ApiHttp): Pick<Api, 'waitFor' | 'waitForAll' | 'waitGone'> {
  return {
    waitFor: async <T extends Live>(
      kind: string | Kind,
      namespace: string,
      name: string,
      predicate: (object: T) => boolean,
      patience: Patience,
    ) => {
      const scope = { kind: kindOf(kind), namespace, name };
      const holds = (objects: ReadonlyMap<string, Live>) =>
        [...objects.values()].some((object) => predicate(object as T));
      const [found] = [...(await follow(http, scope, holds, patience)).values()];
      return found as T;
    },
    waitForAll: async <T extends Live>(
      kind: string | Kind,
      namespace: string | undefined,
      predicate: (objects: readonly T[]) => boolean,
      patience: Patience,
    ) => {
      const holds = (objects: ReadonlyMap<string, Live>) =>
        predicate([...objects.values()] as readonly Live[] as T[]);
      const found = await follow(http, { kind: kindOf(kind), namespace }, holds, patience);
      return [...found.values()] as readonly Live[] as readonly T[];
    },
    waitGone: async (kind, namespace, name, patience = { what: 'its end' }) => {
      await follow(http, { kind: kindOf(kind), namespace, name }, (objects) => objects.size === 0, patience);
    },
  };
}

async function apply(http: ApiHttp, manifest: Manifest): Promise<Live> {
  const path = `${homeOf(manifest)}/${manifest.metadata.name}`;
  const live = (await orMissing(http.call({ path }))) as Live | undefined;
  if (live === undefined) {
    const body = annotated(manifest);
    return (await http.call({ method: 'POST', path: homeOf(manifest), query: APPLY_QUERY, body })) as Live;
  }
  const body = applyPatch(manifest, live);
  if (body === undefined) return live;
  const contentType = PATCH_TYPES.merge;
  return (await http.call({ method: 'PATCH', path, query: APPLY_QUERY, body, contentType })) as Live;
}

function homeOf({ kind, metadata: { namespace } }: Manifest): string {
  return pathOf(kindOf(kind), { namespace });
}

function manifestsOf(input: string | Manifest): readonly Manifest[] {
  if (typeof input !== 'string') return [input];
  return parseAllDocuments(input)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

async function orMissing(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
