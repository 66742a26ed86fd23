import { sameRecord } from '../../src/domain/desired.ts';
import { type Answer, climb, type End, type Move, type Rung } from '../../src/domain/plan.ts';
import type { ClientRecord } from '../../src/domain/record.ts';

/** An ALM and a claim store in miniature, for judging the ladder by what the world looks like afterwards. */

export type Knobs = Readonly<{
  readable: boolean;
  postOnExisting: 409 | 400 | 500;
  putOnMissing: 404 | 400 | 'upsert';
  proves: boolean;
}>;

export type Held = { record: ClientRecord; secret: string; madeBy: 'us' | 'stranger' };
export type Claim = 'none' | 'Pending' | { held: 'Created' | 'Adopted' };

export type World = { held: Held | undefined; claim: Claim; calls: Move['do'][]; strangerTouched: boolean };

export type Fault = Readonly<{ at: number; kind: 'crash before' | 'crash after' | 'lost answer' }>;

class Lost extends Error {}

export type PassEnd = End | 'lost';

export function pass(
  world: World,
  wish: Readonly<{
    want: ClientRecord;
    secret: string;
    policy: Rung['policy'];
    applied: boolean;
    onlyCheck?: boolean;
  }>,
  knobs: Knobs,
  fault?: Fault,
): PassEnd {
  const start: Rung['start'] =
    world.claim === 'none'
      ? { from: 'first' }
      : world.claim === 'Pending'
        ? { from: 'attempted' }
        : { from: 'ours', origin: world.claim.held };
  if (world.claim === 'none') world.claim = 'Pending';
  const ladder = climb({
    want: wish.want,
    start,
    policy: wish.policy,
    readable: knobs.readable,
    onlyCheck: wish.onlyCheck ?? false,
    reasserts: wish.onlyCheck ?? false,
    isProtected: false,
    applied: wish.applied,
    contested: false,
    proves: false,
    verify: false,
    onlyVerify: false,
    patienceMs: undefined,
  });
  try {
    let step = ladder.next();
    for (let n = 0; !step.done; n += 1) step = ladder.next(act(step.value, world, wish, knobs, fault, n));
    return step.value;
  } catch (error) {
    if (error instanceof Lost) return 'lost';
    throw error;
  }
}

function act(
  move: Move,
  world: World,
  wish: Readonly<{ want: ClientRecord; secret: string }>,
  knobs: Knobs,
  fault: Fault | undefined,
  n: number,
): Answer {
  if (fault?.at === n && fault.kind === 'crash before') throw new Lost();
  world.calls.push(move.do);
  const answer = answerTo(move, world, wish, knobs);
  if (fault?.at === n) throw new Lost();
  return answer;
}

function answerTo(
  move: Move,
  world: World,
  { want, secret }: Readonly<{ want: ClientRecord; secret: string }>,
  knobs: Knobs,
): Answer {
  switch (move.do) {
    case 'read':
      if (!knobs.readable) return { answer: 'notOffered' };
      return world.held === undefined
        ? { answer: 'absent' }
        : { answer: 'record', record: world.held.record };
    case 'post':
      if (world.held === undefined) {
        world.held = { record: want, secret, madeBy: 'us' };
        return { answer: 'accepted' };
      }
      return knobs.postOnExisting === 409
        ? { answer: 'exists' }
        : { answer: 'refused', status: knobs.postOnExisting };
    case 'put':
      return put(world, want, secret, knobs);
    case 'prove':
    case 'verify':
      if (!knobs.proves) return { answer: 'proof', proof: 'cannotAsk' };
      return { answer: 'proof', proof: world.held?.secret === secret ? 'accepted' : 'refused' };
    case 'hold':
      world.claim = { held: move.origin };
      return { answer: 'done' };
    case 'drop':
      world.claim = 'none';
      return { answer: 'done' };
  }
}

function put(world: World, want: ClientRecord, secret: string, { putOnMissing }: Knobs): Answer {
  if (world.held === undefined) {
    if (putOnMissing !== 'upsert')
      return putOnMissing === 404 ? { answer: 'absent' } : { answer: 'refused', status: 400 };
    world.held = { record: want, secret, madeBy: 'us' };
    return { answer: 'accepted' };
  }
  if (world.held.madeBy === 'stranger') world.strangerTouched = true;
  world.held = { ...world.held, record: want, secret };
  return { answer: 'accepted' };
}

export function holds(world: World, want: ClientRecord, secret: string): boolean {
  return world.held !== undefined && sameRecord(world.held.record, want) && world.held.secret === secret;
}
