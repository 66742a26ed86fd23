import { describe, expect, it } from 'vitest';
import type { ClientRecord, Proof } from '../../src/domain/record.ts';
import {
  type Debt,
  type RevokeAnswer,
  type RevokeEnd,
  type RevokeMove,
  revoke,
  settle,
  tokenRefused,
  unsettled,
} from '../../src/domain/revoke.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { secretText } from '../support/canary.ts';

const fresh = new Sensitive(secretText('fresh'));
const earlier = new Sensitive(secretText('earlier'));
const debt: Debt = {
  clientId: 'orders',
  readable: false,
  mayDelete: false,
  overwritten: undefined,
  newSecret: () => fresh,
};
const record: ClientRecord = {
  clientId: 'orders',
  authorisedGrantTypes: ['password', 'refresh_token'],
  accessTokenValidity: 600,
  refreshTokenValidity: 900,
  roles: ['Portal'],
};

/** One word for a move: what the whole record of a PUT is stands in tests of its own. */
function word(move: RevokeMove): string {
  if (move.do === 'prove') return move.secret === fresh ? 'prove' : 'prove earlier';
  if (move.do !== 'put') return move.do;
  const { accessTokenValidity, refreshTokenValidity } = move.record;
  return accessTokenValidity === 1 ? 'put' : `put ${accessTokenValidity}/${refreshTokenValidity}`;
}

function play<T>(
  moves: Generator<RevokeMove, T, RevokeAnswer>,
  answers: readonly RevokeAnswer[],
): [string, T] {
  const left = [...answers];
  const made: string[] = [];
  let step = moves.next();
  while (!step.done) {
    made.push(word(step.value));
    const answer = left.shift();
    if (answer === undefined) throw new Error(`no answer is left for ${made.join(' → ')}`);
    step = moves.next(answer);
  }
  expect(left).toEqual([]);
  return [made.join(' → '), step.value];
}

function told(end: RevokeEnd): string {
  return end.end === 'failed' ? `${end.failure.kind} ${end.failure.reason}` : end.end;
}

const removed = { answer: 'removed' } as const;
const absent = { answer: 'absent' } as const;
const notOffered = { answer: 'notOffered' } as const;
const accepted = { answer: 'accepted' } as const;
const shown = { answer: 'record', record } as const;
const proof = (word: Proof) => ({ answer: 'proof', proof: word }) as const;
const refused = (status: number, quote?: string) =>
  ({ answer: 'refused', status, ...(quote !== undefined && { quote }) }) as const;

describe('the overwrite', () => {
  const readable = { readable: true };
  it.each<[string, Partial<Debt>, RevokeAnswer[], string, string]>([
    ['is proved by a login', {}, [accepted, proof('accepted')], 'put → prove', 'revoked'],
    ['that a login refuses is unproved', {}, [accepted, proof('refused')], 'put → prove', 'unproved'],
    ['whose grant is missing is unproved', {}, [accepted, proof('grantMissing')], 'put → prove', 'unproved'],
    ['that cannot be proved', {}, [accepted, proof('cannotAsk')], 'put → prove', 'stalled Unprovable'],
    ['of nothing', {}, [absent], 'put', 'gone'],
    ['of nothing, which a GET confirms', readable, [absent, absent], 'put → read', 'gone'],
    ['of what a GET still shows', readable, [absent, shown], 'put → read', 'transient AlmUnavailable'],
    ['of what a GET cannot tell', readable, [absent, notOffered], 'put → read', 'gone'],
    [
      'keeps the default validities where ALM refuses short ones',
      {},
      [refused(400), accepted, proof('accepted')],
      'put → put 1200/30600 → prove',
      'revoked',
    ],
    [
      'keeps the former validities where they can be read',
      readable,
      [refused(422), shown, accepted, proof('accepted')],
      'put → read → put 600/900 → prove',
      'revoked',
    ],
    [
      'keeps the default ones where nothing is there to be read',
      readable,
      [refused(422), absent, absent, absent],
      'put → read → put 1200/30600 → read',
      'gone',
    ],
    [
      'is tried with other validities once',
      {},
      [refused(400), refused(400)],
      'put → put 1200/30600',
      'stalled RejectedByAlm',
    ],
    ['that ALM refuses otherwise', {}, [refused(415)], 'put', 'stalled RejectedByAlm'],
    ['that ALM fails at', {}, [refused(500)], 'put', 'transient AlmUnavailable'],
    [
      'of a moment ago is proved, not repeated',
      { overwritten: earlier },
      [proof('accepted')],
      'prove earlier',
      'revoked',
    ],
    [
      'of a moment ago stays unproved',
      { overwritten: earlier },
      [proof('refused')],
      'prove earlier',
      'unproved',
    ],
    [
      'of a moment ago comes before a DELETE',
      { overwritten: earlier, mayDelete: true },
      [proof('accepted')],
      'prove earlier',
      'revoked',
    ],
  ])('%s', (_name, change, answers, moves, end) => {
    const [made, ended] = play(revoke({ ...debt, ...change }), answers);
    expect([made, told(ended)]).toEqual([moves, end]);
  });

  it('leaves nothing that anybody could use', () => {
    const { value } = revoke(debt).next();
    expect(value).toEqual({
      do: 'put',
      record: {
        clientId: 'orders',
        clientSecret: fresh,
        authorisedGrantTypes: ['client_credentials'],
        accessTokenValidity: 1,
        refreshTokenValidity: 1,
        roles: [],
      },
    });
  });

  it.each([
    [undefined, [accepted, proof('refused')], fresh],
    [earlier, [proof('refused')], earlier],
  ])('hands back the secret whose login was refused', (overwritten, answers, secret) => {
    const [, end] = play(revoke({ ...debt, overwritten }), answers);
    expect(end).toEqual({ end: 'unproved', secret });
  });
});

