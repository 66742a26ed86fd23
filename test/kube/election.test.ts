import { describe, expect, it } from 'vitest';
import {
  type Answer,
  type Candidate,
  candidateOf,
  type Lease,
  type LeaseSpec,
  type Moment,
  moveOf,
  permitMs,
  releaseOf,
  type Timing,
  timingProblems,
  told,
} from '../../src/kube/election.ts';

const TIMING: Timing = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 };
const WALL = Date.UTC(2026, 10, 20, 12);
const NOW = '2026-11-20T12:00:00.000000Z';
const BEFORE = '2026-11-20T11:00:00.000000Z';

const THEIRS: LeaseSpec = {
  holderIdentity: 'them',
  leaseDurationSeconds: 15,
  acquireTime: BEFORE,
  renewTime: BEFORE,
  leaseTransitions: 3,
};

function lease(spec: LeaseSpec | undefined, resourceVersion = '7', uid = 'u'): Lease {
  const metadata = { name: 'l', namespace: 'n', uid, resourceVersion };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, ...(spec && { spec }) };
}

const at = (nowMs: number, sentMs = nowMs): Moment => ({ sentMs, nowMs, random: 0.5 });

/** A candidate after these answers, each with its moment. */
function having(...answers: readonly (readonly [Answer, Moment])[]): Candidate {
  return answers.reduce<Candidate>(
    (candidate, [answer, moment]) => told(candidate, answer, moment),
    candidateOf('me', TIMING),
  );
}

const look = (spec: LeaseSpec | undefined, version?: string, uid?: string): Answer => ({
  got: 'lease',
  lease: lease(spec, version, uid),
});
const ABSENT: Answer = { got: 'absent' };
const MINE: LeaseSpec = { ...THEIRS, holderIdentity: 'me', leaseTransitions: 4 };
const WRITTEN: Answer = { got: 'written', lease: lease(MINE, '8') };
/** Sent at 100, answered at 130. */
const held = (...more: readonly (readonly [Answer, Moment])[]) =>
  having([look({ ...THEIRS, holderIdentity: '' }), at(100)], [WRITTEN, at(130, 100)], ...more);

