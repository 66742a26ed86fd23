import { createAlmClient } from '../../../src/alm/client.ts';
import type { AlmClientOptions, Auth } from '../../../src/alm/options.ts';
import type { AlmClient, FullRecord } from '../../../src/domain/record.ts';
import { EdgeError } from '../../../src/kube/outcome.ts';
import { Sensitive } from '../../../src/sensitive.ts';
import { type Asked, json, type Reply, type Script, type ScriptedServer, startServer } from './server.ts';

export const CLIENT_SECRET = 'own-canary-7f3a9-secret';
export const LOGIN_SECRET = 'login-canary-7f3a9-phrase';
export const PASSWORD = 'user-canary-7f3a9-password';

export const record: FullRecord = {
  clientId: 'orders_api',
  clientSecret: new Sensitive(CLIENT_SECRET),
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30600,
  roles: ['Portal'],
};

export const byClientCredentials = {
  kind: 'clientCredentials',
  clientId: 'operator',
  secret: async () => new Sensitive(LOGIN_SECRET),
} as const satisfies Auth;

export const byPassword = {
  kind: 'password',
  clientId: 'operator',
  secret: async () => new Sensitive(LOGIN_SECRET),
  username: 'jane',
  password: async () => new Sensitive(PASSWORD),
} as const satisfies Auth;

export function clientFor(endpoint: string, changes: Partial<AlmClientOptions> = {}): AlmClient {
  return createAlmClient({
    endpoint,
    auth: byClientCredentials,
    tls: {},
    timeoutMs: 5_000,
    concurrency: 8,
    proxy: {},
    now: Date.now,
    ...changes,
  });
}

/** A token whose value tells the how-manieth it is. */
export function tokenReply(nth: number, more: Readonly<Record<string, unknown>> = {}) {
  const token = {
    access_token: `canary-7f3a9-token-${nth}`,
    token_type: 'bearer',
    expires_in: 1199,
    ...more,
  };
  return json(200, token, { 'cache-control': 'no-store' });
}

export type FakeAlm = AsyncDisposable &
  Readonly<{
    client: AlmClient;
    server: ScriptedServer;
    logins: () => number;
    calls: () => readonly Asked[];
  }>;

/** A server that logs in whoever asks and answers the rest by `script`, and a client for it. */
export async function almThat(script: Script, changes: Partial<AlmClientOptions> = {}): Promise<FakeAlm> {
  let logins = 0;
  const server = await startServer((asked) => {
    if (!asked.path.endsWith('/oauth/token')) return script(asked);
    logins += 1;
    return tokenReply(logins);
  });
  const client = clientFor(server.origin, changes);
  return {
    client,
    server,
    logins: () => logins,
    calls: () => server.asked.filter(({ path }) => !path.endsWith('/oauth/token')),
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export function replies(...list: readonly Reply[]): Script {
  let next = 0;
  return () => {
    const reply = list[Math.min(next, list.length - 1)] ?? 'silence';
    next += 1;
    return reply;
  };
}

/** What a call rejected with; the test fails where it did not reject. */
export async function rejectionOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

export async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error = await rejectionOf(call);
  if (!(error instanceof EdgeError)) throw error;
  return error.failure.reason;
}

export const signal = new AbortController().signal;
