import { describe, expect, it } from 'vitest';
import { Proofs } from '../../src/reconcile/proofs.ts';

describe('what a process remembers of what ALM took', () => {
  it('is how long ago, for the last version of each object alone', () => {
    let now = 5;
    const proofs = new Proofs(() => now);
    proofs.sent('a', 'one');
    now += 100;
    proofs.sent('b', 'one');
    now += 10;
    expect(proofs.sinceMs('a', 'one')).toBe(110);
    expect(proofs.sinceMs('b', 'one')).toBe(10);
    expect(proofs.sinceMs('a', 'two')).toBeUndefined();
    expect(proofs.sinceMs('c', 'one')).toBeUndefined();
    proofs.sent('a', 'two');
    expect(proofs.sinceMs('a', 'two')).toBe(0);
    expect(proofs.sinceMs('a', 'one')).toBeUndefined();
    proofs.forget('a');
    expect(proofs.sinceMs('a', 'two')).toBeUndefined();
    expect(proofs.sinceMs('b', 'one')).toBe(10);
  });

  it('is open until it is refused, and open again when it is sent once more', () => {
    const proofs = new Proofs(() => 0);
    proofs.refused('a');
    expect(proofs.isOpen('a', 'one')).toBe(false);
    proofs.sent('a', 'one');
    expect(proofs.isOpen('a', 'one')).toBe(true);
    expect(proofs.isOpen('a', 'two')).toBe(false);
    proofs.refused('a');
    expect(proofs.isOpen('a', 'one')).toBe(false);
    expect(proofs.sinceMs('a', 'one')).toBe(0);
    proofs.sent('a', 'one');
    expect(proofs.isOpen('a', 'one')).toBe(true);
  });
});