describe('a candidate that holds nothing', () => {
  it('looks first', () => {
    expect(moveOf(candidateOf('me', TIMING), 0, WALL)).toEqual({ do: 'look' });
    expect(permitMs(candidateOf('me', TIMING), 0)).toBe(0);
  });

  it('creates a lease that is not there', () => {
    expect(moveOf(having([ABSENT, at(5)]), 5, WALL)).toEqual({
      do: 'create',
      spec: {
        holderIdentity: 'me',
        leaseDurationSeconds: 15,
        acquireTime: NOW,
        renewTime: NOW,
        leaseTransitions: 0,
      },
    });
  });

  it.each<[string, LeaseSpec | undefined, number]>([
    ['that was released', { ...THEIRS, holderIdentity: '', leaseDurationSeconds: 1 }, 4],
    ['that nobody ever held', { holderIdentity: null, leaseTransitions: null }, 1],
    ['without any record', undefined, 1],
  ])('takes one %s at once, on the version it saw', (_name, spec, leaseTransitions) => {
    const move = moveOf(having([look(spec), at(5)]), 5, WALL);
    const own = { holderIdentity: 'me', leaseDurationSeconds: 15, acquireTime: NOW, renewTime: NOW };
    expect(move).toEqual({ do: 'replace', lease: lease(spec), spec: { ...own, leaseTransitions } });
  });

  it('keeps fields of the record that it does not know', () => {
    const spec = { ...THEIRS, holderIdentity: '', strategy: 'OldestEmulationVersion' } as LeaseSpec;
    expect(moveOf(having([look(spec), at(5)]), 5, WALL)).toMatchObject({
      spec: { strategy: 'OldestEmulationVersion' },
    });
  });

  it.each([
    [0, 800],
    [0.5, 1000],
    [0.999_999, 1200],
  ])('leaves a holder alone and looks again about twice in a retry period (%d)', (random, ms) => {
    const follower = having([look(THEIRS), { sentMs: 0, nowMs: 5, random }]);
    const move = moveOf(follower, 5, WALL);
    expect(move.do).toBe('rest');
    expect('ms' in move && move.ms).toBeCloseTo(ms, 2);
    expect(moveOf(follower, 5 + 1201, WALL)).toEqual({ do: 'look' });
  });

  const LONG: LeaseSpec = { ...THEIRS, leaseDurationSeconds: 60 };
  it.each<[string, readonly (readonly [Answer, number])[], string]>([
    [
      'seen for less than its duration',
      [
        [look(THEIRS), 0],
        [look(THEIRS), 14_999],
      ],
      'rest',
    ],
    [
      'seen for all of its duration',
      [
        [look(THEIRS), 0],
        [look(THEIRS), 15_000],
      ],
      'replace',
    ],
    [
      'renewed meanwhile',
      [
        [look(THEIRS), 0],
        [look(THEIRS, '8'), 5000],
        [look(THEIRS, '8'), 19_999],
      ],
      'rest',
    ],
    [
      'not renewed again',
      [
        [look(THEIRS), 0],
        [look(THEIRS, '8'), 5000],
        [look(THEIRS, '8'), 20_000],
      ],
      'replace',
    ],
    [
      'of another lease',
      [
        [look(THEIRS, '7', 'former'), 0],
        [look(THEIRS), 15_000],
      ],
      'rest',
    ],
    [
      'of a longer duration than its own',
      [
        [look(LONG), 0],
        [look(LONG), 59_999],
      ],
      'rest',
    ],
    [
      'of a longer duration that is over',
      [
        [look(LONG), 0],
        [look(LONG), 60_000],
      ],
      'replace',
    ],
  ])('judges a record by how long it saw it, not by the times in it: %s', (_name, seen, expected) => {
    const candidate = having(...seen.map(([answer, ms]) => [answer, at(ms)] as const));
    expect(moveOf(candidate, seen.at(-1)?.[1] ?? 0, WALL).do).toBe(expected);
  });

  it('counts its own duration where the record names none', () => {
    const { leaseDurationSeconds: _, ...spec } = THEIRS;
    expect(moveOf(having([look(spec), at(0)], [look(spec), at(14_999)]), 14_999, WALL).do).toBe('rest');
    expect(moveOf(having([look(spec), at(0)], [look(spec), at(15_000)]), 15_000, WALL).do).toBe('replace');
  });

  it('does not take a lease that was deleted under its holder before the time of that one is over', () => {
    expect(moveOf(having([look(THEIRS), at(0)], [ABSENT, at(14_999)]), 14_999, WALL).do).toBe('rest');
    expect(moveOf(having([look(THEIRS), at(0)], [ABSENT, at(15_000)]), 15_000, WALL).do).toBe('create');
  });

  it.each<Answer>([{ got: 'conflict' }, { got: 'failed' }])(
    'looks anew after %j, and not at once',
    (answer) => {
      const candidate = having([ABSENT, at(0)], [answer, at(10)]);
      expect(moveOf(candidate, 10, WALL)).toEqual({ do: 'rest', ms: 1000 });
      expect(moveOf(candidate, 1010, WALL)).toEqual({ do: 'look' });
    },
  );

  it('goes on where its own record was taken and the answer was lost', () => {
    const candidate = having([ABSENT, at(0)], [{ got: 'failed' }, at(10)], [look(MINE), at(1010)]);
    expect(permitMs(candidate, 1010)).toBe(0);
    expect(moveOf(candidate, 1010, WALL)).toMatchObject({
      do: 'replace',
      spec: { holderIdentity: 'me', acquireTime: BEFORE, renewTime: NOW, leaseTransitions: 4 },
    });
  });

  it('holds nothing by an answer that took longer than the deadline', () => {
    const candidate = having([ABSENT, at(0)], [WRITTEN, at(10_000, 0)]);
    expect(permitMs(candidate, 10_000)).toBe(0);
    expect(moveOf(candidate, 10_000, WALL)).toEqual({ do: 'look' });
  });
});

