import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClaimQueue } from '../../src/reconcile/waiting.ts';

function scene() {
  const woken: string[] = [];
  const queue = new ClaimQueue((key) => woken.push(key));
  const leave = (turn: Disposable | undefined) => turn?.[Symbol.dispose]();
  return { queue, woken, leave };
}

describe('the queue before a claim', () => {
  it('lets one pass in at a time, and wakes who came meanwhile when it has ended', () => {
    const { queue, woken, leave } = scene();
    const turn = queue.enter('c', 'a');
    expect(queue.enter('c', 'b')).toBeUndefined();
    expect(queue.enter('c', 'd')).toBeUndefined();
    expect(woken).toEqual([]);
    leave(turn);
    expect(woken).toEqual(['b', 'd']);
    expect(queue.enter('c', 'b')).toBeDefined();
  });

  it('keeps claims apart', () => {
    const { queue, woken, leave } = scene();
    const turn = queue.enter('c1', 'a');
    expect(queue.enter('c2', 'b')).toBeDefined();
    queue.wait('c2', 'd');
    leave(turn);
    expect(woken).toEqual([]);
  });

  it('wakes each waiter in the queue that it named, also where two have the same key', () => {
    const { queue, woken, leave } = scene();
    const others: string[] = [];
    const other = (key: string) => others.push(key);
    const turn = queue.enter('c', 'b', other);
    expect(queue.enter('c', 'a', other)).toBeUndefined();
    expect(queue.enter('c', 'a')).toBeUndefined();
    queue.wait('c', 'a', other);
    leave(turn);
    expect([woken, others]).toEqual([['a'], ['a']]);
    queue.wake('c');
    expect([woken, others]).toEqual([['a'], ['a']]);
  });

  it('wakes a key once, however often it waits', () => {
    const { queue, woken } = scene();
    queue.wait('c', 'a');
    queue.wait('c', 'a');
    queue.wake('c');
    queue.wake('c');
    expect(woken).toEqual(['a']);
  });

  it('wakes nobody for a claim before which nobody waits', () => {
    const { queue, woken } = scene();
    queue.wake('c');
    expect(woken).toEqual([]);
  });

  it('leaves the claim free where the pass threw', () => {
    const { queue } = scene();
    expect(() => {
      using _turn = queue.enter('c', 'a');
      throw new Error('bug');
    }).toThrow('bug');
    expect(queue.enter('c', 'a')).toBeDefined();
  });

  it('wakes only after the claim is free, so that who is woken gets in', () => {
    const entered: unknown[] = [];
    const queue: ClaimQueue = new ClaimQueue((key) => entered.push(queue.enter('c', key)));
    const turn = queue.enter('c', 'a');
    queue.enter('c', 'b');
    turn?.[Symbol.dispose]();
    expect(entered).toEqual([expect.anything()]);
  });

  it('never has two passes for one claim, and forgets no key that was turned away', () => {
    const moves = fc.tuple(
      fc.constantFrom('enter', 'leave'),
      fc.constantFrom('c1', 'c2'),
      fc.constantFrom('a', 'b', 'd'),
    );
    fc.assert(
      fc.property(fc.array(moves), (history) => {
        const { queue, woken, leave } = scene();
        const inside = new Map<string, Disposable | undefined>();
        const turnedAway: [claim: string, key: string][] = [];
        const enter = (claim: string, key: string) => {
          const turn = queue.enter(claim, key);
          expect(turn === undefined).toBe(inside.get(claim) !== undefined);
          if (turn === undefined) turnedAway.push([claim, key]);
          else inside.set(claim, turn);
        };
        const end = (claim: string) => {
          const waited = turnedAway.filter(([before]) => before === claim).map(([, key]) => key);
          woken.length = 0;
          leave(inside.get(claim));
          inside.delete(claim);
          expect(woken).toEqual([...new Set(waited)]);
          turnedAway.splice(
            0,
            Number.POSITIVE_INFINITY,
            ...turnedAway.filter(([before]) => before !== claim),
          );
        };
        for (const [move, claim, key] of history) move === 'enter' ? enter(claim, key) : end(claim);
      }),
    );
  });
});
