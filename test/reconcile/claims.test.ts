import { describe, expect, it } from 'vitest';
import type { AlmClientClaim } from '../../src/api/almclientclaim.ts';
import { claimsIn, viewOf } from '../../src/reconcile/claims.ts';
import { recordingLog } from '../kube/support/log.ts';
import { Cluster, conflict, unavailable } from './cluster.ts';
import { kept } from './stores.ts';

const signal = new AbortController().signal;
const NAME = 'orders-x';
const owner = { namespace: 'team-a', name: 'orders', uid: 'u1' };
const view = { connection: 'main', endpoint: 'https://alm', clientId: 'orders', owner, phase: 'Pending' };

function scene() {
  const cluster = new Cluster();
  const { store } = kept<AlmClientClaim>();
  const { log, lines } = recordingLog();
  const claims = claimsIn('alm-operator', cluster.client(), store, log);
  const stored = () => store.get(`alm-operator/${NAME}`);
  const create = async () => (await claims.create(NAME, view, signal))!;
  return { cluster, claims, lines, stored, create, live: () => cluster.one('almclientclaims', NAME) };
}

describe('the claims', () => {
  it('are made with all that is known, and remembered at once', async () => {
    const { create, live, stored } = scene();
    expect(viewOf(await create())).toEqual(view);
    expect(stored()).toEqual(live());
  });

  it('are made by the first who asks', async () => {
    const { claims, create } = scene();
    await create();
    expect(await claims.create(NAME, view, signal)).toBeUndefined();
  });

  it('are changed by who has seen the newest version, and remembered at once', async () => {
    const { claims, create, live, stored } = scene();
    const seen = await create();
    const changed = await claims.change(seen, { phase: 'Held', origin: 'Created' }, signal);
    expect(viewOf(changed)).toEqual({ ...view, phase: 'Held', origin: 'Created' });
    expect(stored()).toEqual(live());
    await expect(claims.change(seen, { phase: 'Retained' }, signal)).rejects.toMatchObject({ status: 409 });
    expect(live()).toMatchObject({ spec: { phase: 'Held' } });
  });

  it('are told of in the log where they change hands or phase, and not otherwise', async () => {
    const { claims, create, lines } = scene();
    const said = () => lines.splice(0).map(({ level, message, fields }) => ({ level, message, ...fields }));
    const about = { level: 'info', claim: NAME, clientId: 'orders' };
    const made = await create();
    expect(said()).toEqual([{ ...about, message: 'claim created', phase: 'Pending' }]);
    const held = await claims.change(made, { phase: 'Held', origin: 'Created' }, signal);
    expect(said()).toEqual([
      { ...about, message: 'claim changed', was: 'Pending', phase: 'Held', taken: false },
    ]);
    const rotated = await claims.change(held, { rotation: { last: '2026-03-01T12:00:00Z' }, owner }, signal);
    expect(said()).toEqual([]);
    const other = { ...owner, uid: 'u2' };
    const taken = await claims.change(rotated, { owner: other, phase: 'Held' }, signal);
    expect(said()).toEqual([{ ...about, message: 'claim changed', was: 'Held', phase: 'Held', taken: true }]);
    await claims.remove(taken, signal);
    expect(said()).toEqual([{ ...about, message: 'claim removed' }]);
  });

  it('are read live, and remembered', async () => {
    const { cluster, claims, create, stored } = scene();
    await create();
    const { metadata } = cluster.put('almclientclaims', {
      apiVersion: 'g/v1',
      kind: 'K',
      metadata: { namespace: 'alm-operator', name: NAME },
      spec: { ...view, phase: 'Held' },
    });
    expect(await claims.read(NAME, signal)).toMatchObject({ metadata });
    expect(stored()?.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  it('are removed by who has seen the newest version, and forgotten at once', async () => {
    const { claims, create, live, stored } = scene();
    const seen = await create();
    const changed = await claims.change(seen, { phase: 'Held' }, signal);
    await expect(claims.remove(seen, signal)).rejects.toMatchObject({ status: 409 });
    expect(stored()).toBeDefined();
    await claims.remove(changed, signal);
    expect(live()).toBeUndefined();
    expect(stored()).toBeUndefined();
  });

  it('that are gone already count as removed, and as not there', async () => {
    const { cluster, claims, create, stored } = scene();
    const seen = await create();
    cluster.objects.clear();
    expect(await claims.read(NAME, signal)).toBeUndefined();
    await claims.remove(seen, signal);
    expect(stored()).toBeUndefined();
  });

  it.each(['create claim', 'read claim', 'delete claim', 'claim Held'])(
    'hide no failure of the API server: %s',
    async (at) => {
      const { cluster, claims, create } = scene();
      const seen = at === 'create claim' ? undefined : await create();
      const act = () => {
        if (seen === undefined) return claims.create(NAME, view, signal);
        if (at === 'read claim') return claims.read(NAME, signal);
        return at === 'delete claim'
          ? claims.remove(seen, signal)
          : claims.change(seen, { phase: 'Held' }, signal);
      };
      for (const error of [unavailable(), conflict(), new TypeError('bug')]) {
        cluster.breaks.push({ at, when: 'before', error });
        await expect(act()).rejects.toBe(error);
      }
    },
  );
});

describe('viewOf', () => {
  const claim = (spec: unknown): AlmClientClaim => ({
    apiVersion: 'g/v1',
    kind: 'K',
    metadata: { name: NAME, uid: 'c1', resourceVersion: '1' },
    spec,
  });

  it.each([
    ['Created', { ...view, origin: 'Created' }],
    ['Adopted', { ...view, origin: 'Adopted' }],
    ['Inherited', view],
  ])('takes the origin %s as far as it is known', (origin, expected) => {
    expect(viewOf(claim({ ...view, origin }))).toEqual(expected);
  });

  it.each([undefined, null, {}, { ...view, owner: undefined }, { ...view, phase: 7 }])(
    'gives %j, which nobody can read, to nobody',
    (spec) => {
      expect(viewOf(claim(spec))).toEqual({
        connection: '',
        endpoint: '',
        clientId: NAME,
        owner: { namespace: '', name: '', uid: '' },
        phase: 'Unreadable',
      });
    },
  );
});
