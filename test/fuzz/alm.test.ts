import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, envelopeOf, retryAfterMs } from '../../src/alm/answer.ts';
import { classifyRead, classifyRemove, classifyWrite } from '../../src/alm/classify.ts';
import { createAlmClient } from '../../src/alm/client.ts';
import { classifyLogin, classifyProof } from '../../src/alm/login.ts';
import type { AlmClientOptions, Auth } from '../../src/alm/options.ts';
import { quoteOf } from '../../src/alm/quote.ts';
import { FAILURES } from '../../src/domain/reasons.ts';
import type { AlmClient, FullRecord } from '../../src/domain/record.ts';
import type { Failure } from '../../src/kube/outcome.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { secretText } from '../support/canary.ts';
import { anyAnswer, anyReply, type Replier, startReplier } from './answers.ts';
import { attempted, expectNoSecret, holds, LIMIT } from './runs.ts';
import { anyText } from './shapes.ts';

/** Whatever ALM, or whoever stands in front of it, answers. */

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');

const answers: fc.Arbitrary<Answer> = anyAnswer.map(({ contentType, retryAfter, ...rest }) => ({
  ...rest,
  ...(contentType !== undefined && { contentType }),
  ...(retryAfter !== undefined && { retryAfter }),
}));

function expectFailure(failure: Failure): void {
  expect(Object.keys(FAILURES)).toContain(failure.reason);
  expectNoSecret(failure);
  const { retryAfterMs: wait = 1 } = failure;
  expect(wait > 0 && wait <= 300_000, `a wait of ${wait} ms`).toBe(true);
}

function expectVerdict(verdict: object | string, words: readonly string[]): void {
  if (typeof verdict === 'object' && 'kind' in verdict) {
    expectFailure(verdict as Failure);
    return;
  }
  const word = typeof verdict === 'string' ? verdict : 'answer' in verdict ? verdict.answer : undefined;
  expect(words).toContain(word);
}

describe('any answer of ALM', () => {
  it('to a write or a deletion is a verdict or a failure with a name', LIMIT, async () => {
    const drawn = fc.tuple(answers, fc.constantFrom('POST' as const, 'PUT' as const), fc.boolean());
    await holds(600, drawn, ([answer, verb, authenticated]) => {
      const caller = { authenticated, nowMs: NOW_MS };
      expectVerdict(classifyWrite(verb, answer, caller), ['accepted', 'exists', 'absent', 'refused']);
      expectVerdict(classifyRemove(answer, caller), ['removed', 'absent', 'notOffered', 'refused']);
    });
  });

  it('to a read is a record with every member of its type, or a failure with a name', LIMIT, async () => {
    await holds(600, answers, (answer) => {
      const read = classifyRead('orders_api', answer, { authenticated: true, nowMs: NOW_MS });
      expectVerdict(read, ['record', 'absent', 'notOffered']);
      if (!('record' in read)) return;
      const { record } = read;
      expect(Object.keys(record).sort()).toEqual([
        'accessTokenValidity',
        'authorisedGrantTypes',
        'clientId',
        'refreshTokenValidity',
        'roles',
      ]);
      const names = [record.clientId, ...record.authorisedGrantTypes, ...record.roles];
      expect(names.every((name) => typeof name === 'string')).toBe(true);
      expect([record.accessTokenValidity, record.refreshTokenValidity].every(Number.isFinite)).toBe(true);
    });
  });

  it('to a login is a token that fits into a header, or a failure with a name', LIMIT, async () => {
    await holds(600, answers, (answer) => {
      expectVerdict(classifyProof(answer, NOW_MS), ['accepted', 'refused', 'grantMissing', 'cannotAsk']);
      const login = classifyLogin(answer, NOW_MS);
      if ('kind' in login) return expectFailure(login);
      expectNoSecret(login);
      expect(new Headers({ authorization: login.token.reveal() }).get('authorization')).not.toBe('');
      expect(login.lifeMs ?? 0).toBeGreaterThanOrEqual(0);
    });
  });

  it('asks for a wait between nothing and five minutes, or for none', LIMIT, async () => {
    const drawn = fc.oneof(
      anyText,
      answers.map(({ retryAfter = '' }) => retryAfter),
    );
    await holds(600, drawn, (retryAfter) => {
      const ms = retryAfterMs({ retryAfter }, NOW_MS);
      expect(ms === undefined || (ms > 0 && ms <= 300_000), `a wait of ${ms} ms`).toBe(true);
    });
  });

  it('has no sentence that may be repeated and tells a secret', LIMIT, async () => {
    const secret = secretText('own');
    await holds(600, answers, (answer) => {
      const message = envelopeOf(answer)?.message;
      const quote = message === undefined ? undefined : quoteOf(message, [new Sensitive(secret)]);
      expectNoSecret(quote);
      expect((quote ?? 'x').length).toBeGreaterThan(0);
      expect([...(quote ?? '')].length).toBeLessThanOrEqual(200);
    });
  });
});

