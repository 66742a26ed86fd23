import { describe, expect, it } from 'vitest';
import type { EdgeError, Outcome } from '../../src/kube/outcome.ts';
import { findCanary, secretText } from '../support/canary.ts';
import { unavailable } from './cluster.ts';
import { edge, GOOD, Scene } from './connections.ts';
import { HOUR, NAMESPACE, want } from './manifests.ts';

describe('a pass for a connection', () => {
  it('looks for the password, logs in, reads its own client, and says so', async () => {
    const scene = new Scene();
    expect(await scene.pass()).toBe(GOOD);
    expect(scene.conditions()).toBe(
      'Ready=True/Connected Reachable=True/Answering Authenticated=True/LoggedIn Authorised=True/PrivilegeShown',
    );
    expect(scene.status().capabilities).toEqual({ read: true });
    expect(scene.sessions.of('main')).toMatchObject({
      usable: true,
      endpoint: 'https://alm',
      readable: true,
    });
    expect(scene.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(scene.probed).toEqual(['main']);
  });

  it('keeps its client and its login while nothing casts doubt on them, and writes nothing', async () => {
    const scene = new Scene();
    await scene.pass();
    expect(await scene.pass()).toBe('read Secret → GET');
    expect(scene.made).toHaveLength(1);
    expect(scene.alm.closed).toBe(0);
  });

  it('logs in anew where a call cast doubt on the login, once', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.sessions.suspect('main');
    expect(await scene.pass()).toBe('read Secret → login → GET');
    expect(await scene.pass()).toBe('read Secret → GET');
  });

  it('makes another client for another password, and lets go of the old one', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.applySecret(secretText('rotated'));
    expect(await scene.pass()).toBe('read Secret → login → GET');
    expect(scene.made).toHaveLength(2);
    expect(scene.alm.closed).toBe(1);
  });

  it('makes another client for another spec, and says at which generation it looked', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.apply({ limits: { timeout: '3s', concurrency: 2 } });
    expect(await scene.pass()).toBe(GOOD);
    expect(scene.made.at(-1)).toMatchObject({ timeoutMs: 3000, concurrency: 2 });
    expect(scene.status().observedGeneration).toBe(2);
  });

  it('waits for a Secret that is missing, and comes into use by itself', async () => {
    const scene = new Scene();
    scene.cluster.drop('secrets', { namespace: NAMESPACE, name: 'login' });
    expect(await scene.pass()).toBe('read Secret → status');
    expect(scene.conditions()).toBe(
      'Ready=False/SecretNotFound Reachable=Unknown/SecretNotFound Authenticated=Unknown/SecretNotFound ' +
        'Authorised=Unknown/NotYetShown Reconciling=True/SecretNotFound',
    );
    expect(scene.sessions.of('main')).toEqual({ usable: false });
    expect(scene.probed).toEqual(['main']);
    scene.applySecret();
    expect(await scene.pass()).toBe(GOOD);
    expect(scene.sessions.of('main')).toMatchObject({ usable: true });
  });

  it('stops the calls of all objects as soon as its Secret is gone', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.cluster.drop('secrets', { namespace: NAMESPACE, name: 'login' });
    await scene.pass();
    expect(scene.sessions.of('main')).toEqual({ usable: false });
    scene.applySecret();
    expect(await scene.pass()).toBe(GOOD);
  });

  it.each<[string, EdgeError, string, Outcome]>([
    [
      'a dead ALM',
      edge('AlmUnavailable'),
      'Ready=False/AlmUnavailable Reachable=False/AlmUnavailable Authenticated=Unknown/AlmUnavailable',
      { then: 'retry' },
    ],
    [
      'a wrong certificate',
      edge('TlsError'),
      'Ready=False/TlsError Reachable=False/TlsError Authenticated=Unknown/TlsError',
      { then: 'retry' },
    ],
    [
      'a wrong password',
      edge('Unauthorised'),
      'Ready=False/Unauthorised Reachable=True/Answering Authenticated=False/Unauthorised',
      { then: 'retry' },
    ],
    [
      'a limit',
      edge('RateLimited', 9000),
      'Ready=False/RateLimited Reachable=False/RateLimited Authenticated=Unknown/RateLimited',
      { then: 'retryAfter', ms: 9000 },
    ],
  ])('says what %s means, and comes again', async (_, error, conditions, outcome) => {
    const scene = new Scene();
    scene.cluster.breaks.push({ at: 'login', when: 'before', error });
    expect(await scene.pass()).toBe('read Secret → login → status');
    expect(scene.conditions()).toContain(conditions);
    expect(scene.sessions.of('main')).toEqual({ usable: false });
    expect(scene.outcome).toEqual(outcome);
    expect(await scene.pass()).toBe(GOOD);
    expect(scene.conditions()).toMatch(/^Ready=True/);
  });

  it('is stalled by a spec that nobody can read, and asks nobody', async () => {
    const scene = new Scene();
    scene.apply({ endpoint: 'alm' });
    expect(await scene.pass()).toBe('status');
    expect(scene.conditions()).toMatch(/^Ready=False\/InvalidSpec .*Stalled=True\/InvalidSpec$/);
    expect(scene.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
  });

  it('is stalled by certificates that give no connection', async () => {
    const scene = new Scene();
    scene.refusal = edge('InvalidSpec');
    expect(await scene.pass()).toBe('read Secret → status');
    expect(scene.conditions()).toMatch(/^Ready=False\/InvalidSpec /);
    scene.refusal = undefined;
    expect(await scene.pass()).toBe(GOOD);
  });

  it('ends, with its client, when the connection is deleted', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.cluster.drop('almconnections', { namespace: NAMESPACE, name: 'main' });
    expect(await scene.pass()).toBe('');
    expect(scene.outcome).toEqual({ then: 'forget' });
    expect(scene.sessions.of('main')).toBeUndefined();
    expect(scene.probed).toEqual(['main', 'main']);
    expect(scene.alm.closed).toBe(1);
  });

  it('warns of plain http and of certificates that nobody checks', async () => {
    const scene = new Scene();
    scene.apply({ endpoint: 'http://alm', insecure: { allowHttp: true } });
    await scene.pass();
    expect(scene.conditions()).toContain('InsecureTransport=True/PlainHttp');
    scene.apply({ tls: { insecureSkipVerify: true } });
    await scene.pass();
    expect(scene.conditions()).toContain('InsecureTransport=True/VerificationDisabled');
    scene.apply();
    await scene.pass();
    expect(scene.conditions()).not.toContain('InsecureTransport');
  });

  it('is not over before its status is written: an API server that is away costs a pass', async () => {
    const scene = new Scene();
    scene.cluster.breaks.push({ at: 'status', when: 'before', error: unavailable() });
    await scene.pass();
    expect(scene.thrown).toMatchObject({ status: 503 });
    await scene.pass();
    expect(scene.conditions()).toMatch(/^Ready=True/);
  });

  it('is not looked at periodically with 0s', async () => {
    const scene = new Scene(0);
    await scene.pass();
    expect(scene.outcome).toEqual({ then: 'settle' });
  });

  it('tells no password', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.applySecret(secretText('rotated'));
    scene.cluster.breaks.push({ at: 'login', when: 'before', error: edge('Unauthorised') });
    await scene.pass();
    expect(findCanary({ logged: scene.logged, made: scene.made, sessions: scene.sessions })).toBeUndefined();
    expect(findCanary([...scene.cluster.of('almconnections')])).toBeUndefined();
  });
});

