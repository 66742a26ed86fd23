/**
 * What passes tell of for metrics. None of it is needed for correctness. Connections are bounded; names of objects,
 * namespaces and clients never come this way.
 */
export type Observer = Readonly<{
  /** A look at ALM showed something else than what it had taken. */
  driftFound(connection: string): void;
  driftRepaired(connection: string): void;
  /** A login with a client's own secret, after a write or at a resync. */
  proof(
    connection: string,
    result: 'accepted' | 'refused' | 'grantMissing' | 'cannotAsk' | 'unreached',
  ): void;
  /** A new generated secret was published. */
  rotated(cause: 'first' | 'lost' | 'due' | 'requested'): void;
  /** ALM took a change `ms` after it was seen here. */
  arrived(connection: string, change: Change, ms: number): void;
}>;

/** Of the Secret that an object names, or of the object's own spec. */
export type Change = 'secret' | 'spec';

export const unobserved: Observer = {
  driftFound: () => undefined,
  driftRepaired: () => undefined,
  proof: () => undefined,
  rotated: () => undefined,
  arrived: () => undefined,
};
