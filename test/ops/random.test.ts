import { expect, it } from 'vitest';
import { randomSecret } from '../../src/ops/random.ts';

it('makes secrets of letters and digits, as long as asked, and cannot be printed', () => {
  for (const length of [1, 32, 128]) expect(randomSecret(length).reveal()).toMatch(/^[A-Za-z0-9]+$/);
  expect(randomSecret(64).reveal()).toHaveLength(64);
  expect(`${randomSecret(64)}`).not.toMatch(/[A-Za-z0-9]{64}/);
});

/** Of 62,000 draws each character is expected 1,000 times; a tenth more or less is three standard deviations. */
it('draws every character alike, and never the same secret', () => {
  const counts = new Map<string, number>();
  for (const char of randomSecret(62_000).reveal()) counts.set(char, (counts.get(char) ?? 0) + 1);
  expect(counts.size).toBe(62);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(250);
  expect(new Set(Array.from({ length: 1000 }, () => randomSecret(32).reveal())).size).toBe(1000);
});
