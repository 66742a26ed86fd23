import type { KubeObject, ObjectRef, Resource } from './types.ts';

/** One cause of a refused write, as `details.causes` of a Status gives it. */
export type StatusCause = Readonly<{ reason: string; message: string; field: string }>;

/**
 * What the API server, or the way to it, answered instead of the object. `status` 0 means that no answer came;
 * `reason` is then the transport's code (ECONNREFUSED, UND_ERR_HEADERS_TIMEOUT, …). The message never carries a body:
 * a refused Secret write may echo the Secret.
 */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly StatusCause[];

  constructor(
    answer: Readonly<{
      status: number;
      reason: string;
      message: string;
      retryAfterMs?: number;
      causes?: readonly StatusCause[];
    }>,
    options?: ErrorOptions,
  ) {
    super(answer.message, options);
    this.status = answer.status;
    this.reason = answer.reason;
    this.retryAfterMs = answer.retryAfterMs;
    this.causes = answer.causes ?? [];
  }
}

/** The verbs that `patch` may send, by content type. */
export type Patch = Readonly<{ type: 'merge'; body: unknown } | { type: 'json'; body: readonly unknown[] }>;

/** An object about to be created: no uid and no version yet. */
export type NewObject = Readonly<{
  apiVersion: string;
  kind: string;
  metadata: Readonly<{ name: string; namespace?: string }> & Readonly<Record<string, unknown>>;
}>;

/**
 * Single requests to the API server. Every method has a time limit of its own besides the caller's signal, rejects
 * with KubeError (or with the signal's reason), and never retries: the workqueue does.
 */
export type KubeClient = Readonly<{
  get<T extends KubeObject>(resource: Resource, ref: ObjectRef, signal: AbortSignal): Promise<T>;
  create<T extends KubeObject>(resource: Resource, object: NewObject, signal: AbortSignal): Promise<T>;
  /** PUT with the body's uid and resourceVersion as preconditions: 409 where either moved on. */
  replace<T extends KubeObject>(resource: Resource, object: KubeObject, signal: AbortSignal): Promise<T>;
  replaceStatus<T extends KubeObject>(
    resource: Resource,
    object: KubeObject,
    signal: AbortSignal,
  ): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource,
    ref: ObjectRef,
    patch: Patch,
    signal: AbortSignal,
  ): Promise<T>;
  /** Deletes exactly the object seen: 409 where its uid or version is another by now. */
  delete(
    resource: Resource,
    ref: ObjectRef,
    preconditions: Readonly<{ uid: string; resourceVersion?: string }>,
    signal: AbortSignal,
  ): Promise<void>;
}>;
