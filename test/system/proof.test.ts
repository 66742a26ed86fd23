import { describe, expect, it } from 'vitest';
import type { AlmSim } from '../support/alm/server.ts';
import { secretText } from '../support/canary.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, isReady, type Place } from './clients.ts';

/** What ALM took counts only once a login with it succeeds: ALMs that lag, refuse for a while, or ignore new secrets. */

const scenario = useScenario();
const { created, declare, get, patch, place, rotate, settled, until } = clientsOf(scenario);

const isVerified = hasCondition('Verified', 'True', 'TokenIssued');
const isVerifying = hasCondition('Verified', 'Unknown', 'Verifying');
const isRefused = hasCondition('Verified', 'False', 'TokenRefused');

const INVALID = JSON.stringify({ error: 'invalid_client', error_description: 'Bad client credentials' });
const REFUSAL = { kind: 'status', status: 401, body: INVALID } as const;

function logins({ log }: AlmSim, { clientId }: Place) {
  return log.filter((request) => request.path === '/oauth/token' && request.clientId === clientId);
}

function writes({ log }: AlmSim, { clientId }: Place) {
  return log.filter((request) => request.wrote !== undefined && request.clientId === clientId);
}

function statusWrites({ namespace }: Place, since = 0): number {
  const match = { resource: 'clientcredentials', subresource: 'status', verb: 'update', namespace } as const;
  return scenario().gate.count(match, since);
}

