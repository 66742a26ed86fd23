import { afterEach, describe, expect, it } from 'vitest';
import type { KubeClient, KubeError } from '../../src/kube/client.ts';
import { createKubeClient } from '../../src/kube/requests.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { SECRETS, THINGS, thing } from './support/objects.ts';
import { type Handler, type ScriptedServer, startServer } from './support/server.ts';

const never = new AbortController().signal;
const ref = { namespace: 'ns', name: 'a' };
const stored = thing('ns/a', 7);
const path = '/apis/example.org/v1/namespaces/ns/things/a';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function connect(handler: Handler): Promise<Readonly<{ server: ScriptedServer; client: KubeClient }>> {
  const server = await startServer(handler);
  const transport = createTransport({ auth: server.auth, userAgent: 'example/1' });
  closers.push(async () => {
    await transport.close();
    await server.close();
  });
  return { server, client: createKubeClient(transport) };
}

type Row = Readonly<{
  name: string;
  call: (client: KubeClient) => Promise<unknown>;
  sent: Readonly<{ method: string; path: string; type?: string; body?: unknown }>;
}>;

const rows: readonly Row[] = [
  { name: 'get', call: (client) => client.get(THINGS, ref, never), sent: { method: 'GET', path } },
  {
    name: 'create in the namespace of the object',
    call: (client) =>
      client.create(THINGS, { apiVersion: 'example.org/v1', kind: 'Thing', metadata: ref }, never),
    sent: {
      method: 'POST',
      path: '/apis/example.org/v1/namespaces/ns/things',
      type: 'application/json',
      body: { apiVersion: 'example.org/v1', kind: 'Thing', metadata: ref },
    },
  },
  {
    name: 'replace with uid and version in the body',
    call: (client) => client.replace(THINGS, stored, never),
    sent: { method: 'PUT', path, type: 'application/json', body: stored },
  },
  {
    name: 'replace the status at its own path',
    call: (client) => client.replaceStatus(THINGS, stored, never),
    sent: { method: 'PUT', path: `${path}/status`, type: 'application/json', body: stored },
  },
  {
    name: 'merge patch',
    call: (client) => client.patch(THINGS, ref, { type: 'merge', body: { a: null } }, never),
    sent: { method: 'PATCH', path, type: 'application/merge-patch+json', body: { a: null } },
  },
  {
    name: 'JSON patch',
    call: (client) =>
      client.patch(THINGS, ref, { type: 'json', body: [{ op: 'remove', path: '/a' }] }, never),
    sent: {
      method: 'PATCH',
      path,
      type: 'application/json-patch+json',
      body: [{ op: 'remove', path: '/a' }],
    },
  },
  {
    name: 'delete with preconditions',
    call: (client) => client.delete(THINGS, ref, { uid: 'u', resourceVersion: '7' }, never),
    sent: {
      method: 'DELETE',
      path,
      type: 'application/json',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u', resourceVersion: '7' } },
    },
  },
];

describe('the client asks for', () => {
  it.each(rows)('$name', async ({ call, sent }) => {
    const { server, client } = await connect((_, reply) => reply.json(200, stored));
    await call(client);
    const { method, path: askedPath, headers, body } = server.asked[0]!;
    expect({ method, path: askedPath }).toEqual({ method: sent.method, path: sent.path });
    expect(headers['content-type']).toBe(sent.type);
    expect(body === '' ? undefined : JSON.parse(body)).toEqual(sent.body);
  });
});

describe('an answer', () => {
  it('is the object without managedFields', async () => {
    const metadata = { ...stored.metadata, managedFields: [{ manager: 'kubectl' }] };
    const { client } = await connect((_, reply) => reply.json(200, { ...stored, metadata, spec: { n: 1 } }));
    expect(await client.get(THINGS, ref, never)).toEqual({ ...stored, spec: { n: 1 } });
  });

  it('that is no object is an error without a word of it', async () => {
    const { client } = await connect((_, reply) => reply.json(200, { data: 'canary-7f3a9' }));
    const error = await client.get(SECRETS, ref, never).catch((reason: KubeError) => reason);
    expect(error).toMatchObject({ status: 0, reason: 'MalformedAnswer' });
    expect(String(error)).not.toContain('canary');
  });

  it('to a deletion may be anything', async () => {
    const { client } = await connect((_, reply) =>
      reply.json(200, { kind: 'Status', details: { uid: 'u' } }),
    );
    await expect(client.delete(THINGS, ref, { uid: 'u' }, never)).resolves.toBeUndefined();
  });
});

describe('a replacement', () => {
  it.each([{ uid: '' }, { resourceVersion: '' }])(
    'without preconditions (%j) is never sent',
    async (more) => {
      const { server, client } = await connect((_, reply) => reply.json(200, stored));
      await expect(client.replace(THINGS, thing('ns/a', 7, more), never)).rejects.toThrow(TypeError);
      expect(server.asked).toEqual([]);
    },
  );
});
