import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attempt, type End, initialPosition, type Position, step } from '../../src/kube/reflection.ts';

const stream: Position = initialPosition;
const watching: Position = { ...stream, at: { phase: 'watch', version: '7' } };
const pages: Position = { ...stream, at: { phase: 'pages' } };
/** After an outage of minutes. */
const away = (met: Position['met']): Position => ({ ...watching, failures: 9, met });

const closed: End = { how: 'closed' };
const silent: End = { how: 'silent' };
const lost: End = { how: 'failed', status: 0 };
const refusedBy = (retryAfterMs?: number, status = 403): End =>
  retryAfterMs === undefined ? { how: 'failed', status } : { how: 'failed', status, retryAfterMs };

function attempt(more: Partial<Attempt>): Attempt {
  return { end: closed, signs: false, openMs: 0, ...more };
}

const lived: Partial<Attempt> = { version: '9', signs: true, openMs: 400_000 };

type Row = Readonly<{
  name: string;
  from: Position;
  attempt: Partial<Attempt>;
  to: Position['at'];
  waitMs: number;
  untilBack?: boolean;
  position?: Partial<Position>;
}>;

const toStream = { phase: 'stream' } as const;
const toPages = { phase: 'pages' } as const;
const toWatch = { phase: 'watch', version: '9' } as const;