const record: FullRecord = {
  clientId: 'orders_api',
  clientSecret: new Sensitive(secretText('declared')),
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30_600,
  roles: ['Portal'],
};

const own = async () => new Sensitive(secretText('login'));

const AUTHS: readonly Auth[] = [
  { kind: 'none' },
  { kind: 'clientCredentials', clientId: 'operator', secret: own },
  { kind: 'password', clientId: 'operator', secret: own, username: 'jane', password: own },
];

const signal = AbortSignal.timeout(3_600_000);

const CALLS: readonly ((client: AlmClient) => Promise<unknown>)[] = [
  (client) => client.read(record.clientId, signal),
  (client) => client.create(record, signal),
  (client) => client.update(record, signal),
  (client) => client.remove(record.clientId, signal),
  (client) => client.prove(record.clientId, record.clientSecret, signal),
  (client) => client.login(signal),
];

describe('a client of whatever answers', () => {
  let replier: Replier;
  beforeAll(async () => {
    replier = await startReplier();
  });
  afterAll(() => replier.close());

  const clientOf = (changes: Partial<AlmClientOptions>) =>
    createAlmClient({
      endpoint: replier.origin,
      auth: { kind: 'none' },
      tls: {},
      timeoutMs: 150,
      concurrency: 2,
      proxy: {},
      now: () => NOW_MS,
      ...changes,
    });

  it('ends every call in time, in a verdict or a failure with a name', LIMIT, async () => {
    const drawn = fc.record({
      auth: fc.constantFrom(...AUTHS),
      replies: fc.array(anyReply, { minLength: 1, maxLength: 4 }),
      calls: fc.array(fc.constantFrom(...CALLS), { minLength: 1, maxLength: 3 }),
    });
    await holds(120, drawn, async ({ auth, replies, calls }) => {
      replier.answer(replies);
      const client = clientOf({ auth });
      for (const call of calls) {
        const verdict = await attempted(() => call(client));
        if (!isRecord(verdict)) expectNoSecret(verdict);
      }
      await client.close();
    });
  });

  it('takes any endpoint, certificate and proxy for good, or refuses it by name', LIMIT, async () => {
    const text = fc.oneof(anyText, fc.constantFrom(...ADDRESSES));
    const options = fc.record(
      {
        endpoint: fc.oneof(fc.constant(''), text),
        tls: fc.record({ ca: text, serverName: text, cert: text, insecureSkipVerify: fc.boolean() }, NONE),
        key: text,
        proxy: fc.record({ httpsProxy: text, httpProxy: text, noProxy: noProxy() }, NONE),
      },
      { requiredKeys: ['endpoint', 'tls', 'proxy'] },
    );
    await holds(300, options, async ({ endpoint, tls, key, proxy }) => {
      replier.answer([]);
      const withKey = key === undefined ? tls : { ...tls, key: new Sensitive(key) };
      const client = await attempted(() =>
        clientOf({ endpoint: endpoint === '' ? replier.origin : endpoint, tls: withKey, proxy }),
      );
      // No call goes to an address that was drawn.
      if (client !== undefined && endpoint === '' && Object.keys(proxy).every((name) => name === 'noProxy')) {
        await attempted(() => client.login(signal));
      }
      await client?.close();
    });
  });
});

const NONE = { requiredKeys: [] };

const ADDRESSES = [
  'https://alm',
  'https://alm:99999',
  'http://[::1',
  'http://[::1]:80/x/',
  'ftp://alm',
  'file:///etc/passwd',
  `https://user:${secretText('url')}@alm/`,
  `socks5://user:${secretText('url')}@proxy`,
  `http://user:${secretText('url')}@proxy:1`,
  `http://us er:${secretText('url')}@%zz`,
  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  `-----BEGIN PRIVATE KEY-----\n${secretText('key')}\n-----END PRIVATE KEY-----`,
];

/** Names, suffixes, ports and blocks as they stand in NO_PROXY, right and wrong. */
function noProxy(): fc.Arbitrary<string> {
  const entry = fc.oneof(
    anyText,
    fc.constantFrom(
      '*',
      '.alm',
      '127.0.0.1',
      '10.0.0.0/8',
      '::/0',
      '1.2.3.4/33',
      '::1/129',
      '/',
      ':',
      '[::]',
    ),
    fc.tuple(fc.ipV4(), fc.nat({ max: 40 })).map(([net, bits]) => `${net}/${bits}`),
    fc.tuple(fc.ipV6(), fc.nat({ max: 140 })).map(([net, bits]) => `${net}/${bits}`),
    fc.ipV4().map((address) => `${address}:80`),
  );
  return fc.array(entry, { maxLength: 5 }).map((entries) => entries.join(','));
}

/** What ALM holds is no message. */
function isRecord(verdict: unknown): boolean {
  return typeof verdict === 'object' && verdict !== null && 'record' in verdict;
}
