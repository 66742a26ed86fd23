/** A caller for the simulator's own tests: plain requests, and those of a login with SECADMIN. */

import { Agent, request } from 'undici';
import { OPERATOR_LOGIN } from './defaults.ts';
import type { AlmSim } from './server.ts';

export type Reply = Readonly<{
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
  /** Undefined where the body is no JSON. */
  json: unknown;
}>;

export type Ask = Readonly<{
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
}>;

export class Asker {
  readonly #alm: AlmSim;
  readonly #agent: Agent;
  #bearer: string | undefined;

  constructor(alm: AlmSim, tls: Readonly<{ servername?: string; cert?: string; key?: string }> = {}) {
    this.#alm = alm;
    this.#agent = new Agent({ connect: { ca: alm.caPem, ...tls } });
  }

  /** The path is below the prefix of the simulator's URL. */
  async send(method: string, path: string, { headers, body, signal }: Ask = {}): Promise<Reply> {
    const answer = await request(`${this.#alm.url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: headers ?? {},
      body: body ?? null,
      signal: signal ?? AbortSignal.timeout(10_000),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text, json: parsed(text) };
  }

  token(clientId: string, secret: string, form: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send('POST', '/oauth/token', {
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }).toString(),
    });
  }

  /** The access token of the operator's login, or of another client. */
  async login(
    clientId: string = OPERATOR_LOGIN.clientId,
    secret = `canary-7f3a9-${clientId}`,
  ): Promise<string> {
    const { json } = await this.token(clientId, secret);
    return (json as { access_token: string }).access_token;
  }

  /** With the operator's token, and a JSON body unless there is none or it is text already. */
  async api(method: string, path: string, body?: unknown, token?: string): Promise<Reply> {
    this.#bearer ??= token ?? (await this.login());
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${token ?? this.#bearer}`,
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return this.send(method, `/api/credentials${path}`, {
      headers,
      ...(text === undefined ? {} : { body: text }),
    });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
