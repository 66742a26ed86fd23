/** Durations in Go's syntax, as far as the kinds admit it: whole numbers of h, m, s and ms, as in `1h30m`. Pure. */

/** RE2 and JavaScript read it alike. `0`, signs, fractions, days and ISO 8601 do not match. */
export const DURATION_PATTERN = '^([0-9]{1,6}(ms|h|m|s))+$';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]);

/** Milliseconds; undefined where the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!new RegExp(DURATION_PATTERN).test(text)) return undefined;
  const parts = text.matchAll(/(\d+)(ms|h|m|s)/g);
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS.get(unit ?? '') ?? 0), 0);
}

/** The shortest text that `parseDuration` reads back as `ms`, a whole number of milliseconds: `30m`, `1h30m`, `0s`. */
export function formatDuration(ms: number): string {
  const units = [...UNITS].map(([unit, size], index, all) => {
    const above = all[index - 1]?.[1];
    return { unit, count: Math.floor((above === undefined ? ms : ms % above) / size) };
  });
  const parts = units.filter(({ count }) => count > 0).map(({ unit, count }) => `${count}${unit}`);
  return parts.length === 0 ? '0s' : parts.join('');
}
