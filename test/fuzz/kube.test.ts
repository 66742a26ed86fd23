import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNamespace, decodeObject, decodeSecretMetadata, identityOf } from '../../src/kube/decode.ts';
import { parseLines } from '../../src/kube/ndjson.ts';
import { createKubeReader, type KubeReader, type Scope } from '../../src/kube/reads.ts';
import { errorOfRefusal, errorOfStatus, retryAfterMsOf } from '../../src/kube/status.ts';
import { createStore } from '../../src/kube/store.ts';
import { createTransport, type Transport } from '../../src/kube/transport.ts';
import {
  claimIndexes,
  connectionIndexes,
  credentialIndexes,
  secretIndexes,
} from '../../src/reconcile/wakes.ts';
import { bookmark, SECRETS, statusBody, THINGS, thing } from '../kube/support/objects.ts';
import { findCanary, secretText } from '../support/canary.ts';
import { anyReply, type Replier, startReplier } from './answers.ts';
import { attempted, expectClassified, expectNoSecret, holds, LIMIT } from './runs.ts';
import { anyJson, anyText, bytesOf, damaged, pieces, textOf } from './shapes.ts';

/** Whatever the API server, or whoever stands in front of it, answers. */

const signal = AbortSignal.timeout(3_600_000);

const OBJECT = {
  ...thing('ns/a', 5),
  spec: { clientId: 'a', endpoint: 'https://alm', owner: { uid: 'u' }, phase: 'Held' },
};

const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    ...OBJECT.metadata,
    labels: { team: 'a' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': secretText('applied') },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Thing', name: 'a', uid: 'u', controller: true }],
  },
  data: { clientSecret: Buffer.from(secretText('data')).toString('base64') },
};

const anyEvent = damaged({ type: 'ADDED', object: SECRET });

const line: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(JSON.stringify({ type: 'MODIFIED', object: SECRET })) },
  textOf(anyEvent),
  textOf(damaged({ type: 'BOOKMARK', object: bookmark(9, true) })),
  textOf(damaged({ type: 'ERROR', object: statusBody(410, 'Expired') })),
  anyText,
);

const stream = fc.record({
  bytes: bytesOf(
    fc
      .tuple(fc.array(line, { maxLength: 5 }), fc.boolean())
      .map(([lines, ends]) => lines.join('\n') + (ends ? '\n' : '')),
  ),
  cuts: fc.array(fc.nat(), { maxLength: 6 }),
});

type Read = Readonly<{ values: readonly unknown[]; error: unknown }>;

async function readAll(chunks: readonly Buffer[], most: number): Promise<Read> {
  const values: unknown[] = [];
  try {
    for await (const value of parseLines(asStream(chunks), most, (one) => one)) values.push(value);
  } catch (error) {
    return { values, error };
  }
  return { values, error: undefined };
}

async function* asStream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

describe('any bytes of a watch', () => {
  it('are the same lines however they are cut, up to the first that is none', LIMIT, async () => {
    await holds(250, stream, async ({ bytes, cuts }) => {
      const whole = await readAll([bytes], 2 ** 20);
      const cut = await readAll(pieces(bytes, cuts), 2 ** 20);
      expect(cut).toEqual(whole);
      expect(whole.error === undefined || whole.error instanceof SyntaxError).toBe(true);
      expectNoSecret(whole.error);
    });
  });

  it('never cost more memory than the longest line that is allowed', LIMIT, async () => {
    await holds(200, stream, async ({ bytes, cuts }) => {
      const { error } = await readAll(pieces(bytes, cuts), 64);
      expect([undefined, SyntaxError, RangeError]).toContain((error as Error | undefined)?.constructor);
      expectNoSecret(error);
    });
  });
});

describe('any object', () => {
  const DECODERS = [decodeObject, decodeSecretMetadata, decodeNamespace];

  it('is kept with an identity, or not at all', LIMIT, async () => {
    await holds(600, fc.oneof(damaged(SECRET), anyJson), (raw) => {
      for (const decode of DECODERS) {
        const { metadata } = decode(raw) ?? {};
        if (metadata === undefined) continue;
        const { name, uid, resourceVersion, namespace = '' } = metadata;
        expect([name, uid, resourceVersion, namespace].map((part) => typeof part)).toEqual(
          Array(4).fill('string'),
        );
      }
      identityOf(raw);
    });
  });

  it('leaves nothing of a Secret but names, labels and owners', LIMIT, async () => {
    const labelled = damaged({ ...SECRET, metadata: { ...SECRET.metadata, name: 'a' } });
    await holds(600, labelled, (raw) => {
      const decoded = decodeSecretMetadata(raw);
      expect(Object.keys(decoded ?? { apiVersion: 0, kind: 0, metadata: 0 })).toEqual([
        'apiVersion',
        'kind',
        'metadata',
      ]);
      const { data: _data, ...rest } = JSON.parse(JSON.stringify(raw ?? null)) ?? {};
      const { annotations: _values, ...metadata } = rest.metadata ?? {};
      // Only what a name, a label or an owner says itself may be found again.
      if (findCanary({ metadata }) === undefined) expectNoSecret(decoded);
    });
  });

  it('is indexed wherever its members are, and nowhere else', LIMIT, async () => {
    const indexed = [credentialIndexes('default'), connectionIndexes, claimIndexes, secretIndexes];
    const objects = damaged({ spec: OBJECT.spec, status: {} }).map((raw) => ({
      ...OBJECT,
      ...(typeof raw === 'object' ? raw : {}),
      metadata: OBJECT.metadata,
      apiVersion: 'v1',
      kind: 'Thing',
    }));
    await holds(600, objects, (object) => {
      for (const indexes of indexed) {
        const store = createStore({
          indexes: indexes as never,
          log: {
            error: (_fields, message) => {
              throw new Error(message);
            },
          },
        });
        const partition = store.partition();
        partition.beginRelist();
        partition.commitRelist([object], '9');
        expect(store.get('ns/a')).toBe(object);
      }
    });
  });
});

