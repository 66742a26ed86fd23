import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FullRecord, Proof } from '../../src/domain/record.ts';
import { type RevokeAnswer, type RevokeMove, revoke } from '../../src/domain/revoke.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { secretText } from '../support/canary.ts';

/** Revocations against an ALM in miniature: its secret afterwards is what tells whether it was truly revoked. */

const fresh = new Sensitive(secretText('fresh'));

const record = {
  clientId: 'orders',
  authorisedGrantTypes: ['password'],
  accessTokenValidity: 600,
  refreshTokenValidity: 900,
  roles: ['Portal'],
};

type Knobs = Readonly<{
  held: boolean;
  readable: boolean;
  mayDelete: boolean;
  deletes: 'present' | 'missing' | 'missing, as if absent';
  putMissing: 'absent' | 'upsert';
  shortValidities: boolean;
  takesSecret: boolean;
  says: boolean;
  /** The next reads and logins are answered by a replica that has not heard yet. */
  lag: number;
}>;

const knobs: fc.Arbitrary<Knobs> = fc.record({
  held: fc.boolean(),
  readable: fc.boolean(),
  mayDelete: fc.boolean(),
  deletes: fc.constantFrom('present', 'missing', 'missing, as if absent'),
  putMissing: fc.constantFrom('absent', 'upsert'),
  shortValidities: fc.boolean(),
  takesSecret: fc.boolean(),
  says: fc.boolean(),
  lag: fc.nat(2),
});

/** An ALM that holds the client of a deleted object, or nothing. */
class Alm {
  #secret: string | undefined;
  #behind: string | undefined;
  #lag: number;
  readonly #knobs: Knobs;

  constructor(knobs: Knobs) {
    this.#knobs = knobs;
    this.#secret = knobs.held ? 'its own' : undefined;
    this.#behind = this.#secret;
    this.#lag = knobs.lag;
  }

  get secret(): string | undefined {
    return this.#secret;
  }

  answer(move: RevokeMove): RevokeAnswer {
    switch (move.do) {
      case 'delete':
        return this.#delete();
      case 'put':
        return this.#put(move.record);
      case 'read':
        return this.#seen() === undefined ? { answer: 'absent' } : { answer: 'record', record };
      case 'prove':
        return { answer: 'proof', proof: this.#prove(move.secret) };
    }
  }

  #seen(): string | undefined {
    this.#lag -= 1;
    return this.#lag >= 0 ? this.#behind : this.#secret;
  }

  #prove(secret: Sensitive): Proof {
    if (!this.#knobs.says) return 'cannotAsk';
    return this.#seen() === secret.reveal() ? 'accepted' : 'refused';
  }

  #delete(): RevokeAnswer {
    if (this.#knobs.deletes === 'missing') return { answer: 'notOffered' };
    if (this.#knobs.deletes !== 'present' || this.#secret === undefined) return { answer: 'absent' };
    this.#secret = undefined;
    return { answer: 'removed' };
  }

  #put({ clientSecret, accessTokenValidity }: FullRecord): RevokeAnswer {
    if (accessTokenValidity < 60 && !this.#knobs.shortValidities) return { answer: 'refused', status: 400 };
    if (this.#secret === undefined && this.#knobs.putMissing === 'absent') return { answer: 'absent' };
    if (this.#knobs.takesSecret || this.#secret === undefined) this.#secret = clientSecret.reveal();
    return { answer: 'accepted' };
  }
}

/** Plays a revocation to its end, for which a handful of moves has to be enough. */
function endOf(alm: Alm, { readable, mayDelete }: Knobs): string {
  const moves = revoke({
    clientId: 'orders',
    readable,
    mayDelete,
    overwritten: undefined,
    newSecret: () => fresh,
  });
  let step = moves.next();
  for (let count = 0; !step.done && count < 8; count += 1) step = moves.next(alm.answer(step.value));
  if (!step.done) throw new Error('it did not end');
  return step.value.end;
}

describe('any ALM', () => {
  it('is believed only where the old secret is dead', () => {
    fc.assert(
      fc.property(knobs, (turned) => {
        const alm = new Alm(turned);
        const end = endOf(alm, turned);
        if (end === 'gone') expect(alm.secret).toBeUndefined();
        if (end === 'revoked') expect(alm.secret).toBe(fresh.reveal());
      }),
      { numRuns: 2000 },
    );
  });

  it('that is honest, says so and has no replicas lets every debt be paid at once', () => {
    fc.assert(
      fc.property(knobs, (turned) => {
        const honest = { ...turned, takesSecret: true, says: true, lag: 0 };
        expect(['gone', 'revoked']).toContain(endOf(new Alm(honest), honest));
      }),
    );
  });
});
