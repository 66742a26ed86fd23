/**
 * Requests to one ALM, relative to its endpoint. Rejects with EdgeError or the signal's reason; never
 * retries.
 */

import type { Dispatcher } from 'undici';
import { EdgeError } from '../kube/outcome.ts';
import type { Answer } from './answer.ts';
import { createDispatcher } from './dispatcher.ts';
import { exchange } from './exchange.ts';
import { edgeError } from './failures.ts';
import type { AlmClientOptions } from './options.ts';
import { failureOfTrouble, type Purpose, strippedCause } from './trouble.ts';

export type AlmRequest = Readonly<{
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the endpoint's path prefix, with its slash. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  purpose: Purpose;
}>;

export type Transport = Readonly<{
  send(request: AlmRequest, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}>;

/** Throws EdgeError where the options cannot give a connection. */
export function createTransport(options: AlmClientOptions): Transport {
  const endpoint = endpointOf(options.endpoint);
  const dispatcher = createDispatcher({ ...options, endpoint });
  const prefix = endpoint.pathname.replace(/\/+$/, '');
  const { timeoutMs, permit = always } = options;
  return {
    send: async (request, signal) => {
      const dispatched = dispatchOptions(withId(request, options), endpoint.origin, prefix);
      const exchanged = await exchange(dispatcher, dispatched, { timeoutMs, permit, signal });
      if ('answer' in exchanged) return exchanged.answer;
      signal.throwIfAborted();
      const { error, sent } = exchanged;
      const failure = failureOfTrouble({ error, sent, purpose: request.purpose });
      throw new EdgeError(failure, { cause: strippedCause(error) });
    },
    close: () => dispatcher.close(),
  };
}

function withId(request: AlmRequest, { correlationId }: AlmClientOptions): AlmRequest {
  const id = correlationId?.();
  return id === undefined ? request : { ...request, headers: { ...request.headers, 'x-request-id': id } };
}

function always(): number {
  return Number.POSITIVE_INFINITY;
}

function dispatchOptions(request: AlmRequest, origin: string, prefix: string): Dispatcher.DispatchOptions {
  const { method, path, headers, body } = request;
  return {
    origin,
    path: `${prefix}${path}`,
    method,
    headers: { accept: 'application/json', 'user-agent': 'alm-credential-operator', ...headers },
    ...(body !== undefined && { body }),
  };
}

function endpointOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw edgeError('badEndpoint');
  return url;
}
