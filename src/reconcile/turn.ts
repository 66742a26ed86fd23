import type { Ask, Lane } from '../alm/line.ts';
import type { Limits, Turn } from '../alm/throttle.ts';
import type { ConnectionSpec } from '../api/almconnection.ts';
import type { ClientCredential } from '../api/clientcredential.ts';
import { fail } from '../domain/reasons.ts';
import type { AlmClient } from '../domain/record.ts';
import { type Shown, showsOwnFailure } from '../domain/verdict.ts';
import { jitterMs } from '../kube/backoff.ts';
import type { Failure, Outcome } from '../kube/outcome.ts';
import type { ObjectKey } from '../kube/types.ts';
import { statusOf } from './assess.ts';
import { type Attempt, attempt } from './attempt.ts';
import type { CredentialDeps } from './deps.ts';
import type { UsableSession } from './sessions.ts';
import { noteFailure } from './suspicion.ts';
import type { Wish } from './wish.ts';

/** Calls to ALM are made in turn. A pass whose turn it is not ends, and its key is woken when it is. */

/** As the connection has them, or resolved. */
export function limitsOf({ limits }: ConnectionSpec): Limits {
  const { requestsPerSecond = 50, burst = 100, concurrency = 8 } = limits ?? {};
  return { requestsPerSecond, burst, concurrency };
}

/** Not its turn. Without a failure it is not worth telling: a matter of moments, or the object tells more already. */
export type Held = Readonly<{ result: 'held'; failure: Failure | undefined }>;

type TurnDeps = Pick<CredentialDeps, 'throttles' | 'lane' | 'random'>;

export function takeTurn(
  connection: string,
  ask: Omit<Ask, 'lane'>,
  shown: Shown,
  { throttles, lane, random }: TurnDeps,
): Turn | Held {
  const throttle = throttles.of(connection);
  const entry = throttle.enter({ ...ask, lane });
  if (entry === 'later' || (entry === 'open' && showsOwnFailure(shown)))
    return { result: 'held', failure: undefined };
  if (entry === 'open') return { result: 'held', failure: { ...circuitOpen(connection), ...again(random) } };
  if (entry === 'resting') return { result: 'held', failure: { ...RESTING, ...again(random) } };
  return entry;
}

function circuitOpen(connection: string): Failure {
  return fail(
    'CircuitOpen',
    `calls through AlmConnection ${connection} failed for several clients, so that one is tried at a time until ALM ` +
      'answers again; look at the state of ALM and at the conditions of the AlmConnection',
  );
}

const RESTING: Failure = fail(
  'RateLimited',
  'ALM asked for patience (Retry-After), so that nothing is sent until that time is over; if it comes back, look at the ' +
    'state of ALM, or lower spec.limits of the AlmConnection',
);

/** The key is woken in its turn; wake-ups can be lost. */
function again(random: () => number): Pick<Failure, 'retryAfterMs'> {
  return { retryAfterMs: jitterMs(SLOW_MS, random()) };
}

const SLOW_MS = 30 * 60_000;

/** How long nothing is told of a breaker to an object that has nothing pending: most are closed again by then. */
const QUIET_MS = 10_000;

/** In how many milliseconds it is worth telling; 0 where it is. */
export function quietMs(connection: string, { throttles }: Pick<TurnDeps, 'throttles'>): number {
  return Math.max(0, QUIET_MS - throttles.of(connection).view().openMs);
}

/** What becomes of a pass that only has to wait a moment: its back-off, if it has one, is not forgotten. */
export function later({ random }: Pick<CredentialDeps, 'random'>): Outcome {
  return { then: 'retryAfter', ms: jitterMs(SLOW_MS, random()) };
}

/** The session as one pass uses it: what ALM answers is noted. */
export function witnessed<S extends UsableSession>(session: S, turn: Turn): S {
  const { client } = session;
  const seen =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const answer = await call(...args);
      turn.saw();
      return answer;
    };
  const { read, create, update, remove, prove } = client;
  const watched: AlmClient = {
    ...client,
    read: seen(read),
    create: seen(create),
    update: seen(update),
    remove: seen(remove),
    prove: seen(prove),
  };
  return { ...session, client: watched };
}

/** The pass's attempt, if it is its turn, and what that shows of ALM. */
export async function attemptInTurn(
  credential: ClientCredential,
  key: ObjectKey,
  wish: Wish,
  session: UsableSession,
  deps: CredentialDeps,
  signal: AbortSignal,
): Promise<Attempt | Held> {
  const { connection, want, self } = wish;
  const { clientId } = want;
  const { conditions = [] } = statusOf(credential);
  const shown = { conditions, generation: credential.metadata.generation };
  const turn = takeTurn(connection, { key, tenant: self.namespace, object: clientId }, shown, deps);
  if ('result' in turn) return turn;
  using held = turn;
  const tried = await attempt(credential, wish, witnessed(session, held), deps, signal);
  if (tried.result === 'failed') noteFailure(tried.failure, { connection, clientId }, deps);
  // A write counts for more than a proof that could not be had.
  if (tried.result === 'done' && tried.end.end === 'applied')
    deps.throttles.of(connection).answered(clientId);
  return tried;
}

/** Whatever a pass came to: the place that was kept for its key is free. */
export async function freeingPlace<T>(
  key: ObjectKey,
  { throttles, lane }: Readonly<{ throttles: TurnDeps['throttles']; lane: Lane }>,
  pass: () => Promise<T>,
): Promise<T> {
  try {
    return await pass();
  } finally {
    throttles.passed(lane, key);
  }
}
