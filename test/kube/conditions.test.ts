import { describe, expect, it } from 'vitest';
import { type Finding, findCondition, stamp, toSeconds } from '../../src/kube/conditions.ts';

const before = new Date('2026-11-20T10:00:00.250Z');
const later = new Date('2026-11-20T11:30:00.750Z');

function finding(more: Partial<Finding> = {}): Finding {
  return { type: 'Ready', status: 'False', reason: 'SecretNotFound', message: 'create Secret a', ...more };
}

describe('stamping findings', () => {
  it('dates a new condition with now, in whole seconds', () => {
    expect(stamp([finding()], [], 3, before)).toEqual([
      { ...finding(), observedGeneration: 3, lastTransitionTime: '2026-11-20T10:00:00Z' },
    ]);
  });

  it.each<[string, Partial<Finding>, string]>([
    ['keeps the time while only the reason changes', { reason: 'SecretEmpty' }, '2026-11-20T10:00:00Z'],
    ['keeps the time while only the message changes', { message: 'other' }, '2026-11-20T10:00:00Z'],
    ['moves the time with the status', { status: 'True' }, '2026-11-20T11:30:00Z'],
    ['moves the time when the status becomes Unknown', { status: 'Unknown' }, '2026-11-20T11:30:00Z'],
  ])('%s', (_, change, time) => {
    const old = stamp([finding()], [], 3, before);
    expect(stamp([finding(change)], old, 4, later)).toEqual([
      { ...finding(change), observedGeneration: 4, lastTransitionTime: time },
    ]);
  });

  it('drops what was not found again, and keeps the order of the findings', () => {
    const stalled = finding({ type: 'Stalled', status: 'True' });
    const old = stamp([stalled, finding()], [], 1, before);
    expect(stamp([finding(), finding({ type: 'Accepted' })], old, 1, later).map(({ type }) => type)).toEqual([
      'Ready',
      'Accepted',
    ]);
  });

  it('gives equal lists for equal findings, however much later', () => {
    const old = stamp([finding(), finding({ type: 'Accepted', status: 'True' })], [], 1, before);
    expect(stamp([finding(), finding({ type: 'Accepted', status: 'True' })], old, 1, later)).toEqual(old);
  });
});

describe('conditions', () => {
  it('are found by type, where there are any', () => {
    const conditions = stamp([finding()], [], 1, before);
    expect(findCondition(conditions, 'Ready')?.reason).toBe('SecretNotFound');
    expect(findCondition(conditions, 'Stalled')).toBeUndefined();
    expect(findCondition(undefined, 'Ready')).toBeUndefined();
  });

  it('have times without fractions', () => {
    expect(toSeconds(later)).toBe('2026-11-20T11:30:00Z');
  });
});
