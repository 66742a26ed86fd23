/** ALM over HTTP: the port of the domain, put together from transport, token, and the meaning of answers. */

import type { AlmClient, FullRecord, Proof, RemoveAnswer, WriteAnswer } from '../domain/record.ts';
import { EdgeError, type Failure } from '../kube/outcome.ts';
import type { Sensitive } from '../sensitive.ts';
import { type Answer, envelopeOf } from './answer.ts';
import { classifyRead, classifyRemove, classifyWrite } from './classify.ts';
import { untaken } from './failures.ts';
import { classifyProof } from './login.ts';
import { observed } from './observed.ts';
import type { AlmClientOptions, Auth } from './options.ts';
import { paced } from './paced.ts';
import { quoteOf } from './quote.ts';
import { createTokenSource, type TokenSource, tokenRequest } from './token.ts';
import { type AlmRequest, createTransport, type Transport } from './transport.ts';
import { basic, bearer, recordBody } from './wire.ts';

/** Throws EdgeError where the options cannot give a connection: endpoint, certificates, key, proxy. */
export function createAlmClient(options: AlmClientOptions): AlmClient {
  const { auth, now } = options;
  const transport = paced(observed(createTransport(options), options.observe), options);
  const tokens = auth.kind === 'none' ? undefined : createTokenSource(auth, transport, now);
  const authenticated = tokens !== undefined;
  const calls = createCalls();
  let closed: Promise<void> | undefined;

  async function write(verb: 'POST' | 'PUT', record: FullRecord, signal: AbortSignal): Promise<WriteAnswer> {
    const { answer, token } = await authorised(transport, tokens, writeRequest(verb, record), signal);
    const verdict = settled(classifyWrite(verb, answer, { authenticated, nowMs: now() }));
    if (verdict.answer !== 'refused') return verdict;
    const quote = await quoteFrom(answer, [record.clientSecret, ...token], auth, signal);
    return quote === undefined ? verdict : { ...verdict, quote };
  }

  async function remove(clientId: string, signal: AbortSignal): Promise<RemoveAnswer> {
    const request: AlmRequest = { method: 'DELETE', path: pathOf(clientId), purpose: 'write' };
    const { answer } = await authorised(transport, tokens, request, signal);
    return settled(classifyRemove(answer, { authenticated, nowMs: now() }));
  }

  async function prove(clientId: string, secret: Sensitive, signal: AbortSignal): Promise<Proof> {
    // The scope of the AlmConnection is sent here too: where ALM asks for one, it asks every client.
    const scope = auth.kind === 'none' ? undefined : auth.scope;
    const request = tokenRequest(basic(clientId, secret), { grant_type: 'client_credentials', scope });
    return settled(classifyProof(await transport.send(request, signal), now()));
  }

  return {
    read: calls.counted(async (clientId: string, signal: AbortSignal) => {
      const request: AlmRequest = { method: 'GET', path: pathOf(clientId), purpose: 'read' };
      const { answer } = await authorised(transport, tokens, request, signal);
      return settled(classifyRead(clientId, answer, { authenticated, nowMs: now() }));
    }),
    create: calls.counted((record: FullRecord, signal: AbortSignal) => write('POST', record, signal)),
    update: calls.counted((record: FullRecord, signal: AbortSignal) => write('PUT', record, signal)),
    remove: calls.counted(remove),
    prove: calls.counted(prove),
    login: calls.counted(async (signal: AbortSignal) => {
      if (tokens === undefined) await transport.send({ method: 'GET', path: '/', purpose: 'read' }, signal);
      else await tokens.fresh(signal);
    }),
    close: () => {
      closed ??= calls.ended().then(() => transport.close());
      return closed;
    },
  };
}

/**
 * A 401 is answered by one new login and one repetition: the token may have been revoked, or ALM's key
 * renewed.
 */
async function authorised(
  transport: Transport,
  tokens: TokenSource | undefined,
  request: AlmRequest,
  signal: AbortSignal,
): Promise<Readonly<{ answer: Answer; token: readonly Sensitive[] }>> {
  if (tokens === undefined) return { answer: await transport.send(request, signal), token: [] };
  const asker = `${request.method} ${request.path}`;
  const token = await tokenFor(request, tokens.current(signal));
  const answer = await transport.send(withToken(request, token), signal);
  if (answer.status !== 401) {
    tokens.accepted(token, asker);
    return { answer, token: [token] };
  }
  const renewed = await tokenFor(request, tokens.renewed(token, asker, signal));
  if (renewed === undefined) return { answer, token: [token] };
  const again = await transport.send(withToken(request, renewed), signal);
  if (again.status === 401) tokens.unhelpful(asker);
  else tokens.accepted(renewed, asker);
  return { answer: again, token: [renewed] };
}

/** A write whose token could not be had was not sent, or was turned away for its token. */
async function tokenFor<T>({ purpose }: AlmRequest, token: Promise<T>): Promise<T> {
  try {
    return await token;
  } catch (error) {
    if (purpose !== 'write' || !(error instanceof EdgeError)) throw error;
    throw new EdgeError(untaken(error.failure), { cause: error.cause });
  }
}

function withToken(request: AlmRequest, token: Sensitive): AlmRequest {
  return { ...request, headers: { ...request.headers, authorization: bearer(token) } };
}

function writeRequest(verb: 'POST' | 'PUT', record: FullRecord): AlmRequest {
  return {
    method: verb,
    path: verb === 'POST' ? COLLECTION : pathOf(record.clientId),
    headers: { 'content-type': 'application/json' },
    body: recordBody(record),
    purpose: 'write',
  };
}

const COLLECTION = '/api/credentials';

function pathOf(clientId: string): string {
  return `${COLLECTION}/${encodeURIComponent(clientId)}`;
}

function settled<T extends object | string>(verdict: T | Failure): T {
  if (isFailure(verdict)) throw new EdgeError(verdict);
  return verdict;
}

function isFailure(verdict: object | string): verdict is Failure {
  return typeof verdict === 'object' && 'kind' in verdict;
}

/**
 * ALM's sentence about a refusal. The operator's own secrets are asked for once more, to be sure that it
 * holds none.
 */
async function quoteFrom(
  answer: Answer,
  secrets: readonly Sensitive[],
  auth: Auth,
  signal: AbortSignal,
): Promise<string | undefined> {
  const message = envelopeOf(answer)?.message;
  if (message === undefined) return undefined;
  try {
    return quoteOf(message, [...secrets, ...(await ownSecrets(auth, signal))]);
  } catch {
    // A refusal without its quote is still a refusal.
    signal.throwIfAborted();
    return undefined;
  }
}

async function ownSecrets(auth: Auth, signal: AbortSignal): Promise<readonly Sensitive[]> {
  if (auth.kind === 'none') return [];
  if (auth.kind === 'clientCredentials') return [await auth.secret(signal)];
  return [await auth.secret(signal), await auth.password(signal)];
}

type Calls = Readonly<{
  counted<A extends unknown[], T>(call: (...args: A) => Promise<T>): (...args: A) => Promise<T>;
  /** Resolves once every counted call has ended. */
  ended(): Promise<void>;
}>;

function createCalls(): Calls {
  const running = new Set<Promise<unknown>>();
  return {
    counted:
      (call) =>
      async (...args) => {
        const promise = call(...args);
        running.add(promise);
        try {
          return await promise;
        } finally {
          running.delete(promise);
        }
      },
    ended: async () => {
      await Promise.allSettled(running);
    },
  };
}
