/** What the other built-in kinds take and refuse. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './server.ts';
import { Client, causesOf } from './testing/client.ts';
import { namespaced } from './testing/widgets.ts';

let server: ApiServer;
let client: Client;
beforeAll(async () => {
  server = await startApiServer();
  client = new Client(server);
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events';

describe('a Lease', () => {
  const lease = (name: string, spec: object) => ({ metadata: { name }, spec });

  it.each([
    ['2026-05-04T03:02:01.123456Z', '2026-05-04T03:02:01.123456Z'],
    ['2026-05-04T03:02:01.123456+02:00', '2026-05-04T01:02:01.123456Z'],
  ])('takes the time %s', async (renewTime, stored) => {
    const { body } = await client.post(LEASES, { metadata: { generateName: 't-' }, spec: { renewTime } });
    expect(body.spec).toEqual({ renewTime: stored });
  });

  it.each([
    ['2026-05-04T03:02:01Z', '"Z" as ".000000"'],
    ['2026-05-04T03:02:01.123Z', '".123Z" as ".000000"'],
    ['2026-05-04T03:02:01.1234567Z', '"7Z" as "Z07:00"'],
    ['2026-05-04 03:02:01.123456Z', '" 03:02:01.123456Z" as "T"'],
    ['', '"" as "2006"'],
  ])('refuses the time %j while decoding', async (renewTime, part) => {
    const { status, body } = await client.post(LEASES, lease('time', { renewTime }));
    expect([status, body.message]).toEqual([
      400,
      `Lease in version "v1" cannot be handled as a Lease: parsing time "${renewTime}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${part}`,
    ]);
  });

  it('needs no field, takes null for absent and an empty holder', async () => {
    expect((await client.post(LEASES, { metadata: { name: 'bare' } })).body.spec).toEqual({});
    const { body } = await client.post(LEASES, lease('empty', { holderIdentity: '', renewTime: null }));
    expect(body.spec).toEqual({ holderIdentity: '' });
  });

  it('lasts at least a second and has had no less than no transitions', async () => {
    const reply = await client.post(
      LEASES,
      lease('short', { leaseDurationSeconds: 0, leaseTransitions: -1 }),
    );
    expect(causesOf(reply)).toEqual([
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ]);
  });
});

describe('an Event', () => {
  const event = (name: string, more: object = {}) => ({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name },
    eventTime: '2026-05-04T03:02:01.000000Z',
    reportingController: 'example.org/operator',
    reportingInstance: 'one',
    action: 'Reconcile',
    reason: 'Created',
    type: 'Normal',
    note: 'made',
    regarding: { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 's' },
    ...more,
  });

  it('is found by what it regards', async () => {
    expect((await client.post(EVENTS, event('found'))).status).toBe(201);
    const { items } = (await client.get(`${EVENTS}?fieldSelector=regarding.kind%3DSecret,reason%3DCreated`))
      .body;
    expect(items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual(['found']);
  });

  it('may regard an object of another namespace', async () => {
    const elsewhere = { kind: 'Secret', namespace: 'dying', name: 's' };
    expect((await client.post(EVENTS, event('elsewhere', { regarding: elsewhere }))).status).toBe(201);
  });

  it('without a reporter is told all that is wrong with the empty name', async () => {
    const reply = await client.post(EVENTS, event('nobody', { reportingController: '' }));
    expect(causesOf(reply).map((text) => text.slice(0, 66))).toEqual(
      [
        'reportingController: Required value',
        'reportingController: Invalid value: "": name part must be non-empty',
        'reportingController: Invalid value: "": name part must consist of a',
      ].map((text) => text.slice(0, 66)),
    );
  });

  it.each<[string, object, string[]]>([
    ['no time', { eventTime: null }, ['eventTime: Required value']],
    ['no action', { action: '' }, ['action: Required value']],
    ['no reporter', { reportingInstance: '' }, ['reportingInstance: Required value']],
    [
      'a reporter without a qualified name',
      { reportingController: 'a b' },
      ['reportingController: Invalid value: "a b": name part must consist of alphanumeric'],
    ],
    [
      'a long note',
      { note: 'x'.repeat(1025) },
      ['message: Invalid value: "": can have at most 1024 characters'],
    ],
    [
      'a long reason',
      { reason: 'x'.repeat(129) },
      ['reason: Invalid value: "": can have at most 128 characters'],
    ],
    ['a type of its own', { type: 'Odd' }, ['type: Invalid value: "": has invalid value: Odd']],
    [
      'a series of one',
      { series: { count: 1 } },
      ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
    ],
    ['a deprecated count', { deprecatedCount: 1 }, ['count: Invalid value: "": needs to be unset']],
  ])('with %s is refused', async (_what, more, causes) => {
    const reply = await client.post(EVENTS, event('refused', more));
    expect(reply.status).toBe(422);
    expect(causesOf(reply)).toEqual(causes.map((cause) => expect.stringContaining(cause)));
  });

  it('with milliseconds cannot be decoded', async () => {
    const { status, body } = await client.post(
      EVENTS,
      event('ms', { eventTime: '2026-05-04T03:02:01.000Z' }),
    );
    expect([status, body.message]).toEqual([
      400,
      expect.stringContaining('cannot parse ".000Z" as ".000000"'),
    ]);
  });

  it('may change its series and metadata only', async () => {
    await client.post(EVENTS, event('series'));
    const series = { count: 2, lastObservedTime: '2026-05-04T03:02:02.000000Z' };
    expect(
      (await client.merge(`${EVENTS}/series`, { series, metadata: { labels: { a: 'b' } } })).status,
    ).toBe(200);
    const reply = await client.merge(`${EVENTS}/series`, { note: 'other' });
    expect(causesOf(reply)).toEqual(['message: Invalid value: "other": field is immutable']);
  });
});

describe('a Namespace', () => {
  it('is Active, and labelled with its name', async () => {
    const { body } = await client.post('/api/v1/namespaces', {
      metadata: { name: 'fresh', labels: { a: 'b' } },
    });
    expect(body).toMatchObject({
      metadata: { labels: { a: 'b', 'kubernetes.io/metadata.name': 'fresh' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  it('shows its status, and has a phase that follows from its deletion alone', async () => {
    const { status, body } = await client.get('/api/v1/namespaces/default/status');
    expect([status, body.metadata.name]).toEqual([200, 'default']);
    const reply = await client.merge('/api/v1/namespaces/default/status', { status: { phase: 'Odd' } });
    expect(causesOf(reply)).toEqual([
      'status.Phase: Invalid value: "Odd": may only be \'Active\' if `deletionTimestamp` is empty',
    ]);
  });

  it('keeps its own finalizer and label', async () => {
    const before = (await client.get('/api/v1/namespaces/default')).body;
    const change = {
      metadata: { labels: { 'kubernetes.io/metadata.name': null } },
      spec: { finalizers: [] },
    };
    expect((await client.merge('/api/v1/namespaces/default', change)).body).toEqual(before);
  });

  it('has a name without dots', async () => {
    const reply = await client.post('/api/v1/namespaces', { metadata: { name: 'a.b' } });
    expect(causesOf(reply)).toEqual(['metadata.name: Invalid value: "a.b": must not contain dots']);
  });

  it('of the system may not be deleted', async () => {
    const { status, body } = await client.delete('/api/v1/namespaces/default');
    expect([status, body.message]).toEqual([
      403,
      'namespaces "default" is forbidden: this namespace may not be deleted',
    ]);
  });
});

it('a ServiceAccount is stored, and shown when it is deleted', async () => {
  const body = { metadata: { name: 'robot' }, automountServiceAccountToken: false };
  const reply = await client.post(namespaced('default', 'serviceaccounts'), body);
  expect([reply.status, reply.body.automountServiceAccountToken]).toEqual([201, false]);
  const deleted = (await client.delete(namespaced('default', 'serviceaccounts/robot'))).body;
  expect([deleted.kind, deleted.metadata.uid]).toEqual(['ServiceAccount', reply.body.metadata.uid]);
});

describe('a Deployment', () => {
  const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
  const deployment = (name: string, container: object) => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
    },
  });

  it('is merged container by container, and variable by variable', async () => {
    const env = [{ name: 'A', value: '1' }];
    await client.post(DEPLOYMENTS, deployment('merged', { name: 'main', image: 'one', env }));
    const change = { name: 'main', image: 'two', env: [{ name: 'B', value: '2' }] };
    const patch = { spec: { template: { spec: { containers: [change] } } } };
    const type = 'application/strategic-merge-patch+json';
    const { body } = await client.send('PATCH', `${DEPLOYMENTS}/merged`, patch, { type });
    const [container] = body.spec.template.spec.containers;
    expect(container.image).toBe('two');
    expect(container.env.map(({ name }: { name: string }) => name).sort()).toEqual(['A', 'B']);
    expect(body.metadata.generation).toBe(2);
  });

  it('has the fields of its pods checked', async () => {
    const typo = deployment('typo', { name: 'main', imagePullPolcy: 'Always' });
    const { status, body } = await client.post(`${DEPLOYMENTS}?fieldValidation=Strict`, typo);
    expect(status).toBe(400);
    expect(body.message).toContain('unknown field "spec.template.spec.containers[0].imagePullPolcy"');
  });
});

it('a RoleBinding has the fields of its role checked', async () => {
  const path = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings';
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'b' },
  };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' };
  expect((await client.post(path, { ...binding, roleRef, subjects: [] })).status).toBe(201);
  const strict = `${path}?fieldValidation=Strict`;
  const { body } = await client.post(strict, { ...binding, roleRef: { ...roleRef, namespace: 'x' } });
  expect(body.message).toContain('unknown field "roleRef.namespace"');
});
