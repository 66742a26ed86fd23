import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/api/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['1ms', 1],
    ['5s', 5000],
    ['30m', 1_800_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['1m5ms', 60_005],
    ['2s1s', 3000],
    ['1s1h', 3_601_000],
    ['090s', 90_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    '',
    '0',
    '1',
    's',
    '1d',
    '1.5h',
    '-1s',
    '+1s',
    '1us',
    '1ns',
    'P1D',
    '1H',
    ' 1s',
    '1s ',
    '1s\n',
    '1 s',
    '١s',
  ])('does not read %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [1, '1ms'],
    [5000, '5s'],
    [90_000, '1m30s'],
    [1_800_000, '30m'],
    [86_400_000, '24h'],
    [3_661_001, '1h1m1s1ms'],
  ])('writes %d as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('writes what parseDuration reads back', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
