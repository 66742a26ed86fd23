import { describe, expect, it } from 'vitest';
import type { Answer, Rung } from '../../src/domain/plan.ts';
import { absent, climbed, done, good, ok, proof, record } from './ladder.ts';

/** The ladder where what resyncs repaired came back time and again. */

const mine: Partial<Rung> = { start: { from: 'ours', origin: 'Created' }, applied: true };
const check: Partial<Rung> = { ...mine, onlyCheck: true, readable: true };
const contested: Partial<Rung> = { ...check, contested: true };
const drifted = record({ roles: ['SLMAdmin'] });
const updated = { end: 'applied', operation: 'Updated', origin: 'Created' };
const refusal = { end: 'failed', failure: { kind: 'stalled', reason: 'Contested' } };

type Row = [string, Partial<Rung>, Answer[], string, object];

describe('a repair', () => {
  it.each<Row>([
    [
      'of what was read is drift',
      check,
      [drifted, ok, record()],
      'read put read',
      { ...updated, drift: true },
    ],
    [
      'of what was gone is drift',
      check,
      [absent, ok, record()],
      'read put read',
      { ...updated, drift: true },
    ],
    [
      'that makes it anew is drift',
      check,
      [absent, absent, ok, record()],
      'read put post read',
      { ...updated, operation: 'Recreated', drift: true },
    ],
    [
      'that nothing called for is none',
      check,
      [{ answer: 'notOffered' }, ok, { answer: 'notOffered' }],
      'read put read',
      { ...updated, drift: false },
    ],
    [
      'of what cannot be read is none',
      { ...mine, onlyCheck: true },
      [ok],
      'put',
      { ...updated, drift: false },
    ],
    [
      'is not what a change is',
      { ...mine, readable: true },
      [ok, record()],
      'put read',
      { ...updated, drift: false },
    ],
    ['is not what a creation is', {}, [ok, done], 'post hold:Created', { end: 'applied', drift: false }],
  ])('%s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...good, ...rung }, answers)).toMatchObject({ moves, end });
  });
});

describe('a client that is contested', () => {
  it.each<Row>([
    ['is left as it was read', contested, [drifted], 'read', refusal],
    ['is left where it is gone', contested, [absent], 'read', refusal],
    [
      'is no longer where ALM holds it',
      contested,
      [record()],
      'read',
      { end: 'unchanged', origin: 'Created' },
    ],
    [
      'is written where a read is not offered any more: nothing shows a contest then',
      contested,
      [{ answer: 'notOffered' }, ok, { answer: 'notOffered' }],
      'read put read',
      { ...updated, drift: false },
    ],
    ['is written where ALM cannot be read', { ...contested, readable: false }, [ok], 'put', updated],
    ['is written for a change', { ...contested, onlyCheck: false }, [ok, record()], 'put read', updated],
    [
      'is written where an attempt shows it to be ours',
      { ...contested, start: { from: 'attempted' } },
      [proof('accepted'), done, ok, record()],
      'prove hold:Created put read',
      updated,
    ],
  ])('%s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...good, ...rung }, answers)).toMatchObject({ moves, end });
  });
});
