import { applyPatch, JsonPatchError, type Operation } from 'fast-json-patch';
import { type KubeClient, KubeError, type NewObject, type Patch } from '../../src/kube/client.ts';
import type { KubeObject, ObjectRef, Resource } from '../../src/kube/types.ts';

/**
 * An API server in a map: versions, uids, generations, finalizers and preconditions, and nothing else. Every request is
 * written down in the words of a pass, and any of them can be made to fail before or after it took effect.
 */

export type Stored = KubeObject & {
  metadata: { -readonly [K in keyof KubeObject['metadata']]: KubeObject['metadata'][K] };
} & {
  spec?: unknown;
  status?: unknown;
};

/** Without an error the process dies there. */
export type Break = Readonly<{ at: string; when: 'before' | 'after'; error?: unknown }>;

export function conflict(): KubeError {
  return new KubeError({ status: 409, reason: 'Conflict', message: 'the object has been modified' });
}

export function unavailable(): KubeError {
  return new KubeError({
    status: 503,
    reason: 'ServiceUnavailable',
    message: 'starting up',
    retryAfterMs: 1000,
  });
}

export class Cluster {
  readonly objects = new Map<string, Stored>();
  /** What was asked of the API server and of ALM, in order. */
  readonly steps: string[] = [];
  readonly breaks: Break[] = [];
  /** Runs before a step, as another client would. */
  readonly meanwhile = new Map<string, () => void>();
  dead = false;
  #version = 100;
  #uid = 0;

  /** Notes a step, and does it unless it was to fail. */
  async step<T>(name: string, effect: () => T): Promise<T> {
    if (this.dead) throw new Error('the process is dead');
    const interfere = this.meanwhile.get(name);
    this.meanwhile.delete(name);
    interfere?.();
    this.steps.push(name);
    const index = this.breaks.findIndex(({ at }) => at === name);
    const [fault] = index < 0 ? [] : this.breaks.splice(index, 1);
    if (fault?.when === 'before') this.#breakBy(fault);
    const result = effect();
    await Promise.resolve();
    if (fault?.when === 'after') this.#breakBy(fault);
    return result;
  }