describe('a holder', () => {
  it('may write until the deadline after it sent the renewal', () => {
    expect(permitMs(held(), 130)).toBe(9970);
    expect(permitMs(held(), 10_099)).toBe(1);
    expect(permitMs(held(), 10_100)).toBe(0);
    expect(permitMs(held(), 99_999)).toBe(0);
  });

  it('renews a retry period after it sent the last renewal, without a look', () => {
    expect(moveOf(held(), 130, WALL)).toEqual({ do: 'rest', ms: 1970 });
    expect(moveOf(held(), 2100, WALL)).toEqual({
      do: 'replace',
      lease: lease(MINE, '8'),
      spec: { ...MINE, renewTime: NOW },
    });
    const renewed = held([{ got: 'written', lease: lease(MINE, '9') }, at(2400, 2100)]);
    expect(permitMs(renewed, 2400)).toBe(9700);
  });

  it('writes another time than before even where the wall clock stands still', () => {
    const renewed = held([
      { got: 'written', lease: lease({ ...MINE, renewTime: NOW }, '9') },
      at(2400, 2100),
    ]);
    expect(moveOf(renewed, 4100, WALL)).toMatchObject({ spec: { renewTime: '2026-11-20T12:00:00.001000Z' } });
  });

  it('tries again soon after a failure, with a look, and keeps what is left of its time', () => {
    const failed = held([{ got: 'failed' }, at(5000, 2100)]);
    expect(permitMs(failed, 5000)).toBe(5100);
    expect(moveOf(failed, 5000, WALL)).toEqual({ do: 'rest', ms: 500 });
    expect(moveOf(failed, 5500, WALL)).toEqual({ do: 'look' });
    const looked = told(failed, look(MINE, '9'), at(5510));
    expect(permitMs(looked, 5510)).toBe(4590);
    expect(moveOf(looked, 5510, WALL)).toMatchObject({ do: 'replace', lease: lease(MINE, '9') });
  });

  it('rests no longer than its time lasts', () => {
    expect(moveOf(held([{ got: 'failed' }, at(10_000, 9000)]), 10_000, WALL)).toEqual({
      do: 'rest',
      ms: 100,
    });
  });

  it('leaves when its time is over', () => {
    expect(moveOf(held(), 10_100, WALL)).toEqual({ do: 'leave', why: 'it could not be renewed in time' });
  });

  it('is not revived by an answer that comes too late', () => {
    const late = held([{ got: 'written', lease: lease(MINE, '9') }, at(10_100, 9000)]);
    expect(permitMs(late, 10_100)).toBe(0);
    expect(moveOf(late, 10_100, WALL).do).toBe('leave');
  });

  it.each([
    ['them', 'them holds it'],
    ['', 'somebody released it'],
  ])('leaves when the holder is %j', (holderIdentity, why) => {
    const lost = held([{ got: 'conflict' }, at(2200)], [look({ ...THEIRS, holderIdentity }), at(2710)]);
    expect(permitMs(lost, 2710)).toBe(0);
    expect(moveOf(lost, 2710, WALL)).toEqual({ do: 'leave', why });
  });

  it('puts back a lease that was deleted under it, on the time that it has', () => {
    const gone = held([{ got: 'conflict' }, at(2200)], [ABSENT, at(2710)]);
    expect(permitMs(gone, 2710)).toBe(7390);
    expect(moveOf(gone, 2710, WALL)).toMatchObject({ do: 'create', spec: { holderIdentity: 'me' } });
  });
});

describe('a release', () => {
  it('names nobody, and the shortest duration that the API server takes', () => {
    expect(releaseOf('me', lease(MINE), WALL)).toEqual({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: NOW,
      renewTime: NOW,
      leaseTransitions: 4,
    });
  });

  it.each([[THEIRS], [{ ...THEIRS, holderIdentity: '' }], [undefined]])(
    'is no business of others: %j',
    (spec) => {
      expect(releaseOf('me', lease(spec), WALL)).toBeUndefined();
    },
  );
});

describe('a timing', () => {
  it.each<[Partial<Timing>, readonly (keyof Timing)[]]>([
    [{}, []],
    [{ renewMs: 14_999 }, []],
    [{ renewMs: 15_000 }, ['renewMs']],
    [{ retryMs: 8333 }, []],
    [{ renewMs: 12_000, retryMs: 10_000 }, ['retryMs']],
    [{ leaseMs: 2000, renewMs: 2000 }, ['renewMs', 'retryMs']],
  ])('with %j has problems with %j', (changes, expected) => {
    expect(timingProblems({ ...TIMING, ...changes }).map(({ of }) => of)).toEqual(expected);
  });
});
