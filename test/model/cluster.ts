import { isDeepStrictEqual } from 'node:util';
import jsonPatch, { type Operation } from 'fast-json-patch';
import { KubeError, type NewObject, type Patch } from '../../src/kube/client.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../../src/kube/types.ts';
import type { Pass } from './requests.ts';

/**
 * An API server: versions, uids, generations, finalizers, preconditions, ends of namespaces and of a kind. It remembers
 * every change, from which watches are fed and the oracle tells what could be known when.
 */

type Metadata = { -readonly [K in keyof KubeObject['metadata']]: KubeObject['metadata'][K] };
export type Stored = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: Readonly<Metadata>;
  spec?: Readonly<Record<string, unknown>>;
  status?: unknown;
  data?: Readonly<Record<string, string>>;
  type?: string;
}>;

/** `by` is undefined for what users do. */
export type Change = Readonly<{
  revision: number;
  plural: string;
  key: string;
  before: Stored | undefined;
  after: Stored | undefined;
  by: Pass | undefined;
}>;

export const CREDENTIALS = 'clientcredentials';
export const CONNECTIONS = 'almconnections';
export const CLAIMS = 'almclientclaims';
export const DEFINITIONS = 'customresourcedefinitions';

export class Cluster {
  readonly changes: Change[] = [];
  onChange: (change: Change) => void = () => undefined;
  readonly #objects = new Map<string, Map<string, Stored>>();
  readonly #wallMs: () => number;
  #uid = 0;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  get revision(): number {
    return 100 + this.changes.length;
  }

  get(plural: string, key: string): Stored | undefined {
    return this.#objects.get(plural)?.get(key);
  }

  list(plural: string): readonly Stored[] {
    return [...(this.#objects.get(plural)?.values() ?? [])];
  }

  /** What stood under the key at that revision and at any time since. */
  since(plural: string, key: string, revision: number): readonly Stored[] {
    const all = this.changes.filter((change) => change.plural === plural && change.key === key);
    const before = all.findLast((change) => change.revision <= revision)?.after;
    const later = all.filter((change) => change.revision > revision).map(({ after }) => after);
    return [before, ...later].filter((object) => object !== undefined);
  }

  /** A user creates or replaces. */
  apply(plural: string, object: NewObject & Pick<Stored, 'spec' | 'data' | 'type'>): Stored {
    const key = keyOf(object.metadata);
    const old = this.get(plural, key);
    const metadata = { ...old?.metadata, ...object.metadata } as Metadata;
    return this.#put(plural, { ...old, ...object, metadata }, undefined);
  }

  create(plural: string, object: NewObject & Pick<Stored, 'spec'>, by: Pass): Stored {
    const key = keyOf(object.metadata);
    if (this.get(plural, key) !== undefined) throw refusal(409, 'AlreadyExists');
    return this.#put(plural, object as unknown as Stored, by);
  }

  /** Deletes, or marks as deleted where finalizers hold it. */
  remove(plural: string, key: string, by?: Pass): void {
    const old = this.get(plural, key);
    if (old === undefined || old.metadata.deletionTimestamp !== undefined) return;
    const deletionTimestamp = this.#time();
    this.#put(plural, { ...old, metadata: { ...old.metadata, deletionTimestamp } }, by);
  }

  /** A user edits finalizers. */
  setFinalizers(plural: string, key: string, finalizers: readonly string[]): void {
    const old = this.get(plural, key);
    if (old !== undefined)
      this.#put(plural, { ...old, metadata: { ...old.metadata, finalizers } }, undefined);
  }

  /** A backup put into an empty cluster: other uids, no status. */
  restore(plural: string, { metadata, ...rest }: Stored): void {
    const { uid: _, deletionTimestamp: __, generation: ___, ...kept } = metadata;
    const { status: ____, ...object } = rest;
    this.#put(plural, { ...object, metadata: kept as Metadata }, undefined);
  }

  /** As if it had never been. */
  wipe(plural: string, key: string): void {
    const old = this.get(plural, key);
    if (old !== undefined) this.#note(plural, key, old, undefined, undefined);
  }

  patch(plural: string, ref: ObjectRef, patch: Patch, by: Pass): Stored {
    if (patch.type === 'json') return this.#put(plural, this.#jsonPatched(plural, ref, patch.body), by);
    const { metadata, spec } = patch.body as { metadata?: Partial<Metadata>; spec?: object };
    const old = this.existing(plural, ref, metadata);
    return this.#put(plural, { ...old, ...(spec && { spec: withoutNulls({ ...old.spec, ...spec }) }) }, by);
  }

  replaceStatus(plural: string, { metadata, status }: Pick<Stored, 'metadata' | 'status'>, by: Pass): Stored {
    const old = this.existing(plural, metadata, metadata);
    return this.#put(plural, { ...old, status }, by);
  }

  /** Refuses a stale precondition as an API server does. */
  existing(plural: string, ref: ObjectRef, { uid, resourceVersion }: Partial<Metadata> = {}): Stored {
    const object = this.get(plural, keyOf(ref));
    if (object === undefined) throw refusal(404, 'NotFound');
    const { metadata } = object;
    if (uid !== undefined && uid !== metadata.uid) throw refusal(409, 'Conflict');
    if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
      throw refusal(409, 'Conflict');
    return object;
  }

  /** Refuses as a whole where one test fails; a test for null holds where nothing is. */
  #jsonPatched(plural: string, ref: ObjectRef, body: readonly unknown[]): Stored {
    const old = this.existing(plural, ref);
    const none = old.metadata.finalizers === undefined;
    const operations = (body as readonly Operation[]).filter(
      (operation) => !(none && operation.op === 'test' && operation.value === null),
    );
    try {
      const next = jsonPatch.applyPatch(structuredClone(old), operations).newDocument;
      const grew = (next.metadata.finalizers ?? []).length > (old.metadata.finalizers ?? []).length;
      if (!grew || old.metadata.deletionTimestamp === undefined) return next;
    } catch (error) {
      if (!(error instanceof jsonPatch.JsonPatchError)) throw error;
    }
    throw refusal(422, 'Invalid');
  }

  /** Stores, counts generations, and lets go what is deleted and held by nothing. */
  #put(plural: string, object: Stored, by: Pass | undefined): Stored {
    const key = keyOf(object.metadata);
    const old = this.get(plural, key);
    const next: Stored = JSON.parse(JSON.stringify({ ...object, metadata: this.#identity(object, old) }));
    if (old !== undefined && isDeepStrictEqual(next, old)) return old;
    const { finalizers = [], deletionTimestamp } = next.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0 && !this.#isFull(plural, next)) {
      this.#note(plural, key, old, undefined, by);
      return next;
    }
    const resourceVersion = String(this.revision + 1);
    const stored = { ...next, metadata: { ...next.metadata, resourceVersion } };
    this.#note(plural, key, old, stored, by);
    return stored;
  }

  #identity({ metadata, spec }: Stored, old: Stored | undefined): Metadata {
    const changed = !isDeepStrictEqual(old?.spec, spec === undefined ? undefined : plain(spec));
    const ends = old?.metadata.deletionTimestamp !== metadata.deletionTimestamp;
    if (old === undefined) this.#uid += 1;
    return {
      ...metadata,
      uid: old?.metadata.uid ?? `uid-${this.#uid}`,
      creationTimestamp: old?.metadata.creationTimestamp ?? this.#time(),
      generation: (old?.metadata.generation ?? 0) + (changed || ends ? 1 : 0),
      resourceVersion: old?.metadata.resourceVersion ?? '',
    };
  }

  #time(): string {
    return `${new Date(this.#wallMs()).toISOString().slice(0, 19)}Z`;
  }

  /** A namespace goes when it is empty, and a kind when nothing of it is left. */
  #isFull(plural: string, { metadata }: Stored): boolean {
    if (plural === DEFINITIONS) return this.list(CREDENTIALS).length > 0;
    if (plural !== 'namespaces') return false;
    return [CREDENTIALS, 'secrets'].some((kind) =>
      this.list(kind).some((object) => object.metadata.namespace === metadata.name),
    );
  }

  #note(
    plural: string,
    key: string,
    before: Stored | undefined,
    after: Stored | undefined,
    by: Pass | undefined,
  ): void {
    const kind = this.#objects.get(plural) ?? new Map<string, Stored>();
    this.#objects.set(plural, kind);
    if (after === undefined) kind.delete(key);
    else kind.set(key, after);
    const change = { revision: this.revision + 1, plural, key, before, after, by };
    this.changes.push(change);
    this.onChange(change);
    if (after === undefined) this.#collect();
  }

  #collect(): void {
    for (const plural of [DEFINITIONS, 'namespaces']) {
      for (const object of this.list(plural)) {
        const going = object.metadata.deletionTimestamp !== undefined && !this.#isFull(plural, object);
        if (going) this.#note(plural, keyOf(object.metadata), object, undefined, undefined);
      }
    }
  }
}

function refusal(status: number, reason: string): KubeError {
  return new KubeError({ status, reason, message: reason });
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function withoutNulls(spec: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null));
}
