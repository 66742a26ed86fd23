/**
 * One request to the API server, or one stream from it. No retries: the workqueue and the reflectors do that. Whatever
 * goes wrong is a KubeError, but for the caller's own abort, which rejects with the signal's reason.
 */

import type { Dispatcher } from 'undici';
import { type Agents, createAgents, type Purpose } from './agents.ts';
import type { KubeAuth } from './auth.ts';
import { KubeError } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Permit } from './election.ts';
import { type Limited, limit, orAbort, TimeLimitError } from './limit.ts';
import { guarded } from './permit.ts';
import type { Presence } from './presence.ts';
import { errorOfAnswer, errorOfConnection, errorOfRefusal, type Subject } from './status.ts';

export type Call = Subject &
  Readonly<{
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    path: string;
    query?: Readonly<Record<string, string | undefined>>;
    accept?: string;
    contentType?: string;
    body?: unknown;
  }>;

export type Transport = Readonly<{
  /** The answer's JSON. */
  request(call: Call, signal: AbortSignal): Promise<unknown>;
  /** The answer's bytes as they come, without a time limit once the headers are there. */
  stream(call: Call, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
  /** Cuts all connections. */
  close(): Promise<void>;
}>;

/** One finished call, for metrics; `status` 0 means that no answer came. */
export type CallObserver = (call: Subject & Readonly<{ status: number; ms: number }>) => void;

export type TransportOptions = Readonly<{
  auth: KubeAuth;
  /** `name/version`; the API server takes the field manager of writes from the name. */
  userAgent: string;
  clock?: Clock;
  limits?: Partial<TransportLimits>;
  observe?: CallObserver;
  /** Is told how each call ended that was sent and not given up by its caller. */
  presence?: Pick<Presence, 'note'>;
  /** Asked before each write and again when it is about to go out; a write takes no longer than it says. */
  permit?: Permit;
}>;

export type TransportLimits = Readonly<{
  connectMs: number;
  /** From the call to the last byte; for watches to the headers. */
  getMs: number;
  listMs: number;
  /** Admission webhooks may take their time. */
  writeMs: number;
  watchHeadersMs: number;
  objectBytes: number;
  listBytes: number;
}>;

const MIB = 2 ** 20;

export const defaultLimits: TransportLimits = {
  connectMs: 10_000,
  getMs: 15_000,
  listMs: 60_000,
  writeMs: 30_000,
  watchHeadersMs: 30_000,
  objectBytes: 16 * MIB,
  listBytes: 256 * MIB,
};

type Shell = Readonly<{
  auth: KubeAuth;
  userAgent: string;
  clock: Clock;
  limits: TransportLimits;
  agents: Agents;
  observe: CallObserver | undefined;
  presence: Pick<Presence, 'note'> | undefined;
  permit: Permit;
}>;

export function createTransport(options: TransportOptions): Transport {
  const { auth, userAgent, clock = systemClock, observe, presence, permit = always } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const agents = createAgents(auth, limits.connectMs);
  const shell: Shell = { auth, userAgent, clock, limits, agents, observe, presence, permit };
  return {
    request: (call, signal) => request(shell, call, signal),
    stream: (call, signal) => stream(shell, call, signal),
    close: () => agents.close(),
  };
}

async function request(shell: Shell, call: Call, signal: AbortSignal): Promise<unknown> {
  const { limits, clock } = shell;
  const permittedMs = permitOf(shell, call)();
  if (permittedMs <= 0) throw refusalOfWrite(call);
  const limited = limit(signal, Math.min(limitMs(call, limits), permittedMs), clock);
  try {
    return await exchange(shell, call, 'requests', limited, async ({ body }) => {
      const most = call.verb === 'list' ? limits.listBytes : limits.objectBytes;
      return parse(call, await read(call, body, most));
    });
  } catch (error) {
    throw errorOf(call, error, signal);
  } finally {
    limited.release();
  }
}

async function stream(shell: Shell, call: Call, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  const limited = limit(signal, shell.limits.watchHeadersMs, shell.clock);
  try {
    const opened = await exchange(shell, call, 'watches', limited, async ({ body }, dispatcher) => ({
      body,
      suspect: () => shell.agents.renew('watches', dispatcher),
    }));
    limited.lift();
    return chunksOf(opened, call, limited, signal);
  } catch (error) {
    limited.release();
    throw errorOf(call, error, signal);
  }
}

type Opened = Readonly<{ body: AsyncIterable<Buffer>; suspect: () => void }>;

/** A caller that gives up for want of time has seen nothing for too long: its connection is not used again. */
async function* chunksOf(
  { body, suspect }: Opened,
  call: Call,
  limited: Limited,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    if (limited.signal.reason instanceof TimeLimitError) suspect();
    throw errorOf(call, error, signal);
  } finally {
    limited.release();
  }
}

