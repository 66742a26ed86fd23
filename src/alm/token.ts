/**
 * The operator's own access token: one login in flight however many callers want it, renewed before it ends,
 * and renewed at once when ALM refuses it.
 *
 *   nothing held ──login──▶ held ──80 % of life, or 60 s before its end──▶ refresh, else login ──▶ held
 *                             └───refused by ALM (renewed)───────────────▶ login ────────────────▶ held
 *
 * Tokens that name no life stay until they are refused; a token whose life is over on arrival serves the
 * callers that waited for it and nobody else.
 */

import { EdgeError, type Failure } from '../kube/outcome.ts';
import type { Sensitive } from '../sensitive.ts';
import { classifyLogin } from './login.ts';
import type { AlmClientOptions, Auth } from './options.ts';
import type { Transport } from './transport.ts';
import { basic, formBody, type IssuedToken } from './wire.ts';

export type LoginAuth = Exclude<Auth, { kind: 'none' }>;

export type TokenSource = Readonly<{
  /** The token held, or a new one. */
  current(signal: AbortSignal): Promise<Sensitive>;
  /**
   * Another token than `refused`, which ALM answered with 401; callers that were refused together share one
   * login. Undefined where another login would hardly help: the last one did not help this asker, although others
   * are served; or it has helped nobody so far, and was a moment ago.
   */
  renewed(refused: Sensitive, asker: string, signal: AbortSignal): Promise<Sensitive | undefined>;
  /** ALM answered the asker's call with something else than 401. */
  accepted(token: Sensitive, asker: string): void;
  /** ALM answered 401 also to the token that this asker had renewed. */
  unhelpful(asker: string): void;
  /** A token of a login that is not over yet when this is called. */
  fresh(signal: AbortSignal): Promise<Sensitive>;
}>;

type Held = Readonly<{ token: Sensitive; renewAtMs: number; refresh?: Sensitive }>;

/** A login under way. Ends by itself, or when the last of its callers has gone. */
type Flight = { readonly held: Promise<Held>; readonly abandon: AbortController; waiting: number };

export function createTokenSource(
  auth: LoginAuth,
  transport: Pick<Transport, 'send'>,
  now: AlmClientOptions['now'],
): TokenSource {
  let held: Held | undefined;
  const help = createHelp(now);
  let flight: Flight | undefined;

  function takeOff(refresh?: Sensitive): Flight {
    const abandon = new AbortController();
    const login = logIn(auth, { transport, now, refresh, signal: abandon.signal });
    const started: Flight = { held: login, abandon, waiting: 0 };
    flight = started;
    login.then(
      (arrived) => land(started, arrived),
      () => land(started, held),
    );
    return started;
  }

  function land(ended: Flight, holding: Held | undefined): void {
    if (flight !== ended) return;
    flight = undefined;
    held = holding;
  }

  function leave(left: Flight): void {
    left.waiting -= 1;
    if (left.waiting > 0) return;
    if (flight === left) flight = undefined;
    left.abandon.abort();
  }

  async function board(boarded: Flight, signal: AbortSignal): Promise<Sensitive> {
    boarded.waiting += 1;
    try {
      const { token } = await untilAborted(boarded.held, signal);
      return token;
    } finally {
      leave(boarded);
    }
  }

  return {
    current: async (signal) => {
      signal.throwIfAborted();
      if (flight === undefined && held !== undefined && now() < held.renewAtMs) return held.token;
      return board(flight ?? takeOff(held?.refresh), signal);
    },
    renewed: async (refused, asker, signal) => {
      signal.throwIfAborted();
      if (flight === undefined) {
        if (held !== undefined && held.token !== refused) return held.token;
        if (!help.isLikely(asker)) return undefined;
        help.sought();
        held = undefined;
      }
      return board(flight ?? takeOff(), signal);
    },
    accepted: (token, asker) => help.accepted(held?.token === token, asker),
    unhelpful: (asker) => help.missed(asker),
    fresh: async (signal) => {
      signal.throwIfAborted();
      return board(flight ?? takeOff(), signal);
    },
  };
}

/** What new logins after a 401 have been worth, so that one that does not help is not repeated for everybody. */
function createHelp(now: () => number) {
  /** Logins in a row after which nobody was served. */
  let inVain = 0;
  let isServing = true;
  let soughtAtMs = 0;
  const unhelped = new Set<string>();
  return {
    isLikely: (asker: string): boolean => {
      if (isServing) return !unhelped.has(asker);
      const sinceMs = now() - soughtAtMs;
      return sinceMs < 0 || sinceMs >= Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (inVain - 1));
    },
    sought: (): void => {
      inVain = isServing ? 1 : inVain + 1;
      isServing = false;
      soughtAtMs = now();
    },
    accepted: (isCurrent: boolean, asker: string): void => {
      unhelped.delete(asker);
      isServing ||= isCurrent;
    },
    missed: (asker: string): void => {
      unhelped.add(asker);
    },
  };
}

const SHORTEST_MS = 1_000;
const LONGEST_MS = 60_000;

type LoginDeps = Readonly<{
  transport: Pick<Transport, 'send'>;
  now: () => number;
  refresh: Sensitive | undefined;
  signal: AbortSignal;
}>;

async function logIn(auth: LoginAuth, { transport, now, refresh, signal }: LoginDeps): Promise<Held> {
  const askedAtMs = now();
  const ask = async (fields: Parameters<typeof formBody>[0]): Promise<IssuedToken | Failure> => {
    const authorization = basic(auth.clientId, await auth.secret(signal));
    const answer = await transport.send(
      tokenRequest(authorization, { ...fields, scope: auth.scope }),
      signal,
    );
    return classifyLogin(answer, now());
  };
  if (refresh !== undefined) {
    const issued = await ask({ grant_type: 'refresh_token', refresh_token: refresh });
    if ('token' in issued) return heldOf({ refresh, ...issued }, askedAtMs);
    // A refresh token that has come to its end is refused like a wrong password: the login itself will tell.
    if (issued.reason !== 'Unauthorised') throw new EdgeError(issued);
  }
  const issued = await ask(await grantFields(auth, signal));
  if ('token' in issued) return heldOf(issued, askedAtMs);
  throw new EdgeError(issued);
}

async function grantFields(
  auth: LoginAuth,
  signal: AbortSignal,
): Promise<Record<string, string | Sensitive>> {
  if (auth.kind === 'clientCredentials') return { grant_type: 'client_credentials' };
  return { grant_type: 'password', username: auth.username, password: await auth.password(signal) };
}

export function tokenRequest(authorization: string, fields: Parameters<typeof formBody>[0]) {
  return {
    method: 'POST',
    path: '/oauth/token',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: formBody(fields),
    purpose: 'read',
  } as const;
}

/** Life counts from the question, so that the way of the answer is on the safe side. */
function heldOf({ token, lifeMs, refresh }: IssuedToken, askedAtMs: number): Held {
  const early = lifeMs === undefined ? Number.POSITIVE_INFINITY : Math.max(lifeMs * 0.8, lifeMs - 60_000);
  return { token, renewAtMs: askedAtMs + early, ...(refresh !== undefined && { refresh }) };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
