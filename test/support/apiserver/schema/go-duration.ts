/** Go's time.ParseDuration: `1h30m`, `-1.5s`, `0`; no days, and nothing beyond about 292 years. */

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const TERM = /^(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/;
const LIMIT = 2n ** 63n;

function term(text: string): { nanoseconds: bigint; length: number } | undefined {
  const match = TERM.exec(text);
  const [whole = '', fraction = '', unit = ''] = match?.slice(1) ?? [];
  const size = UNITS[unit];
  if (match === null || size === undefined || `${whole}${fraction}` === '') return undefined;
  const digits = fraction.slice(0, 18);
  const part = digits === '' ? 0n : (BigInt(digits) * size) / 10n ** BigInt(digits.length);
  return { nanoseconds: BigInt(whole === '' ? 0 : whole) * size + part, length: match[0].length };
}

/** Nanoseconds, or undefined for text that Go does not parse. */
export function parseGoDuration(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  if (rest === '') return undefined;
  let total = 0n;
  while (rest !== '') {
    const next = term(rest);
    if (next === undefined) return undefined;
    total += next.nanoseconds;
    rest = rest.slice(next.length);
  }
  if (total > LIMIT - (negative ? 0n : 1n)) return undefined;
  return negative ? -total : total;
}
