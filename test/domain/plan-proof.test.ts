import { describe, expect, it } from 'vitest';
import type { Answer, Rung } from '../../src/domain/plan.ts';
import { absent, climbed, done, exists, good, ok, proof, record, refused, want } from './ladder.ts';

/** The ladder where a login is to show that the client works. */

type Row = [string, Partial<Rung>, Answer[], string, object];

const proving: Rung = { ...good, proves: true, verify: true };
const mine = { start: { from: 'ours', origin: 'Created' }, applied: true } as const;
const check = { ...mine, readable: true, onlyCheck: true, reasserts: true } as const;
const created = { end: 'applied', operation: 'Created', changed: true };
const updated = { end: 'applied', operation: 'Updated', changed: true };
const unchanged = { end: 'unchanged', origin: 'Created' };
const failed = (reason: string) => ({ end: 'failed', failure: { reason } });
const issued = proof('accepted');
const silence: Answer = { answer: 'unreached' };

describe('a login', () => {
  it.each<Row>([
    [
      'follows a creation',
      {},
      [ok, done, issued],
      'post hold:Created verify',
      { ...created, proof: 'accepted' },
    ],
    [
      'follows an adoption',
      { policy: 'IfExists' },
      [exists, ok, done, issued],
      'post put hold:Adopted verify',
      { end: 'applied', operation: 'Adopted', proof: 'accepted' },
    ],
    [
      'follows an adoption that is required',
      { policy: 'Required' },
      [ok, done, issued],
      'put hold:Adopted verify',
      { end: 'applied', operation: 'Adopted', proof: 'accepted' },
    ],
    [
      'follows the update of an attempt that a login has shown to have arrived',
      { start: { from: 'attempted' } },
      [issued, done, ok, issued],
      'prove hold:Created put verify',
      { ...created, proof: 'accepted' },
    ],
    [
      'follows the creation after an attempt that did not arrive',
      { start: { from: 'attempted' } },
      [proof('refused'), ok, done, issued],
      'prove post hold:Created verify',
      { ...created, proof: 'accepted' },
    ],
    ['follows an update', mine, [ok, issued], 'put verify', { ...updated, proof: 'accepted' }],
    [
      'follows what was read back',
      { ...mine, readable: true },
      [ok, record(), issued],
      'put read verify',
      { ...updated, proof: 'accepted' },
    ],
    [
      'follows an update where a read turns out not to be offered',
      { ...mine, readable: true },
      [ok, { answer: 'notOffered' }, issued],
      'put read verify',
      { ...updated, proof: 'accepted' },
    ],
    [
      'follows a re-assertion',
      { ...mine, reasserts: true },
      [ok, issued],
      'put verify',
      { ...updated, changed: false, proof: 'accepted' },
    ],
    [
      'follows what was made anew',
      mine,
      [absent, ok, issued],
      'put post verify',
      { ...updated, operation: 'Recreated', proof: 'accepted' },
    ],
    [
      'follows a record that reads equal',
      check,
      [record(), issued],
      'read verify',
      { ...unchanged, proof: 'accepted' },
    ],
    [
      'follows a repair once',
      check,
      [record({ roles: [] }), ok, record(), issued],
      'read put read verify',
      { ...updated, drift: true, proof: 'accepted' },
    ],
  ])('%s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...proving, ...rung }, answers)).toMatchObject({ moves, end });
  });

  it.each<[string, Answer, string]>([
    ['accepts', issued, 'accepted'],
    ['refuses', proof('refused'), 'refused'],
    ['misses the grant', proof('grantMissing'), 'grantMissing'],
    ['cannot be asked', proof('cannotAsk'), 'cannotAsk'],
    ['does not answer', silence, 'unreached'],
  ])('that %s leaves standing what was written', (_, answer, said) => {
    expect(climbed(proving, [ok, done, answer]).end).toMatchObject({ ...created, proof: said });
    expect(climbed({ ...proving, ...mine }, [ok, answer]).end).toMatchObject({ ...updated, proof: said });
    const onlyVerify = { ...proving, ...mine, onlyVerify: true };
    expect(climbed(onlyVerify, [answer])).toEqual({ moves: 'verify', end: { ...unchanged, proof: said } });
  });

  it.each<Row>([
    ['a refused creation', {}, [refused(400), done], 'post drop', failed('RejectedByAlm')],
    ['a stranger’s client', {}, [exists, done], 'post drop', failed('AlreadyExists')],
    ['a refused update', mine, [refused(400), refused(400)], 'put post', failed('RejectedByAlm')],
    [
      'a record that reads back other than sent',
      { ...mine, readable: true },
      [ok, record({ roles: [] })],
      'put read',
      failed('RecordDiffers'),
    ],
    [
      'an update after which the client is gone',
      { ...mine, readable: true },
      [ok, absent],
      'put read',
      failed('AlmUnavailable'),
    ],
    [
      'drift that is contested',
      { ...check, contested: true },
      [record({ roles: [] })],
      'read',
      failed('Contested'),
    ],
  ])('is none after %s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...proving, ...rung }, answers)).toMatchObject({ moves, end });
  });

  it('is none where none is due, and then nothing is said of one', () => {
    const notDue = { ...proving, verify: false };
    expect(climbed({ ...notDue, ...mine }, [ok]).end).not.toHaveProperty('proof');
    expect(climbed({ ...notDue, ...check }, [record()]).end).toEqual(unchanged);
    expect(climbed(notDue, [ok, done]).end).not.toHaveProperty('proof');
  });

  it('proves a client that was made anew whatever the occasion, unless logins prove nothing about it', () => {
    const lost: Rung = { ...proving, ...mine, verify: false };
    expect(climbed(lost, [absent, ok, issued])).toMatchObject({
      moves: 'put post verify',
      end: { operation: 'Recreated', proof: 'accepted' },
    });
    expect(climbed({ ...lost, proves: false }, [absent, ok]).end).not.toHaveProperty('proof');
  });
});

