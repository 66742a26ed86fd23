import { describe, expect, it } from 'vitest';
import { Departures } from '../../src/reconcile/departures.ts';
import { NAMESPACE } from './manifests.ts';
import { Wires } from './wires.ts';

/** Which ends of objects count as deletions that nobody released. */

const KEY = 'team-a/orders';
const UID = `uid-of-${KEY}`;
const CLAIM = `${NAMESPACE}/orders-x`;
const spec = { clientId: 'orders' };

function scene(phase: string | undefined, uid = UID): Wires {
  const wires = new Wires();
  wires.put('credential', KEY, spec);
  if (phase !== undefined) {
    const owner = { namespace: 'team-a', name: 'orders', uid };
    const claim = { connection: 'default', endpoint: 'https://alm', clientId: 'orders', owner, phase };
    wires.put('claim', CLAIM, claim);
  }
  return wires;
}

describe('an object that is gone', () => {
  it.each(['Held', 'Pending'])(
    'although its claim is %s went past its finalizer, and its claim is told',
    async (phase) => {
      const wires = scene(phase);
      await wires.woken();
      wires.drop('credential', KEY);
      expect(wires.departures.get(UID)).toMatchObject({ metadata: { uid: UID }, spec });
      expect(await wires.woken()).toEqual(['claims orders-x', `credentials ${KEY}`]);
    },
  );

  it.each(['Retained', 'Revoking', 'Revoked', 'Sealed', undefined])(
    'was released where its claim is %s',
    (phase) => {
      const wires = scene(phase);
      wires.drop('credential', KEY);
      expect(wires.departures.get(UID)).toBeUndefined();
    },
  );

  it('owes nothing by the claim of another object', () => {
    const wires = scene('Held', 'uid-of-the-next');
    wires.drop('credential', KEY);
    expect(wires.departures.get(UID)).toBeUndefined();
  });

  it.each<[string, (wires: Wires) => void]>([
    ['a relist does not show it', (wires) => wires.miss('credential', KEY)],
    ['an own deletion was answered', (wires) => wires.forget('credential', KEY)],
  ])('is no deletion that anybody saw where %s', (_, happens) => {
    const wires = scene('Held');
    happens(wires);
    expect(wires.departures.get(UID)).toBeUndefined();
  });

  it('is none where it only changed', () => {
    const wires = scene('Held');
    wires.put('credential', KEY, { clientId: 'orders', suspend: true });
    expect(wires.departures.get(UID)).toBeUndefined();
  });

  it('is one where the next of its name comes at once', () => {
    const wires = scene('Held');
    wires.put('credential', KEY, spec, { uid: 'uid-of-the-next' });
    expect(wires.departures.get(UID)).toBeDefined();
    expect(wires.departures.get('uid-of-the-next')).toBeUndefined();
  });
});

describe('departures', () => {
  function at(nowMs: { value: number }) {
    return new Departures(() => nowMs.value);
  }

  it('count for each object from when it was first asked about', () => {
    const now = { value: 5000 };
    const departures = at(now);
    expect(departures.noticedFor('a')).toBe(0);
    now.value += 700;
    expect([departures.noticedFor('a'), departures.noticedFor('b')]).toEqual([700, 0]);
    now.value += 300;
    expect([departures.noticedFor('a'), departures.noticedFor('b')]).toEqual([1000, 300]);
  });

  it('are forgotten one by one', () => {
    const now = { value: 0 };
    const departures = at(now);
    const object = (uid: string) => ({
      apiVersion: 'g/v1',
      kind: 'K',
      metadata: { name: uid, uid, resourceVersion: '1' },
      spec,
    });
    for (const uid of ['a', 'b']) {
      departures.note(object(uid));
      departures.noticedFor(uid);
    }
    now.value = 100;
    departures.forget('a');
    expect([departures.get('a'), departures.get('b')?.metadata.name]).toEqual([undefined, 'b']);
    expect([departures.noticedFor('a'), departures.noticedFor('b')]).toEqual([0, 100]);
  });
});
