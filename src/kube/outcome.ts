/** What a pass can come to. Pure. */

export type FailureKind = 'transient' | 'waiting' | 'stalled' | 'bug';

/**
 * Why a pass stopped short; made once, by the edge that saw the cause. `message` goes into conditions, events and
 * logs as it is: a stable sentence that names the remedy, never a value, a URL query, a header or a body.
 */
export type Failure = Readonly<{
  kind: FailureKind;
  reason: string;
  message: string;
  /** The wait that the other side asked for (Retry-After). */
  retryAfterMs?: number;
  /** Of a write: the other side certainly did not take the request. Absent where that is not known. */
  untaken?: true;
}>;

/**
 * What the queue does with the key next. `settle`: the back-off is forgotten and the key comes again after `resyncMs`
 * (absent: only when something changes). `retry`: again after the key's back-off. `retryAfter`: again after `ms`.
 * `forget`: the object is gone.
 */
export type Outcome =
  | Readonly<{ then: 'settle'; resyncMs?: number }>
  | Readonly<{ then: 'retry' }>
  | Readonly<{ then: 'retryAfter'; ms: number }>
  | Readonly<{ then: 'forget' }>;

/** What an edge (ALM, Kubernetes) rejects with. Its `cause` is for the log and has been stripped by the edge. */
export class EdgeError extends Error {
  override readonly name: string = 'EdgeError';
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(`${failure.reason}: ${failure.message}`, options);
    this.failure = failure;
  }
}