describe('a secret that was changed behind our back', () => {
  it.each<Row>([
    [
      'shows in the login alone, and is written again',
      {},
      [record(), proof('refused'), ok, record(), issued],
      'read verify put read verify',
      { ...updated, drift: true, proof: 'accepted' },
    ],
    [
      'may still be refused after it was written',
      {},
      [record(), proof('refused'), ok, record(), proof('refused')],
      'read verify put read verify',
      { ...updated, drift: true, proof: 'refused' },
    ],
    [
      'is not written where it is contested',
      { contested: true },
      [record(), proof('refused')],
      'read verify',
      failed('Contested'),
    ],
    [
      'is none where a contested client lets in',
      { contested: true },
      [record(), issued],
      'read verify',
      { ...unchanged, proof: 'accepted' },
    ],
    [
      'is none where nobody answers',
      {},
      [record(), silence],
      'read verify',
      { ...unchanged, proof: 'unreached' },
    ],
    [
      'is none where the login cannot be asked',
      {},
      [record(), proof('cannotAsk')],
      'read verify',
      { ...unchanged, proof: 'cannotAsk' },
    ],
    [
      'is none where the grant alone is missing',
      {},
      [record(), proof('grantMissing')],
      'read verify',
      { ...unchanged, proof: 'grantMissing' },
    ],
    [
      'is told as refused where ALM refuses the repair',
      {},
      [record(), proof('refused'), refused(500)],
      'read verify put',
      { ...failed('AlmUnavailable'), disproved: true },
    ],
  ])('%s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...proving, ...check, ...rung }, answers)).toMatchObject({ moves, end });
  });

  it('is looked for by no write while its last write is being proved', () => {
    const onlyVerify = { ...proving, ...check, onlyVerify: true };
    expect(climbed(onlyVerify, [proof('refused')])).toEqual({
      moves: 'verify',
      end: { ...unchanged, proof: 'refused' },
    });
  });
});

describe('an attempt whose answer was lost', () => {
  it('is not taken for the object’s own on a login that was refused, whatever is proved otherwise', () => {
    const start = { from: 'attempted' } as const;
    for (const verify of [true, false]) {
      const rung = { ...proving, verify, start };
      expect(climbed(rung, [proof('refused'), exists, done])).toMatchObject({
        moves: 'prove post drop',
        end: failed('AlreadyExists'),
      });
      expect(climbed({ ...rung, want }, [proof('cannotAsk'), exists, done]).moves).toBe('prove post drop');
    }
  });
});
