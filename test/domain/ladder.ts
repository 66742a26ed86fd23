import { type Answer, climb, type Move, type Rung } from '../../src/domain/plan.ts';
import type { ClientRecord } from '../../src/domain/record.ts';

/** The ladder, fed with answers by hand. */

export const want: ClientRecord = {
  clientId: 'orders',
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30600,
  roles: ['Portal'],
};

export const good: Rung = {
  want,
  start: { from: 'first' },
  policy: 'Never',
  readable: false,
  onlyCheck: false,
  reasserts: false,
  isProtected: false,
  applied: false,
  contested: false,
  proves: false,
  verify: false,
  onlyVerify: false,
  patienceMs: undefined,
};
export const ok: Answer = { answer: 'accepted' };
export const done: Answer = { answer: 'done' };
export const exists: Answer = { answer: 'exists' };
export const absent: Answer = { answer: 'absent' };
export const refused = (status: number, quote?: string): Answer => ({
  answer: 'refused',
  status,
  ...(quote && { quote }),
});
export const record = (change: Partial<ClientRecord> = {}): Answer => ({
  answer: 'record',
  record: { ...want, ...change },
});
export const proof = (said: 'accepted' | 'refused' | 'grantMissing' | 'cannotAsk'): Answer => ({
  answer: 'proof',
  proof: said,
});

/** Feeds the answers in turn; the moves asked for are part of what is compared. */
export function climbed(rung: Rung, answers: readonly Answer[]) {
  const ladder = climb(rung);
  const moves: string[] = [];
  let step = ladder.next();
  for (const answer of answers) {
    if (step.done) throw new Error(`an answer too many after ${moves.join(' ')}`);
    moves.push(word(step.value));
    step = ladder.next(answer);
  }
  if (!step.done) throw new Error(`no answer for ${word(step.value)}`);
  return { moves: moves.join(' '), end: step.value };
}

const word = (move: Move) => (move.do === 'hold' ? `hold:${move.origin}` : move.do);