/** Sends the call and hands a good answer on. A connection that let a time limit pass is not used again. */
async function exchange<T>(
  shell: Shell,
  call: Call,
  purpose: Purpose,
  { signal }: Limited,
  use: (answer: Dispatcher.ResponseData, dispatcher: Dispatcher) => Promise<T>,
): Promise<T> {
  const { agents, auth, userAgent, clock, limits, observe, presence } = shell;
  const started = clock.now();
  let status = 0;
  let dispatcher: Dispatcher | undefined;
  try {
    const connection = await orAbort(agents.connection(purpose), signal);
    dispatcher = connection.dispatcher;
    const headers = { ...connection.headers, 'user-agent': userAgent };
    const gated = guarded(dispatcher, permitOf(shell, call), () => refusalOfWrite(call));
    const answer = await orAbort(gated.request(requestOf(auth.server, call, headers, signal)), signal);
    status = answer.statusCode;
    if (status >= 300) throw await orAbort(refusalOf(call, answer, limits, clock), signal);
    return await orAbort(use(answer, dispatcher), signal);
  } catch (error) {
    if (dispatcher !== undefined && signal.reason instanceof TimeLimitError)
      agents.renew(purpose, dispatcher);
    throw error;
  } finally {
    const late = signal.reason instanceof TimeLimitError;
    if (dispatcher !== undefined && (late || !signal.aborted)) presence?.note(late ? 0 : status);
    observe?.({ verb: call.verb, resource: call.resource, status, ms: clock.now() - started });
  }
}

const always: Permit = () => Number.POSITIVE_INFINITY;

/** Reading is always allowed. */
function permitOf({ permit }: Shell, { verb }: Call): Permit {
  return verb === 'get' || verb === 'list' || verb === 'watch' ? always : permit;
}

/** Not sent: whoever holds the lease goes on. */
function refusalOfWrite(call: Call): KubeError {
  return errorOfAnswer(call, 'LeaseLost', 'not sent, because this replica does not hold the lease');
}

function requestOf(
  server: URL,
  call: Call,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Dispatcher.RequestOptions {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) query.set(name, value);
  }
  const prefix = server.pathname.replace(/\/+$/, '');
  return {
    origin: server.origin,
    path: `${prefix}${call.path}${query.size === 0 ? '' : `?${query}`}`,
    method: call.method,
    headers: {
      ...headers,
      accept: call.accept ?? 'application/json',
      ...(call.body !== undefined && { 'content-type': call.contentType ?? 'application/json' }),
    },
    body: call.body === undefined ? null : JSON.stringify(call.body),
    signal,
  };
}

async function refusalOf(
  call: Call,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  limits: TransportLimits,
  clock: Clock,
): Promise<KubeError> {
  const text = await read(call, body, limits.objectBytes);
  const header = headers['retry-after'];
  const retryAfter = typeof header === 'string' ? header : undefined;
  return errorOfRefusal(
    call,
    { status: statusCode, retryAfter, body: text.toString('utf8') },
    clock.wallMs(),
  );
}

async function read(call: Call, body: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) throw errorOfAnswer(call, 'AnswerTooLarge', `the answer is larger than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** The parser's own message quotes the text, which may be a Secret. */
function parse(call: Call, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw errorOfAnswer(call, 'MalformedAnswer', 'the answer is not JSON');
  }
}

function errorOf(call: Call, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof KubeError) return error;
  if (signal.aborted) return signal.reason;
  if (error instanceof TimeLimitError) return errorOfAnswer(call, 'Timeout', `no answer: ${error.message}`);
  return errorOfConnection(call, error);
}

function limitMs({ verb }: Call, limits: TransportLimits): number {
  if (verb === 'list') return limits.listMs;
  return verb === 'get' ? limits.getMs : limits.writeMs;
}
