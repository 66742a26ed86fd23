/** The gate's inner server: TLS, HTTP/2 or HTTP/1.1, and who is asking. */

import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { Authority } from '../certificates.ts';
import type { ClientSide } from './exchange.ts';
import type { GateRequest, Head } from './request.ts';
import type { Headers } from './upstream.ts';

export type Users = Readonly<Record<string, string>>;

/** As whom a user's requests go on, and which of them do not. */
export type Standing = Readonly<{
  /** Shown to the API server instead of the gate's own credentials. */
  token?: string;
  /** For a server that knows no rights: whether the gate lets it pass, or answers 403. */
  may?(request: GateRequest): boolean;
}>;
export type Standings = Readonly<Record<string, Standing>>;

export async function listen(authority: Authority): Promise<Http2SecureServer> {
  const { certPem, keyPem } = authority.issue({ cn: 'gate', sans: ['127.0.0.1', 'localhost'] });
  const server = createSecureServer({ allowHTTP1: true, cert: certPem, key: keyPem });
  // A connection that a fault tears down ends in an error here; the exchanges on it have been told already.
  for (const event of ['sessionError', 'tlsClientError', 'clientError']) server.on(event, () => {});
  // Else a small answer of two writes waits for the client's delayed acknowledgement.
  server.on('secureConnection', (socket) => socket.setNoDelay());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export function headOf({ method, url, httpVersionMajor, headers }: ClientSide['req']): Head {
  return { at: Date.now(), method, url, protocol: httpVersionMajor === 2 ? 'h2' : 'h1', headers };
}

/** '' where the gate knows no users, undefined where it does and this is none. */
export function userOf(authorization: string | undefined, users: Users | undefined): string | undefined {
  if (users === undefined) return '';
  return users[authorization?.replace(/^Bearer /, '') ?? ''];
}

/** A gate that knows its users shows the API server credentials of its own, or those that it has for the user. */
export function withoutCredentials(headers: Headers, users: Users | undefined, token?: string): Headers {
  if (users === undefined) return headers;
  const { authorization: _token, ...rest } = headers;
  return token === undefined ? rest : { ...rest, authorization: `Bearer ${token}` };
}
