import { describe, expect, it } from 'vitest';
import { age, humanDuration } from './age.ts';

describe('ages', () => {
  const minute = 60;
  const hour = 60 * minute;
  const day = 24 * hour;
  it.each([
    [-2, '<invalid>'],
    [-1.5, '0s'],
    [0, '0s'],
    [119.9, '119s'],
    [120, '2m'],
    [9 * minute + 59, '9m59s'],
    [10 * minute + 5, '10m'],
    [3 * hour - 1, '179m'],
    [3 * hour, '3h'],
    [7 * hour + 59 * minute, '7h59m'],
    [8 * hour + 59 * minute, '8h'],
    [2 * day - 1, '47h'],
    [2 * day, '2d'],
    [3 * day + 21 * hour, '3d21h'],
    [8 * day + 5 * hour, '8d'],
    [2 * 365 * day, '2y'],
    [3 * 365 * day + 2 * day, '3y2d'],
    [9 * 365 * day + 2 * day, '9y'],
  ])('of %d seconds read %s', (seconds, text) => {
    expect(humanDuration(seconds * 1000)).toBe(text);
  });

  it('are unknown without a time and invalid with another text', () => {
    expect([age(undefined, 0), age(null, 0), age('', 0), age('soon', 0)]).toEqual([
      ...['<unknown>', '<unknown>', '<unknown>', '<invalid>'],
    ]);
  });
});