  #breakBy({ error }: Break): never {
    this.dead = error === undefined;
    throw error ?? new Error('the process was killed');
  }

  /** kubectl apply: creates, or replaces spec, labels and annotations. */
  put(plural: string, object: NewObject & { spec?: unknown; data?: unknown; type?: string }): Stored {
    const key = keyOf(plural, object.metadata);
    const old = this.objects.get(key);
    const changed = JSON.stringify(old?.spec) !== JSON.stringify(object.spec);
    return this.#store(key, {
      ...old,
      ...object,
      metadata: {
        ...old?.metadata,
        ...object.metadata,
        uid: old?.metadata.uid ?? this.#newUid(),
        generation: (old?.metadata.generation ?? 0) + (changed || old === undefined ? 1 : 0),
        resourceVersion: '',
      },
    });
  }

  /** kubectl delete: waits for finalizers. */
  drop(plural: string, ref: ObjectRef): void {
    const key = keyOf(plural, ref);
    const old = this.objects.get(key);
    if (old === undefined) return;
    if ((old.metadata.finalizers ?? []).length === 0) {
      this.objects.delete(key);
      return;
    }
    const deletionTimestamp = '2026-03-01T12:00:00Z';
    this.#store(key, {
      ...old,
      metadata: { ...old.metadata, deletionTimestamp, generation: (old.metadata.generation ?? 0) + 1 },
    });
  }

  /** The garbage collector: whatever was owned goes with the last of its owners. */
  collect(): void {
    const uids = () => new Set([...this.objects.values()].map(({ metadata }) => metadata.uid));
    const isOrphan = ({ metadata }: Stored, there: ReadonlySet<string>) => {
      const owners = metadata.ownerReferences ?? [];
      return owners.length > 0 && owners.every(({ uid }) => !there.has(uid));
    };
    for (let before = -1; before !== this.objects.size; ) {
      before = this.objects.size;
      const there = uids();
      for (const [key, object] of this.objects) if (isOrphan(object, there)) this.objects.delete(key);
    }
  }

  of(plural: string): readonly Stored[] {
    return [...this.objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object);
  }

  one(plural: string, name: string): Stored | undefined {
    return this.of(plural).find(({ metadata }) => metadata.name === name);
  }

  /** A stale precondition is refused as an API server would. */
  #existing(resource: Resource, ref: ObjectRef, uid?: string, version?: string): Stored {
    const object = this.objects.get(keyOf(resource.plural, ref));
    if (object === undefined) {
      throw new KubeError({
        status: 404,
        reason: 'NotFound',
        message: `${resource.plural} ${ref.name} not found`,
      });
    }
    if (uid !== undefined && uid !== object.metadata.uid) throw conflict();
    if (version !== undefined && version !== object.metadata.resourceVersion) throw conflict();
    return object;
  }

  #newUid(): string {
    this.#uid += 1;
    return `uid-${this.#uid}`;
  }

  #store(key: string, object: Stored): Stored {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    const stored = overTheWire({ ...object, metadata });
    this.objects.set(key, stored);
    return stored;
  }

  #patch(resource: Resource, ref: ObjectRef, patch: Patch): Stored {
    const next =
      patch.type === 'json'
        ? this.#jsonPatched(resource, ref, patch.body)
        : this.#merged(resource, ref, patch.body);
    const key = keyOf(resource.plural, ref);
    if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) {
      this.objects.delete(key);
      return next;
    }
    return this.#store(key, next);
  }

  #merged(resource: Resource, ref: ObjectRef, patch: unknown): Stored {
    const body = structuredClone(patch) as { metadata?: Partial<Stored['metadata']>; spec?: object };
    const { uid, resourceVersion, ...metadata } = body.metadata ?? {};
    const old = this.#existing(resource, ref, uid, resourceVersion);
    return {
      ...old,
      metadata: { ...old.metadata, ...metadata },
      ...(body.spec !== undefined && { spec: merged(old.spec as object, body.spec) }),
    };
  }

  /** Refuses as a whole where one test fails, with the 422 of a server; a test for null holds where nothing is. */
  #jsonPatched(resource: Resource, ref: ObjectRef, patch: readonly unknown[]): Stored {
    const old = this.#existing(resource, ref);
    const none = old.metadata.finalizers === undefined;
    const operations = (patch as readonly Operation[]).filter(
      (operation) => !(none && operation.op === 'test' && operation.value === null),
    );
    try {
      const next = applyPatch(structuredClone(old), operations).newDocument;
      const grew = (next.metadata.finalizers ?? []).length > (old.metadata.finalizers ?? []).length;
      if (!grew || old.metadata.deletionTimestamp === undefined) return next;
    } catch (error) {
      if (!(error instanceof JsonPatchError)) throw error;
    }
    throw new KubeError({ status: 422, reason: 'Invalid', message: 'the request is in error' });
  }

  client(): KubeClient {
    const answer = <T>(object: Stored) => structuredClone(object) as unknown as T;
    return {
      get: (resource, ref) =>
        this.step(`read ${wordFor(resource, ref)}`, () => answer(this.#existing(resource, ref))),
      create: (resource, object) =>
        this.step(`create ${wordFor(resource, object.metadata)}`, () => {
          if (this.objects.has(keyOf(resource.plural, object.metadata))) {
            throw new KubeError({ status: 409, reason: 'AlreadyExists', message: 'already exists' });
          }
          return answer(this.put(resource.plural, object));
        }),
      replace: (resource, object) =>
        this.step(`replace ${wordFor(resource, object.metadata)}`, () => {
          const { uid, resourceVersion } = object.metadata;
          const old = this.#existing(resource, object.metadata, uid, resourceVersion);
          return answer(this.#store(keyOf(resource.plural, object.metadata), { ...old, ...object }));
        }),
      replaceStatus: (resource, object) =>
        this.step('status', () => {
          const { uid, resourceVersion } = object.metadata;
          const old = this.#existing(resource, object.metadata, uid, resourceVersion);
          const { status } = object as Stored;
          return answer(this.#store(keyOf(resource.plural, object.metadata), { ...old, status }));
        }),
      patch: (resource, ref, patch) =>
        this.step(patchWord(resource, patch), () => answer(this.#patch(resource, ref, patch))),
      delete: (resource, ref, { uid, resourceVersion }) =>
        this.step(`delete ${wordFor(resource, ref)}`, () => {
          this.#existing(resource, ref, uid, resourceVersion);
          this.objects.delete(keyOf(resource.plural, ref));
        }),
    };
  }
}

/** Members that are undefined are absent. */
function overTheWire<T>(object: T): T {
  return JSON.parse(JSON.stringify(object));
}

/** A merge patch (RFC 7396): null takes away, objects are merged, all else takes the place of what was there. */
function merged(old: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const next: Record<string, unknown> = isObject(old) ? { ...old } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete next[key];
    else if (value !== undefined) next[key] = merged(next[key], value);
  }
  return next;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keyOf(plural: string, { namespace, name }: ObjectRef): string {
  return `${plural}/${namespace}/${name}`;
}

/** A Secret that bears the name of a claim is a staged one. */
function wordFor({ plural, kind }: Resource, { name }: ObjectRef): string {
  if (plural === 'secrets') return /-[a-z2-7]{26}$/.test(name) ? 'staged' : kind;
  const words: Readonly<Record<string, string>> = {
    almclientclaims: 'claim',
    clientcredentials: 'object',
    customresourcedefinitions: 'definition',
  };
  return words[plural] ?? kind;
}

function patchWord({ plural }: Resource, { body }: Patch): string {
  if (plural === 'almclientclaims') {
    const { phase, rotation } = (body as { spec?: { phase?: string; rotation?: object } }).spec ?? {};
    return `claim ${phase ?? (rotation && 'rotation')}`;
  }
  return (body as readonly { op: string }[]).some(({ op }) => op === 'add')
    ? 'add finalizer'
    : 'remove finalizer';
}