const rows: readonly Row[] = [
  {
    name: 'a server without WatchList is listed in pages from then on',
    from: stream,
    attempt: { end: { how: 'refused' } },
    to: toPages,
    waitMs: 0,
    position: { streams: false },
  },
  {
    name: 'a stream that closes before its end mark is replaced by pages this once',
    from: stream,
    attempt: { openMs: 120_000 },
    to: toPages,
    waitMs: 800,
    position: { streams: true, silentMs: 0 },
  },
  {
    name: 'a complete list is watched from its version at once',
    from: pages,
    attempt: { version: '9' },
    to: toWatch,
    waitMs: 0,
  },
  {
    name: 'a complete list does not end the back-off, or a watch that always expires would list without pause',
    from: { ...pages, failures: 3 },
    attempt: { version: '9' },
    to: toWatch,
    waitMs: 0,
    position: { failures: 3 },
  },
  {
    name: 'no API server: the list is tried again',
    from: { ...pages, failures: 2 },
    attempt: { end: lost },
    to: toPages,
    waitMs: 3200,
  },
  {
    name: 'no API server: the stream is tried again',
    from: stream,
    attempt: { end: lost },
    to: toStream,
    waitMs: 800,
    position: { failures: 1 },
  },
  {
    name: 'a watch that ran its time is resumed at once',
    from: { ...watching, failures: 4 },
    attempt: lived,
    to: toWatch,
    waitMs: 0,
    position: { failures: 0 },
  },
  {
    name: 'a watch that ends cleanly but at once is resumed with back-off',
    from: { ...watching, failures: 1 },
    attempt: { version: '9', openMs: 50 },
    to: toWatch,
    waitMs: 1600,
    position: { failures: 2 },
  },
  {
    name: 'a reset watch is resumed after a moment',
    from: { ...watching, failures: 6 },
    attempt: { ...lived, end: lost },
    to: toWatch,
    waitMs: 800,
    position: { failures: 1 },
  },
  {
    name: 'a watch that cannot be opened is tried again from the same version',
    from: { ...watching, failures: 2 },
    attempt: { version: '9', end: lost },
    to: toWatch,
    waitMs: 3200,
  },
  {
    name: 'a long outage ends in a resumed watch, not in a relist',
    from: { ...watching, failures: 50, met: 'absent' },
    attempt: { version: '9', end: lost },
    to: toWatch,
    waitMs: 30_000,
    untilBack: true,
  },
  {
    name: 'a server with trouble of its own is waited for like one that is away',
    from: { ...watching, failures: 2, met: 'troubled' },
    attempt: { version: '9', end: refusedBy(undefined, 503) },
    to: toWatch,
    waitMs: 3200,
    untilBack: true,
  },
  {
    name: 'the first refusal after an outage is waited out for a moment only',
    from: away('absent'),
    attempt: { version: '9', end: refusedBy(5000, 503) },
    to: toWatch,
    waitMs: 1600,
    untilBack: true,
    position: { failures: 2, met: 'troubled' },
  },
  {
    name: 'so is a 403 after trouble: its rights are not loaded yet',
    from: away('troubled'),
    attempt: { version: '9', end: refusedBy() },
    to: toWatch,
    waitMs: 1600,
    position: { failures: 2, met: 'working' },
  },
  {
    name: 'but not trouble after trouble',
    from: away('troubled'),
    attempt: { version: '9', end: refusedBy(undefined, 500) },
    to: toStream,
    waitMs: 30_000,
    untilBack: true,
  },
  {
    name: 'a version that expired over an outage, as that of each quiet kind, is listed anew after a moment',
    from: away('absent'),
    attempt: { version: '9', end: { how: 'expired' } },
    to: toStream,
    waitMs: 800,
    position: { failures: 2, met: 'working' },
  },
  {
    name: 'a server that refuses to go on again and again is listed anew',
    from: { ...watching, failures: 5 },
    attempt: { version: '9', end: refusedBy(undefined, 400) },
    to: toStream,
    waitMs: 25_600,
  },
  ...[401, 403, 502, 503, 504].map((status) => ({
    name: `a ${status} is never taken for a refusal of the version`,
    from: { ...watching, failures: 50, met: 'troubled' as const },
    attempt: { version: '9', end: refusedBy(undefined, status) },
    to: toWatch,
    waitMs: status < 500 ? 1600 : 30_000,
  })),
  {
    name: 'a first 403 is only tried again',
    from: watching,
    attempt: { version: '9', end: refusedBy() },
    to: toWatch,
    waitMs: 800,
  },
  {
    name: 'a small Retry-After counts',
    from: watching,
    attempt: { version: '9', end: refusedBy(900) },
    to: toWatch,
    waitMs: 900,
  },
  {
    name: 'a large Retry-After is capped, because a restarting server asks for too much',
    from: watching,
    attempt: { version: '9', end: refusedBy(5000, 503) },
    to: toWatch,
    waitMs: 1000,
    untilBack: true,
  },
  {
    name: 'that of a server which is asked too much is obeyed, whoever else gets through',
    from: watching,
    attempt: { version: '9', end: refusedBy(32_000, 429) },
    to: toWatch,
    waitMs: 32_000,
  },
  {
    name: 'up to a minute',
    from: watching,
    attempt: { version: '9', end: refusedBy(3_600_000, 429) },
    to: toWatch,
    waitMs: 60_000,
  },
  {
    name: 'a server that is asked too much is never asked for a list instead',
    from: { ...watching, failures: 50 },
    attempt: { version: '9', end: refusedBy(1000, 429) },
    to: toWatch,
    waitMs: 30_000,
  },
  {
    name: 'Retry-After does not shorten the back-off',
    from: { ...watching, failures: 3 },
    attempt: { version: '9', end: refusedBy(1000) },
    to: toWatch,
    waitMs: 6400,
  },
  {
    name: 'a version that expired is listed anew at once',
    from: watching,
    attempt: { version: '9', end: { how: 'expired' } },
    to: toStream,
    waitMs: 0,
    position: { failures: 1 },
  },
  {
    name: 'where streams do not work it is listed in pages',
    from: { ...watching, streams: false },
    attempt: { version: '9', end: { how: 'expired' } },
    to: toPages,
    waitMs: 0,
  },
  {
    name: 'a second expiry in a row waits',
    from: { ...watching, failures: 1 },
    attempt: { version: '9', end: { how: 'expired' } },
    to: toStream,
    waitMs: 800,
    position: { failures: 2 },
  },
  {
    name: 'an expiry after a good watch does not',
    from: { ...watching, failures: 4 },
    attempt: { ...lived, end: { how: 'expired' } },
    to: toStream,
    waitMs: 0,
  },
  {
    name: 'an expiry between pages begins the list again',
    from: pages,
    attempt: { end: { how: 'expired' } },
    to: toStream,
    waitMs: 0,
  },
  {
    name: 'a watch that is taken and soon closed is resumed within seconds for ever, as behind a hasty proxy',
    from: { ...watching, failures: 30 },
    attempt: { version: '9', openMs: 9000 },
    to: toWatch,
    waitMs: 5000,
  },
  {
    name: 'one that a proxy resets after half a minute is resumed after a moment',
    from: { ...watching, failures: 30 },
    attempt: { version: '9', openMs: 30_000, end: lost },
    to: toWatch,
    waitMs: 800,
    untilBack: true,
    position: { failures: 1 },
  },
  {
    name: 'an expiry after a list and an event does not end the back-off',
    from: { ...stream, failures: 4 },
    attempt: { version: '9', signs: true, openMs: 900, end: { how: 'expired' } },
    to: toStream,
    waitMs: 6400,
    position: { failures: 5 },
  },
  {
    name: 'older versions than before are listed anew, with back-off',
    from: { ...watching, failures: 1 },
    attempt: { version: '9', signs: true, openMs: 100, end: { how: 'regressed' } },
    to: toStream,
    waitMs: 1600,
    position: { failures: 2 },
  },
  {
    name: 'a watch that fell silent is resumed: its connection is suspect, its version is not',
    from: { ...watching, silentMs: 100_000 },
    attempt: { version: '9', signs: true, openMs: 400_000, end: silent },
    to: toWatch,
    waitMs: 0,
    position: { silentMs: 0 },
  },
  {
    name: 'so is a stream that showed nothing after its list',
    from: stream,
    attempt: { version: '9', openMs: 150_000, end: silent },
    to: toWatch,
    waitMs: 0,
    position: { silentMs: 0 },
  },
  {
    name: 'one that was silent from its start is listed anew',
    from: watching,
    attempt: { version: '9', openMs: 150_000, end: silent },
    to: toStream,
    waitMs: 0,
    position: { silentMs: 0 },
  },
  {
    name: 'a stream that was silent before its list was complete begins anew',
    from: stream,
    attempt: { openMs: 150_000, end: silent },
    to: toStream,
    waitMs: 0,
  },
  {
    name: 'what cannot be understood is listed anew, with back-off',
    from: watching,
    attempt: { version: '9', signs: true, openMs: 100, end: { how: 'malformed' } },
    to: toStream,
    waitMs: 800,
  },
  {
    name: 'a watch that stayed silent to its end is listed anew: its version may lie in the future',
    from: watching,
    attempt: { version: '9', openMs: 300_000 },
    to: toStream,
    waitMs: 0,
    position: { silentMs: 0 },
  },
  {
    name: 'a short silence is remembered',
    from: { ...watching, silentMs: 40_000 },
    attempt: { version: '9', openMs: 30_000 },
    to: toWatch,
    waitMs: 0,
    position: { silentMs: 70_000 },
  },
  {
    name: 'silences add up, whatever ended them',
    from: { ...watching, silentMs: 100_000 },
    attempt: { version: '9', openMs: 20_000, end: lost },
    to: toStream,
    waitMs: 800,
    untilBack: true,
    position: { silentMs: 0 },
  },
  {
    name: 'a sign of life ends the silence',
    from: { ...watching, silentMs: 119_000 },
    attempt: { version: '9', openMs: 20_000, signs: true },
    to: toWatch,
    waitMs: 0,
    position: { silentMs: 0 },
  },
];