// No more than run at once: what comes later would calm the ALMs of those under way.
describe.concurrent('an ALM that', () => {
  it('refuses tokens for 20 s after each write is waited for, and not written again', async () => {
    const alm = await scenario().connect('slow');
    const of = await place('slow');
    const isFresh = () => Date.now() - (writes(alm, of).at(-1)?.at ?? 0) < 20_000;
    const match = ({ path, clientId }: Readonly<{ path: string; clientId?: string }>) =>
      path === '/oauth/token' && clientId === of.clientId && isFresh();
    alm.faults.add({ match, do: REFUSAL });
    await declare(of, { connectionRef: { name: 'slow' } });
    const waiting = await until(of, 'Verifying', isVerifying);
    expect(conditionOf(waiting, 'Ready')).toMatchObject({ status: 'False', reason: 'Progressing' });
    expect(conditionOf(waiting, 'Reconciling')).toMatchObject({ status: 'True' });
    expect(conditionOf(waiting, 'Stalled')).toBeUndefined();
    const object = await settled(of, 45_000);
    expect(isVerified(object)).toBe(true);
    expect(writes(alm, of)).toHaveLength(1);
    const asked = logins(alm, of);
    expect(asked.at(-1)?.status).toBe(200);
    // One at once, then after 2, 4, 8 and 16 s and at the end of the window.
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThanOrEqual(7);
  }, 70_000);

  it('ignores new secrets is named, asked again, and believed once it takes them', async () => {
    const alm = await scenario().connect('deaf', { alm: { knobs: { newSecret: 'ignored' } } });
    const of = await created('deaf', { connectionRef: { name: 'deaf' } });
    await rotate(of, secretText('unheard'));
    const waiting = await until(of, 'Verifying', isVerifying);
    expect(conditionOf(waiting, 'Ready')).toMatchObject({ status: 'False', reason: 'Progressing' });
    const object = await until(of, 'TokenRefused', isRefused, 50_000);
    for (const type of ['Ready', 'Verified']) {
      expect(conditionOf(object, type)).toMatchObject({ status: 'False', reason: 'TokenRefused' });
      expect(conditionOf(object, type)?.message).toContain('it may ignore new passwords');
    }
    expect(conditionOf(object, 'Synced')).toMatchObject({ status: 'True' });
    expect(conditionOf(object, 'Reconciling')).toMatchObject({ status: 'True', reason: 'TokenRefused' });
    expect(alm.matches(of.clientId, secretText('deaf'))).toBe(true);
    const [before, since] = [writes(alm, of).length, scenario().gate.log.at(-1)?.n ?? 0];
    alm.knobs.newSecret = 'applied';
    await settled(of, 60_000);
    expect(isVerified(await get(of))).toBe(true);
    expect(alm.matches(of.clientId, secretText('unheard'))).toBe(true);
    expect(writes(alm, of).length).toBeGreaterThan(before);
    // The refusal stood until the login succeeded, and was not written again.
    expect(statusWrites(of, since)).toBe(1);
  }, 130_000);

  it('has three replicas that lag behind each other comes to be proved', async () => {
    const knobs = { replicas: 3, replicaLag: 12, clientCache: 2 };
    const alm = await scenario().connect('lagging', { alm: { knobs } });
    const of = await created('lagging', { connectionRef: { name: 'lagging' } });
    await rotate(of, secretText('later'));
    const object = await settled(of, 60_000);
    expect(isVerified(object)).toBe(true);
    expect(alm.matches(of.clientId, secretText('later'))).toBe(true);
    expect(logins(alm, of).at(-1)?.status).toBe(200);
  }, 90_000);

  it('does not answer a login leaves the client unproved until it does', async () => {
    const alm = await scenario().connect('cut');
    const of = await place('cut');
    const match = ({ path, clientId }: Readonly<{ path: string; clientId?: string }>) =>
      path === '/oauth/token' && clientId === of.clientId;
    alm.faults.add({ match, times: 2, do: { kind: 'reset', when: 'before' } });
    await declare(of, { connectionRef: { name: 'cut' } });
    await until(of, 'Verifying', isVerifying);
    expect(isVerified(await settled(of, 40_000))).toBe(true);
    expect(logins(alm, of).length).toBeGreaterThanOrEqual(3);
    expect(writes(alm, of)).toHaveLength(1);
  }, 60_000);

  it('was given another secret behind our back is found out at the next resync', async () => {
    const alm = await scenario().connect('watched', {
      alm: { knobs: { getItem: 'omitted' } },
      spec: { verification: 'EachResync' },
    });
    const of = await created('watched', { connectionRef: { name: 'watched' }, resyncInterval: '5s' });
    const version = (await get(of)).metadata.resourceVersion;
    alm.state.set({ ...recordOf(alm, of), clientSecret: secretText('intruder') });
    const isOurs = () => alm.matches(of.clientId, secretText('watched'));
    const deadline = AbortSignal.timeout(25_000);
    while (!isOurs()) {
      deadline.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const isNewer = (object: Live) => object.metadata.resourceVersion !== version;
    await until(
      of,
      'Ready after the repair',
      (object) => isNewer(object) && isReady(object) && isVerified(object),
    );
  }, 60_000);
});

describe('an ALM that', () => {
  it('cannot be asked for tokens says so, and holds nothing back', async () => {
    const alm = await scenario().connect('mute');
    const of = await place('mute');
    const match = ({ path, clientId }: Readonly<{ path: string; clientId?: string }>) =>
      path === '/oauth/token' && clientId === of.clientId;
    alm.faults.add({ match, do: { kind: 'status', status: 404 } });
    await declare(of, { connectionRef: { name: 'mute' } });
    const object = await settled(of);
    expect(conditionOf(object, 'Verified')).toMatchObject({ status: 'Unknown', reason: 'Unprovable' });
    expect(writes(alm, of)).toHaveLength(1);
  });

  it('is proved on change alone, or never, where the connection says so', async () => {
    const alm = await scenario().connect('trusted', { spec: { verification: 'Never' } });
    const of = await created('trusted', { connectionRef: { name: 'trusted' } });
    expect(conditionOf(await get(of), 'Verified')).toBeUndefined();
    expect(logins(alm, of)).toEqual([]);
    const calm = await created('calm', { resyncInterval: '1h' });
    const proofs = () => logins(scenario().alm, calm).length;
    expect(proofs()).toBe(1);
    await patch(calm, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'once' } });
    await until(calm, 'the request', ({ status }) => status?.['lastHandledReconcileAt'] === 'once');
    expect(proofs()).toBe(2);
  });

  it('lets a client use only the password grant has nothing to prove', async () => {
    const spec = { authorisedGrantTypes: ['password', 'refresh_token'] };
    const of = await created('people', spec);
    expect(conditionOf(await get(of), 'Verified')).toBeUndefined();
    expect(logins(scenario().alm, of)).toEqual([]);
  });
});

function recordOf(alm: AlmSim, { clientId }: Place) {
  const record = alm.state.get(clientId);
  if (record === undefined) throw new Error(`ALM has no client ${clientId}`);
  return record;
}
