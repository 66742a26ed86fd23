import { describe, expect, it } from 'vitest';
import { Alm } from './alm.ts';
import { Cluster } from './cluster.ts';
import { NAMESPACE } from './manifests.ts';
import { Wires } from './wires.ts';

const orders = { clientId: 'orders', clientSecretRef: { name: 's' } };
const portal = { clientId: 'Portal', clientSecretRef: { name: 's' }, connectionRef: { name: 'second' } };
const login = (clientId: string) => ({ clientCredentials: { clientId, clientSecretRef: { name: 'login' } } });
const first = { endpoint: 'https://alm/', auth: login('LmOperator') };
const second = { endpoint: 'https://two', auth: login('LmSecond') };
const claim = (phase: string, change: object = {}) => ({
  connection: 'default',
  endpoint: 'https://alm',
  clientId: 'orders',
  owner: { namespace: 'team-a', name: 'orders', uid: 'uid-of-team-a/orders' },
  phase,
  ...change,
});
const owed = claim('Revoking', {
  clientId: 'gone',
  owner: { namespace: 'team-c', name: 'gone', uid: 'uid-of-team-c/gone' },
});

const DEFAULT = `${NAMESPACE}/default`;
const SECOND = `${NAMESPACE}/second`;
const HELD = `${NAMESPACE}/held`;
const OWED = `${NAMESPACE}/owed`;

/** Two objects on two connections, a claim of the first and one that still owes a revocation; nobody is awake. */
async function scene(): Promise<Wires> {
  const wires = new Wires();
  wires.put('namespace', 'team-a', {}, { labels: { tier: 'gold' } });
  wires.put('namespace', 'team-b');
  wires.put('connection', DEFAULT, first);
  wires.put('connection', SECOND, second);
  wires.put('credential', 'team-a/orders', orders);
  wires.put('credential', 'team-b/portal', portal);
  wires.put('claim', HELD, claim('Held'));
  wires.put('claim', OWED, owed);
  await wires.woken();
  return wires;
}

const END = { deletionTimestamp: '2026-03-01T12:00:00Z' };
const gold = { labels: { tier: 'gold' } };