describe('the next step of a reflector', () => {
  it.each(rows)('$name', ({ from, attempt: own, to, waitMs, untilBack, position = {} }) => {
    const next = step(from, attempt(own), 0.5);
    expect(next.position.at).toEqual(to);
    expect(next.waitMs).toBe(waitMs);
    if (untilBack !== undefined) expect(next.untilBack).toBe(untilBack);
    expect(next.position).toMatchObject(position);
  });
});

describe('whatever happens', () => {
  const end: fc.Arbitrary<End> = fc.oneof(
    fc.constantFrom<End>(
      closed,
      { how: 'expired' },
      { how: 'refused' },
      { how: 'malformed' },
      { how: 'regressed' },
      silent,
      lost,
      refusedBy(),
    ),
    fc.tuple(fc.nat(90_000), fc.constantFrom(403, 429, 500, 503)).map((given) => refusedBy(...given)),
  );
  const anyAttempt: fc.Arbitrary<Attempt> = fc.record(
    { end, version: fc.constant('9'), signs: fc.boolean(), openMs: fc.nat(700_000) },
    { requiredKeys: ['end', 'signs', 'openMs'] },
  );

  it('the wait stays within 30 s, or a minute where that was asked for, and two attempts that came to nothing never follow each other without one', () => {
    fc.assert(
      fc.property(fc.array(anyAttempt, { minLength: 2, maxLength: 30 }), (attempts) => {
        let position = initialPosition;
        let quick = 0;
        for (const one of attempts) {
          const next = step(position, { ...one, signs: one.signs && one.version !== undefined }, 0.5);
          const isThrottled = one.end.how === 'failed' && one.end.status === 429;
          expect(next.waitMs).toBeLessThanOrEqual(isThrottled ? 60_000 : 30_000);
          const fruitless = one.version === undefined && !['refused', 'silent'].includes(one.end.how);
          quick = fruitless && next.waitMs === 0 ? quick + 1 : 0;
          expect(quick).toBeLessThan(2);
          position = next.position;
        }
      }),
    );
  });

  it('a version is resumed only where the attempt had one', () => {
    fc.assert(
      fc.property(anyAttempt, fc.constantFrom(stream, pages), (one, from) => {
        const { at } = step(from, one, 0.5).position;
        if (one.version === undefined) expect(at.phase).not.toBe('watch');
        else if (at.phase === 'watch') expect(at.version).toBe('9');
      }),
    );
  });

  it('lists follow each other at a distance, whatever a server does in between', () => {
    fc.assert(
      fc.property(fc.array(anyAttempt, { maxLength: 60 }), (attempts) => {
        let position = watching;
        let passedMs = 0;
        let relists = 0;
        for (const one of attempts) {
          // A silent end takes its time; a refusal of WatchList happens once.
          if (one.end.how === 'refused') continue;
          const openMs = one.end.how === 'silent' ? 150_000 : one.openMs;
          const next = step(position, { ...one, openMs, version: '9' }, 0);
          passedMs += openMs + next.waitMs;
          if (next.position.at.phase !== 'watch') relists += 1;
          position = next.position;
        }
        expect(relists).toBeLessThanOrEqual(4 + passedMs / 2500);
      }),
      { numRuns: 500 },
    );
  });

  it('Retry-After of a server that is asked too much is never cut short', () => {
    fc.assert(
      fc.property(fc.nat(60_000), fc.nat(40), fc.boolean(), (askedMs, failures, signs) => {
        const one = attempt({ version: '9', signs, end: refusedBy(askedMs, 429) });
        const next = step({ ...watching, failures }, one, 0);
        expect(next.waitMs).toBeGreaterThanOrEqual(askedMs);
        expect(next.untilBack).toBe(false);
      }),
    );
  });

  it('silence leads to one relist in two minutes at most, however often connections break', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60_000), { maxLength: 100 }), (lives) => {
        let position: Position = watching;
        let open = 0;
        let relists = 0;
        for (const openMs of lives) {
          open += openMs;
          const next = step(position, attempt({ version: '9', openMs, end: lost }), 0.5);
          if (next.position.at.phase !== 'watch') relists += 1;
          position = { ...next.position, at: { phase: 'watch', version: '9' } };
        }
        expect(relists).toBeLessThanOrEqual(open / 120_000);
      }),
    );
  });
});