describe('any refusal', () => {
  it('is a KubeError without a word of what was sent', LIMIT, async () => {
    const body = textOf(
      damaged(statusBody(409, 'Conflict', { details: { causes: [{ message: secretText('cause') }] } })),
    );
    const drawn = fc.record({
      status: fc.integer({ min: 300, max: 999 }),
      retryAfter: fc.option(anyText),
      body,
    });
    await holds(600, drawn, ({ status, retryAfter, body: text }) => {
      const subject = { verb: 'update', resource: SECRETS } as const;
      const error = errorOfRefusal(subject, { status, retryAfter: retryAfter ?? undefined, body: text }, 0);
      expectClassified(error);
      expect(error.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
      expectClassified(errorOfStatus(subject, text));
    });
  });

  it('asks for a wait of so many milliseconds, or for none', LIMIT, async () => {
    await holds(600, anyText, (text) => {
      expect(retryAfterMsOf(text, 0) ?? 0).toBeGreaterThanOrEqual(0);
    });
  });
});

describe('a reader of whatever answers', () => {
  let replier: Replier;
  let transport: Transport;
  let reader: KubeReader;
  beforeAll(async () => {
    replier = await startReplier();
    const auth = { server: new URL(replier.origin), credentials: async () => ({ connect: {}, headers: {} }) };
    const limits = {
      connectMs: 200,
      getMs: 200,
      listMs: 200,
      writeMs: 200,
      watchHeadersMs: 200,
      listBytes: 2 ** 20,
    };
    transport = createTransport({ auth, userAgent: 'example/1', limits });
    reader = createKubeReader(transport);
  });
  afterAll(async () => {
    await transport.close();
    await replier.close();
  });

  const secrets: Scope = { resource: SECRETS, metadataOnly: true };

  it('ends every list in pages or a KubeError', LIMIT, async () => {
    const list = damaged({ metadata: { resourceVersion: '9', continue: 'x' }, items: [SECRET, OBJECT] });
    const last = Buffer.from('{"metadata":{"resourceVersion":"9"},"items":[]}');
    const drawn = fc.oneof(
      textOf(list).map((text) => [http(Buffer.from(text)), http(last)]),
      fc.array(anyReply, { minLength: 1, maxLength: 3 }).map((replies) => [...replies, http(last)]),
    );
    await holds(100, drawn, async (replies) => {
      replier.answer(replies);
      await attempted(async () => {
        let pages = 0;
        for await (const page of reader.pages(secrets, signal)) {
          expect(Array.isArray(page.items)).toBe(true);
          pages += 1;
          // A server that always has more to show is asked for no more here.
          if (pages > 5) return;
        }
      });
    });
  });

  it('ends every watch in events or a KubeError, and hands on no value of a Secret', LIMIT, async () => {
    const query = { timeoutSeconds: 5, initialEvents: true };
    const known = fc.array(fc.constant(`${JSON.stringify({ type: 'ADDED', object: SECRET })}\n`), {
      maxLength: 2,
    });
    const drawn = fc.tuple(known, stream).map(([lines, { bytes, cuts }]) => {
      const all = Buffer.concat([Buffer.from(lines.join('')), bytes]);
      return {
        known: lines.length,
        reply: { ...http(all), chunks: pieces(http(all).chunks[0] ?? all, cuts) },
      };
    });
    await holds(100, drawn, async ({ known: least, reply }) => {
      replier.answer([reply]);
      const seen: unknown[] = [];
      await attempted(async () => {
        for await (const event of reader.watch(secrets, query, signal)) seen.push(event);
      });
      expect(seen.length).toBeGreaterThanOrEqual(least);
      for (const event of seen.slice(0, least)) expectNoSecret(event);
    });
  });

  it('ends every request in JSON or a KubeError', LIMIT, async () => {
    await holds(120, anyReply, async (reply) => {
      replier.answer([reply]);
      const call = { verb: 'create', method: 'POST', resource: THINGS, path: '/x', body: { a: 1 } } as const;
      await attempted(() => transport.request(call, signal));
    });
  });
});

function http(body: Buffer) {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return { chunks: [Buffer.concat([Buffer.from(head), body])], ends: true };
}
