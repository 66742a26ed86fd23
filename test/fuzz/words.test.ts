import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/api/duration.ts';
import { canonicalEndpoint } from '../../src/domain/connection.ts';
import { FLAGS, variableOf } from '../../src/flags.ts';
import { matchesSelector, parseSelector } from '../../src/kube/selector.ts';
import { readSettings } from '../../src/settings.ts';
import { expectNoSecret, holds, LIMIT } from './runs.ts';
import { anyText } from './shapes.ts';

/** Whatever is written where the operator reads a small language: selectors, durations, flags, addresses. */

const labels = fc.dictionary(
  fc.oneof(fc.constantFrom('__proto__', 'constructor', 'a', 'a.b/c'), anyText),
  anyText,
  {
    maxKeys: 4,
  },
);

const selector = fc.oneof(
  anyText,
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'a',
          '!a',
          'a=b',
          'a==b',
          'a!=b',
          'a in (b,c)',
          'a notin (b)',
          'a in ()',
          '__proto__',
          '',
        ),
        fc.constantFrom(
          'constructor=x',
          'toString!=x',
          'a in (b',
          'a in b)',
          'a=(b)',
          '(',
          ')',
          ',',
          'a in (b,(c))',
        ),
        anyText,
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.join(',')),
);

describe('any text', () => {
  it('is a label selector that judges any labels, or none', LIMIT, async () => {
    await holds(600, fc.tuple(selector, fc.option(labels, { nil: undefined })), ([text, some]) => {
      const matches = parseSelector(text);
      if (matches !== undefined) expect(typeof matches(some)).toBe('boolean');
    });
  });

  it('is a duration that is written back as it was meant, or none', LIMIT, async () => {
    const duration = fc.oneof(anyText, fc.stringMatching(/^([0-9]{1,7}(ms|h|m|s|d)?){0,4}$/));
    await holds(600, duration, (text) => {
      const ms = parseDuration(text);
      if (ms === undefined) return;
      expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
      const written = formatDuration(ms);
      if (ms < 999_999 * 3_600_000) expect(parseDuration(written)).toBe(ms);
    });
  });

  it('is an address that stays as it is once it was made canonical, or none', LIMIT, async () => {
    const address = fc.oneof(
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      anyText.map((text) => `https://alm/${text}`),
      anyText.map((text) => `http://${text}`),
    );
    await holds(600, address, (text) => {
      if (!URL.canParse(text)) return;
      const canonical = canonicalEndpoint(text);
      expect(canonicalEndpoint(canonical)).toBe(canonical);
    });
  });
});

describe('a selector of an object', () => {
  it('judges any labels, and a name that JavaScript knows no otherwise than any other', LIMIT, async () => {
    const expression = fc.record({
      key: fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'a'), anyText),
      operator: fc.constantFrom('In' as const, 'NotIn' as const, 'Exists' as const, 'DoesNotExist' as const),
      values: fc.array(anyText, { maxLength: 3 }),
    });
    await holds(600, fc.tuple(expression, labels), ([one, some]) => {
      const has = Object.entries(some).some(([key]) => key === one.key);
      const value = Object.entries(some).find(([key]) => key === one.key)?.[1] ?? '';
      const isListed = has && one.values.includes(value);
      const expected = { In: isListed, NotIn: !isListed, Exists: has, DoesNotExist: !has }[one.operator];
      expect(matchesSelector({ matchExpressions: [one] }, some)).toBe(expected);
    });
  });
});

describe('any flags and variables', () => {
  it('are settings, or problems that name the flag and repeat no value', LIMIT, async () => {
    const names = FLAGS.map(({ name }) => name);
    const value = fc.oneof(
      anyText,
      fc.constantFrom('true', '0s', '5s', '4s', '8', '[::1]:80', '0.0.0.0:65536', 'a,b', 'a,,b', 'a in (b)'),
    );
    const flags = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 });
    const environment = fc.dictionary(fc.constantFrom(...names.map(variableOf), '__proto__'), value, {
      maxKeys: 4,
    });
    await holds(600, fc.tuple(flags, environment), ([given, around]) => {
      const read = readSettings(given, around);
      if (read.ok) {
        expect(Object.isFrozen(read.settings)).toBe(true);
        return;
      }
      expect(read.problems.length).toBeGreaterThan(0);
      for (const problem of read.problems)
        expect(names.some((name) => problem.startsWith(`--${name} (`))).toBe(true);
      expectNoSecret(read.problems);
    });
  });
});
