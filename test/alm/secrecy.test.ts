import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AlmClientOptions } from '../../src/alm/options.ts';
import type { AlmClient } from '../../src/domain/record.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { CANARY, findCanary } from '../support/canary.ts';
import { makeAuthority } from '../support/certificates.ts';
import {
  byClientCredentials,
  byPassword,
  CLIENT_SECRET,
  clientFor,
  record,
  signal,
  tokenReply,
} from './support/build.ts';
import { html, json, type Reply, type Script, startServer } from './support/server.ts';

/** All that the client lets out for one script: answers, and errors with everything that hangs on them. */
async function outputOf(client: AlmClient): Promise<readonly unknown[]> {
  const calls = [
    client.read(record.clientId, signal),
    client.create(record, signal),
    client.update(record, signal),
    client.remove(record.clientId, signal),
    client.prove(record.clientId, record.clientSecret, signal),
    client.login(signal),
  ];
  const settled = await Promise.allSettled(calls);
  await client.close();
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason));
}

/** As much of a value as any log could show. */
function shown(value: unknown): string {
  const parts = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    JSON.stringify(value),
  ];
  if (value instanceof Error) parts.push(String(value.stack), shown(value.cause));
  return parts.join('\n');
}

function expectSilence(output: readonly unknown[]): void {
  for (const value of output) {
    expect(findCanary(shown(value))).toBeUndefined();
    if (typeof value === 'object' && value !== null) expect(findCanary(value)).toBeUndefined();
  }
}

const ECHO = json(400, { localizedMessage: `refused ${CLIENT_SECRET}`, details: { body: CLIENT_SECRET } });
const TLS = makeAuthority(`authority ${CANARY}`);
const served = TLS.issue({ cn: 'ishtar', sans: ['127.0.0.1'] });

const REPLIES: readonly (readonly [string, Reply])[] = [
  ['an echo of the request', json(200, { clientSecret: CLIENT_SECRET })],
  ['a refusal that quotes the secret', ECHO],
  [
    'a refusal that quotes it encoded',
    json(422, { localizedMessage: encodeURIComponent(`/${CLIENT_SECRET}/`) }),
  ],
  [
    'a refusal that quotes Basic',
    json(500, { message: btoa(`a:${CLIENT_SECRET}`), status: 500, error: 'x' }),
  ],
  ['a description that quotes it', json(401, { error: 'invalid_client', error_description: CLIENT_SECRET })],
  ['a token that stays a secret', tokenReply(7)],
  ['a page', html(503)],
  ['a redirect with a secret', { status: 307, headers: { location: `https://x/?t=${CANARY}` } }],
  ['JSON that breaks off', { status: 200, cutOffAfter: `{"clientSecret":"${CLIENT_SECRET}"` }],
  [
    'JSON that is none',
    { status: 200, headers: { 'content-type': 'application/json' }, body: `{"${CANARY}"` },
  ],
  ['a wait with a secret', { status: 429, headers: { 'retry-after': CANARY } }],
  ['no HTTP', { raw: `${CANARY}\r\n` }],
  ['a broken header', { raw: `HTTP/1.1 200 OK\r\nx ${CANARY}\r\n\r\n` }],
  ['a reset', 'reset'],
  ['a slow body', { status: 200, stalledAfter: CANARY }],
];

const AUTHS: readonly AlmClientOptions['auth'][] = [byClientCredentials, byPassword, { kind: 'none' }];

describe('nothing the client lets out holds a secret', () => {
  it.each(REPLIES)('when the API answers with %s', async (_name, reply) => {
    const script: Script = ({ path, headers }) => {
      const own = Buffer.from(String(headers['authorization']).slice(6), 'base64').toString();
      return path.endsWith('/token') && own.startsWith('operator:') ? tokenReply(1) : reply;
    };
    await using server = await startServer(script);
    for (const auth of AUTHS) {
      expectSilence(await outputOf(clientFor(server.origin, { auth, timeoutMs: 200 })));
    }
  });

  it.each(REPLIES)('when the token endpoint answers with %s', async (_name, reply) => {
    await using server = await startServer(() => reply);
    for (const auth of AUTHS) {
      expectSilence(await outputOf(clientFor(server.origin, { auth, timeoutMs: 200 })));
    }
  });

  it('when the certificate is not trusted', async () => {
    await using server = await startServer(() => 'reset', { cert: served.certPem, key: served.keyPem });
    expectSilence(await outputOf(clientFor(`${server.origin}/?token=${CANARY}`)));
  });

  it('when the proxy is not there', async () => {
    const proxy = { httpsProxy: `http://jane:${CANARY}@127.0.0.1:1` };
    expectSilence(await outputOf(clientFor('https://alm.invalid', { proxy })));
  });

  it('when an address cannot be used', () => {
    const attempts: readonly Partial<AlmClientOptions>[] = [
      { endpoint: `no address ${CANARY}` },
      { proxy: { httpsProxy: `${CANARY} @[` } },
      { tls: { ca: CANARY } },
      { tls: { cert: CANARY, key: record.clientSecret } },
    ];
    for (const options of attempts) {
      try {
        clientFor('https://alm.example', options);
        expect.unreachable('the client was made');
      } catch (error) {
        expect(error).toBeInstanceOf(EdgeError);
        expectSilence([error]);
      }
    }
  });
});