describe('who is woken', () => {
  it.each<[string, (wires: Wires) => void, string[]]>([
    [
      'an object, by its spec; and its claim',
      (wires) => wires.put('credential', 'team-a/orders', { ...orders, accessTokenValidity: 60 }),
      ['claims held', 'credentials team-a/orders'],
    ],
    [
      'nobody, by a label on an object',
      (wires) => wires.put('credential', 'team-a/orders', orders, gold),
      [],
    ],
    ['an object, by its Secret', (wires) => wires.put('secret', 'team-b/s'), ['credentials team-b/portal']],
    [
      'connections, by the Secret of their login',
      (wires) => wires.put('secret', `${NAMESPACE}/login`),
      ['connections default', 'connections second'],
    ],

    [
      'the objects of a namespace, by its labels',
      (wires) => wires.put('namespace', 'team-a', {}, { labels: {} }),
      ['credentials team-a/orders'],
    ],
    [
      'the objects of a namespace, by its end',
      (wires) => wires.put('namespace', 'team-a', {}, { ...gold, ...END }),
      ['credentials team-a/orders'],
    ],
    [
      'the objects of a namespace, when it comes to be known',
      (wires) => {
        wires.drop('namespace', 'team-b');
        wires.put('namespace', 'team-b');
      },
      ['credentials team-b/portal'],
    ],
    [
      'nobody, by what else changes of a namespace',
      (wires) => wires.put('namespace', 'team-a', {}, gold),
      [],
    ],

    [
      'who uses a connection, by its rules; and what it still owes',
      (wires) => wires.put('connection', DEFAULT, { ...first, access: [] }),
      ['claims owed', 'connections default', 'credentials team-a/orders'],
    ],
    [
      'who uses a connection, by its protected list',
      (wires) => wires.put('connection', SECOND, { ...second, protectedClientIds: [] }),
      ['connections second', 'credentials team-b/portal'],
    ],
    ['nobody, by the status of a connection', (wires) => wires.put('connection', DEFAULT, first), []],
    [
      'who declares the client that another connection logs in with from now on, in whatever case',
      (wires) => wires.put('connection', SECOND, { ...second, auth: login('ORDERS') }),
      ['connections second', 'credentials team-a/orders', 'credentials team-b/portal'],
    ],
    [
      'who declares the client that another connection logs in with as a password client',
      (wires) => wires.put('connection', SECOND, { ...second, auth: { password: { clientId: 'orders' } } }),
      ['connections second', 'credentials team-a/orders', 'credentials team-b/portal'],
    ],
    [
      'connections to the same endpoint, by a new one',
      (wires) => wires.put('connection', `${NAMESPACE}/third`, { ...second, endpoint: 'https://ALM:443' }),
      ['connections default', 'connections third'],
    ],
    [
      'who uses a connection that is gone, and what is owed there',
      (wires) => wires.drop('connection', DEFAULT),
      ['claims owed', 'connections default', 'credentials team-a/orders'],
    ],

    [
      'a claim and who waits for it, by its phase',
      (wires) => {
        wires.claimQueue.wait('held', 'team-b/portal');
        wires.put('claim', HELD, claim('Retained'));
      },
      ['claims held', 'credentials team-b/portal'],
    ],
    [
      'who waits for a claim, by its status; the claim itself is not',
      (wires) => {
        wires.claimQueue.wait('owed', 'team-b/portal');
        wires.put('claim', OWED, owed);
      },
      ['credentials team-b/portal'],
    ],
    [
      'the owner of a client that is revoked',
      (wires) => wires.put('claim', OWED, { ...owed, phase: 'Revoked' }),
      ['claims owed', 'credentials team-c/gone'],
    ],
    [
      'the owner of a client whose debt is off',
      (wires) => wires.put('claim', OWED, { ...owed, phase: 'Retained' }),
      ['claims owed', 'credentials team-c/gone'],
    ],
    [
      'the owner of a client that is deleted',
      (wires) => wires.drop('claim', OWED),
      ['claims owed', 'credentials team-c/gone'],
    ],
    [
      'the owner of a client whose claim is deleted by hand',
      (wires) => wires.drop('claim', HELD),
      ['claims held', 'credentials team-a/orders'],
    ],
    [
      'nobody, where the owner drops its own attempt',
      (wires) => {
        wires.put('claim', HELD, claim('Pending'));
        wires.drop('claim', HELD);
      },
      ['claims held'],
    ],
    [
      'whoever declares a client that is revoked, through whichever connection',
      (wires) => {
        wires.put('claim', HELD, claim('Revoking', { clientId: 'PORTAL' }));
        wires.put('claim', HELD, claim('Revoked', { clientId: 'PORTAL' }));
      },
      ['claims held', 'credentials team-a/orders', 'credentials team-b/portal'],
    ],
  ])('%s', async (_, happens, expected) => {
    const wires = await scene();
    happens(wires);
    expect(await wires.woken()).toEqual(expected);
  });

  it('whoever declares a client whose claim another connection lost', async () => {
    const wires = await scene();
    wires.put('claim', HELD, claim('Retained', { clientId: 'PORTAL' }));
    await wires.woken();
    wires.drop('claim', HELD);
    expect(await wires.woken()).toEqual(['claims held', 'credentials team-b/portal']);
  });

  it('the owner of a claim that is restored', async () => {
    const wires = await scene();
    wires.drop('claim', HELD);
    await wires.woken();
    wires.put('claim', HELD, claim('Held'));
    expect(await wires.woken()).toEqual(['claims held', 'credentials team-a/orders']);
  });

  it('not the owner of a claim that comes into being: its pass is under way', async () => {
    const wires = await scene();
    wires.drop('claim', HELD);
    await wires.woken();
    wires.put('claim', HELD, claim('Pending'));
    expect(await wires.woken()).toEqual(['claims held']);
  });

  it('nobody but the claim, where what was revoked is forgotten', async () => {
    const wires = await scene();
    wires.put('claim', HELD, claim('Revoked'));
    await wires.woken();
    wires.drop('claim', HELD);
    expect(await wires.woken()).toEqual(['claims held']);
  });

  it('a connection that conflicted, when the older one to its endpoint goes elsewhere', async () => {
    const wires = await scene();
    wires.put('connection', SECOND, { ...second, endpoint: 'https://alm' });
    await wires.woken();
    wires.put('connection', DEFAULT, { ...first, endpoint: 'https://elsewhere' });
    expect(await wires.woken()).toContain('connections second');
  });
});

describe('a probe of a connection', () => {
  const alm = new Alm(new Cluster());
  const usable = { usable: true, client: alm.client(), endpoint: 'https://alm', readable: false } as const;

  it.each<[string, Parameters<Wires['sessions']['set']>[1]]>([
    ['its login failed', { usable: false }],
    ['it leads elsewhere', { ...usable, endpoint: 'https://elsewhere' }],
    ['it can be read', { ...usable, readable: true }],
  ])('wakes who uses it and what it owes where %s from now on', async (_, session) => {
    const wires = await scene();
    wires.sessions.set('default', usable);
    wires.probed('default');
    expect(await wires.woken()).toEqual(['claims owed', 'credentials team-a/orders']);
    wires.probed('default');
    expect(await wires.woken()).toEqual([]);
    wires.sessions.set('default', session);
    wires.probed('default');
    expect(await wires.woken()).toEqual(['claims owed', 'credentials team-a/orders']);
  });

  it('tells each connection’s users of their own', async () => {
    const wires = await scene();
    wires.sessions.set('second', usable);
    wires.probed('second');
    expect(await wires.woken()).toEqual(['credentials team-b/portal']);
  });

  it('that is back after it was gone wakes them again', async () => {
    const wires = await scene();
    wires.sessions.set('default', usable);
    wires.probed('default');
    wires.sessions.remove('default');
    wires.probed('default');
    wires.sessions.set('default', usable);
    await wires.woken();
    wires.probed('default');
    expect(await wires.woken()).toEqual(['claims owed', 'credentials team-a/orders']);
  });
});
