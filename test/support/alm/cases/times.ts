import { Asker } from '../asker.ts';
import { DEFAULT_CLIENTS } from '../defaults.ts';
import { startAlm } from '../server.ts';
import { until } from '../until.ts';
import { FULL, formOf, type KnobCases, type Scene, SECRET } from './case.ts';

async function restarted({ alm }: Scene): Promise<void> {
  await alm.stop();
  await using _ = closing(await startAlm({ port: alm.port, state: alm.state, knobs: alm.knobs }));
}

function closing(alm: Readonly<{ stop(): Promise<void> }>): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => alm.stop() };
}

export const TIME_CASES: KnobCases<
  | 'replicas'
  | 'replicaLag'
  | 'clientCache'
  | 'bootstrapOnRestart'
  | 'tokensOnRestart'
  | 'clockSkewSeconds'
  | 'latencyMs'
  | 'rateLimitPerSecond'
> = {
  replicas: {
    options: { knobs: { getItem: 'omitted', replicaLag: 100 } },
    observe: readsAfterWrite,
    expected: { '1': [200, 200, 200, 200], '2': [404, 200, 404, 200], '3': [404, 404, 200, 404] },
    silent: ['1'],
  },
  replicaLag: {
    options: { knobs: { getItem: 'omitted', replicas: 2 } },
    observe: readsAfterWrite,
    expected: { '0': [200, 200, 200, 200], '1': [404, 200, 200, 200], '3': [404, 200, 404, 200] },
    silent: ['0'],
  },
  clientCache: {
    observe: async ({ alm, ask }) => {
      alm.state.set(FULL);
      await ask.api('PUT', '/app', FULL);
      alm.knobs.replicas = 2;
      const logins: number[] = [];
      // Each replica reads the record once; then one of them takes the new secret.
      for (let i = 0; i < 2; i += 1) logins.push((await ask.token('app', SECRET)).status);
      await ask.api('PUT', '/app', { ...FULL, clientSecret: 'canary-7f3a9-rotated' });
      for (let i = 0; i < 4; i += 1) logins.push((await ask.token('app', 'canary-7f3a9-rotated')).status);
      return logins;
    },
    expected: {
      '0': [200, 200, 200, 200, 200, 200],
      '3': [200, 200, 401, 200, 200, 200],
      '9': [200, 200, 401, 200, 401, 200],
    },
    silent: ['0'],
  },
  bootstrapOnRestart: {
    options: { clients: DEFAULT_CLIENTS },
    observe: async (scene) => {
      await scene.ask.api('PUT', '/DokiClient', { ...FULL, clientId: 'DokiClient' });
      await scene.ask.api('POST', '', FULL);
      await restarted(scene);
      return [scene.alm.matches('DokiClient', SECRET), scene.alm.matches('app', SECRET)];
    },
    expected: { no: [true, true], yes: [false, true] },
    silent: ['no', 'yes'],
  },
  tokensOnRestart: {
    observe: async ({ alm, ask }) => {
      const token = await ask.login();
      await alm.stop();
      const again = await startAlm({ port: alm.port, state: alm.state, knobs: alm.knobs });
      await using _ = closing(again);
      const caller = new Asker(again);
      const reply = await caller.api('POST', '', FULL, token);
      await caller.close();
      return formOf(reply);
    },
    expected: { kept: '201 ok', lost: '401 oauth invalid_token' },
    silent: ['kept', 'lost'],
  },
  clockSkewSeconds: {
    options: { now: () => 1_700_000_000_000, knobs: { tokenFormat: 'jwt' } },
    observe: async ({ ask }) => {
      const reply = await ask.token('LmClient', 'canary-7f3a9-LmClient');
      const { access_token, expires_in } = reply.json as { access_token: string; expires_in: number };
      const { exp } = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString());
      return [expires_in, exp - 1_700_000_000, Date.parse(String(reply.headers['date'])) - 1_700_000_000_000];
    },
    expected: { '0': [1199, 1200, 0], '90': [1199, 1290, 90_000], '-90': [1199, 1110, -90_000] },
    silent: ['0'],
  },
  latencyMs: {
    observe: async ({ alm, ask }) => {
      const asked = ask.send('GET', '/management/health').then(
        ({ status }) => status,
        () => 'cut',
      );
      await until(() => alm.log.length === 1);
      if (alm.knobs.latencyMs > 1000) await alm.down();
      return asked;
    },
    expected: { '0': 200, '1': 200, '60000': 'cut' },
    silent: ['0'],
  },
  rateLimitPerSecond: {
    options: { now: () => 1_700_000_000_000 },
    observe: async ({ ask }) => {
      const replies = [];
      for (let i = 0; i < 3; i += 1) replies.push(await ask.send('GET', '/management/health'));
      return replies.map(({ status, headers }) => [status, headers['retry-after']]);
    },
    expected: {
      '0': [
        [200, undefined],
        [200, undefined],
        [200, undefined],
      ],
      '2': [
        [200, undefined],
        [200, undefined],
        [429, '1'],
      ],
    },
    silent: ['0'],
  },
};

/** On the replica that logged in (the first) and its neighbours in turn, after the second took the write. */
async function readsAfterWrite({ ask }: Scene): Promise<readonly number[]> {
  await ask.api('POST', '', FULL);
  const statuses: number[] = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await ask.api('GET', '/app')).status);
  return statuses;
}
