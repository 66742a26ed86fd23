import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attempt, type End, initialPosition, type Position, step } from '../../src/kube/reflection.ts';

const watching: Position = { at: { phase: 'watch', version: '7' }, streams: true, failures: 0, silentMs: 0 };
const stream: Position = initialPosition;
const pages: Position = { at: { phase: 'pages' }, streams: true, failures: 0, silentMs: 0 };

const closed: End = { how: 'closed' };
const lost: End = { how: 'failed', answered: false };
const refusedBy = (retryAfterMs?: number): End =>
  retryAfterMs === undefined
    ? { how: 'failed', answered: true }
    : { how: 'failed', answered: true, retryAfterMs };

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
    from: { ...watching, failures: 50 },
    attempt: { version: '9', end: lost },
    to: toWatch,
    waitMs: 30_000,
  },
  {
    name: 'a server that refuses to go on again and again is listed anew',
    from: { ...watching, failures: 5 },
    attempt: { version: '9', end: refusedBy() },
    to: toStream,
    waitMs: 25_600,
  },
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
    attempt: { version: '9', end: refusedBy(5000) },
    to: toWatch,
    waitMs: 1000,
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
  it.each(rows)('$name', ({ from, attempt: own, to, waitMs, position = {} }) => {
    const next = step(from, attempt(own), 0.5);
    expect(next.position.at).toEqual(to);
    expect(next.waitMs).toBe(waitMs);
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
      lost,
      refusedBy(),
    ),
    fc.nat(60_000).map(refusedBy),
  );
  const anyAttempt: fc.Arbitrary<Attempt> = fc.record(
    { end, version: fc.constant('9'), signs: fc.boolean(), openMs: fc.nat(700_000) },
    { requiredKeys: ['end', 'signs', 'openMs'] },
  );

  it('the wait stays within 30 s, and two attempts that came to nothing never follow each other without one', () => {
    fc.assert(
      fc.property(fc.array(anyAttempt, { minLength: 2, maxLength: 30 }), (attempts) => {
        let position = initialPosition;
        let quick = 0;
        for (const one of attempts) {
          const next = step(position, { ...one, signs: one.signs && one.version !== undefined }, 0.5);
          expect(next.waitMs).toBeLessThanOrEqual(30_000);
          const fruitless = one.openMs < 10_000 && one.version === undefined && one.end.how !== 'refused';
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
