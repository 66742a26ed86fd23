import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';
import { namespaced } from './testing/widgets.ts';

const AUTHORISATION = '/apis/authorization.k8s.io/v1';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';

let server: ApiServer;
let client: Client;

beforeAll(async () => {
  server = await startApiServer({ tokens: { 'token-canary-7f3a9': 'operator' } });
  client = new Client(server);
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

describe('a review of oneself', () => {
  it('allows whatever is asked', async () => {
    const spec = { resourceAttributes: { verb: 'delete', resource: 'secrets', namespace: 'kube-system' } };
    const { status, body } = await client.post(`${AUTHORISATION}/selfsubjectaccessreviews`, { spec });
    expect([status, body.kind, body.status, body.spec]).toEqual([
      201,
      'SelfSubjectAccessReview',
      { allowed: true },
      spec,
    ]);
  });

  it('has to ask something, and one thing', async () => {
    const ask = (spec: object) => client.post(`${AUTHORISATION}/selfsubjectaccessreviews`, { spec });
    const none = await ask({});
    expect(none.body.message).toBe(
      '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
    const both = await ask({
      resourceAttributes: { verb: 'get' },
      nonResourceAttributes: { path: '/', verb: 'get' },
    });
    expect(causesOf(both)[0]).toMatch(/^spec\.nonResourceAttributes: .*cannot be specified in combination/);
  });

  it('tells who asks', async () => {
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const { body } = await client.send('POST', path, {}, { token: 'token-canary-7f3a9' });
    expect(Date.parse(body.metadata.creationTimestamp)).toBeGreaterThan(0);
    expect(body.status.userInfo).toEqual({
      username: 'operator',
      groups: ['system:masters', 'system:authenticated'],
    });
  });

  it('lists everything as allowed, of a namespace that is named', async () => {
    const ask = (spec: object) => client.post(`${AUTHORISATION}/selfsubjectrulesreviews`, { spec });
    const { body } = await ask({ namespace: 'default' });
    expect(body.status.resourceRules).toContainEqual({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
    expect((await ask({})).body.message).toBe('no namespace on request');
  });

  it('is created and nothing else, and is told by discovery', async () => {
    expect((await client.get(`${AUTHORISATION}/selfsubjectaccessreviews`)).status).toBe(405);
    const { body } = await client.get(AUTHORISATION);
    expect(body.resources.map(({ name, verbs }: { name: string; verbs: string[] }) => [name, verbs])).toEqual(
      [
        ['selfsubjectaccessreviews', ['create']],
        ['selfsubjectrulesreviews', ['create']],
      ],
    );
  });
});

describe('forms of a body', () => {
  const path = namespaced('default', 'configmaps');

  it('may be YAML', async () => {
    const text = 'metadata:\n  name: yaml\ndata:\n  a: "1"\n';
    const { status, body } = await client.send('POST', path, text, { type: 'application/yaml' });
    expect([status, body.data]).toEqual([201, { a: '1' }]);
    const broken = await client.send('POST', path, 'a: [', { type: 'application/yaml' });
    expect([broken.status, broken.body.reason]).toEqual([400, 'BadRequest']);
  });

  it('may not be a form, or protobuf of a kind that is not known in it', async () => {
    for (const type of ['application/x-www-form-urlencoded', PROTOBUF]) {
      const { status, body } = await client.send('POST', path, '{}', { type });
      expect([status, body.reason]).toEqual([415, 'UnsupportedMediaType']);
    }
  });
});