describe('the deletion', () => {
  it.each<[string, boolean, RevokeAnswer[], string, string]>([
    ['is ALM’s word where ALM cannot be read', false, [removed], 'delete', 'gone'],
    ['is confirmed where it can', true, [removed, absent], 'delete → read', 'gone'],
    ['stands where the reading is not offered', true, [removed, notOffered], 'delete → read', 'gone'],
    [
      'of what is still shown is not done',
      true,
      [removed, shown],
      'delete → read',
      'transient AlmUnavailable',
    ],
    ['of what was gone before', true, [absent, absent], 'delete → read', 'gone'],
    [
      'that finds nothing although there is something is no deletion',
      true,
      [absent, shown, accepted, proof('accepted')],
      'delete → read → put → prove',
      'revoked',
    ],
    [
      'that finds nothing may not be offered: an overwrite tells',
      false,
      [absent, accepted, proof('accepted')],
      'delete → put → prove',
      'revoked',
    ],
    ['that finds nothing, as the overwrite', false, [absent, absent], 'delete → put', 'gone'],
    [
      'that is not offered',
      true,
      [notOffered, accepted, proof('refused')],
      'delete → put → prove',
      'unproved',
    ],
    ['that is refused is not gone round', false, [refused(403)], 'delete', 'stalled RejectedByAlm'],
    ['that ALM fails at', true, [refused(500)], 'delete', 'transient AlmUnavailable'],
  ])('%s', (_name, readable, answers, moves, end) => {
    const [made, ended] = play(revoke({ ...debt, readable, mayDelete: true }), answers);
    expect([made, told(ended)]).toEqual([moves, end]);
  });
});

describe('an attempt without an answer', () => {
  const own = earlier;
  it.each<[string, boolean, boolean, RevokeAnswer[], string, string]>([
    ['left nothing that can be read', true, true, [absent], 'read', 'gone'],
    ['left nothing, whoever made it', true, false, [absent], 'read', 'gone'],
    ['is proved by its secret', false, true, [proof('accepted')], 'prove earlier', 'ours'],
    ['is proved beside a record', true, true, [shown, proof('accepted')], 'read → prove earlier', 'ours'],
    [
      'is not proved by another’s secret',
      true,
      true,
      [shown, proof('refused')],
      'read → prove earlier',
      'unknown',
    ],
    ['is not proved by a hint', false, true, [proof('grantMissing')], 'prove earlier', 'unknown'],
    ['is not proved where ALM does not say', false, true, [proof('cannotAsk')], 'prove earlier', 'unknown'],
    ['is not proved by a record alone', true, false, [shown], 'read', 'unknown'],
    ['stays open where there is nothing to ask with', false, false, [], '', 'unknown'],
    ['stays open where the reading is not offered', true, false, [notOffered], 'read', 'unknown'],
  ])('%s', (_name, readable, hasSecret, answers, moves, end) => {
    const ownSecret = hasSecret ? own : undefined;
    expect(play(settle({ readable, ownSecret }), answers)).toEqual([moves, end]);
  });
});

describe('what is told', () => {
  it.each([
    ['deletion', [refused(422)], { mayDelete: true }, /422; it may still work; set api\.delete .* Disabled/],
    ['overwriting', [refused(415, 'no')], {}, /with 415: no; it may still work; delete it in ALM/],
    ['overwriting', [refused(503)], {}, /answered 503 .* ALM's own log/],
    [
      'login',
      [accepted, proof('cannotAsk')],
      {},
      /nobody knows, but the token endpoint .* delete this claim/,
    ],
  ])('of a failed %s names the remedy', (_verb, answers, change, message) => {
    const [, end] = play(revoke({ ...debt, ...change }), answers);
    expect(end).toMatchObject({ end: 'failed', failure: { message: expect.stringMatching(message) } });
  });

  it('of an attempt says that nobody knows, and that waiting helps only while its object is there', () => {
    expect(unsettled('orders', true)).toMatchObject({ kind: 'transient', reason: 'OutcomeUnknown' });
    expect(unsettled('orders', false)).toMatchObject({ kind: 'stalled' });
    expect(unsettled('orders', false).message).toMatch(
      /nobody knows .* look in ALM.* or apply the object again$/,
    );
    expect(tokenRefused('orders')).toMatchObject({ kind: 'transient', reason: 'TokenRefused' });
  });
});