describe('whether ALM can be read', () => {
  const denied = edge('PrivilegeMissing');
  const wrongAddress = edge('EndpointNotFound');
  const away = edge('AlmUnavailable');

  it.each<[string, (scene: Scene) => void, boolean | undefined, string]>([
    ['is shown by a record', () => undefined, true, 'Authorised=True'],
    [
      'is denied by a 405',
      ({ alm }) => alm.script.GET.push({ answer: 'notOffered' }),
      false,
      'Authorised=Unknown',
    ],
    [
      'is denied by a 404',
      ({ alm }) => alm.script.GET.push({ answer: 'absent' }),
      false,
      'Authorised=Unknown',
    ],
    [
      'is denied by a 403, which hints at a missing privilege',
      ({ cluster }) => cluster.breaks.push({ at: 'GET', when: 'before', error: denied }),
      false,
      'Authorised=False',
    ],
    [
      'is denied where there is no such address',
      ({ cluster }) => cluster.breaks.push({ at: 'GET', when: 'before', error: wrongAddress }),
      false,
      'Authorised=Unknown',
    ],
    [
      'stays open where ALM could not answer',
      ({ cluster }) => cluster.breaks.push({ at: 'GET', when: 'before', error: away }),
      undefined,
      'Authorised=Unknown',
    ],
  ])('%s', async (_, prepare, read, authorised) => {
    const scene = new Scene();
    prepare(scene);
    expect(await scene.pass()).toBe(GOOD);
    expect(scene.status().capabilities).toEqual(read === undefined ? undefined : { read });
    expect(scene.sessions.of('main')).toMatchObject({ usable: true, readable: read ?? false });
    expect(scene.conditions()).toContain(authorised);
  });

  it('is remembered through a restart and through silence', async () => {
    const scene = new Scene();
    await scene.pass();
    scene.sessions.remove('main');
    scene.cluster.breaks.push({ at: 'GET', when: 'before', error: away });
    await scene.pass();
    expect(scene.status().capabilities).toEqual({ read: true });
    expect(scene.sessions.of('main')).toMatchObject({ readable: true });
  });

  it.each([
    ['Enabled', true],
    ['Disabled', false],
  ])('is not asked where the spec says %s', async (read, readable) => {
    const scene = new Scene();
    scene.apply({ api: { read } });
    expect(await scene.pass()).toBe('read Secret → login → status');
    expect(scene.sessions.of('main')).toMatchObject({ readable });
    expect(scene.status().capabilities).toEqual({ read: readable });
  });

  it('is asked for the first client that was written where there is no login', async () => {
    const scene = new Scene();
    scene.apply({ auth: { none: {} } });
    expect(await scene.pass()).toBe('login → status');
    expect(scene.status().capabilities).toBeUndefined();
    scene.alm.clients.set('orders', { record: want, secret: 'x' });
    scene.sessions.noteWrite('main', 'orders', 'shown');
    expect(await scene.pass()).toBe('GET → status');
    expect(scene.status().capabilities).toEqual({ read: true });
  });
});

describe('the privilege of the login client', () => {
  it('is denied by a refused write until one is accepted', async () => {
    const scene = new Scene();
    scene.alm.script.GET.push({ answer: 'notOffered' }, { answer: 'notOffered' });
    await scene.pass();
    scene.sessions.noteWrite('main', 'orders', 'denied');
    await scene.pass();
    expect(scene.conditions()).toContain('Ready=False/PrivilegeMissing');
    expect(scene.sessions.of('main')).toMatchObject({ usable: true });
    scene.sessions.noteWrite('main', 'orders', 'shown');
    await scene.pass();
    expect(scene.conditions()).toContain('Ready=True/Connected');
  });
});
