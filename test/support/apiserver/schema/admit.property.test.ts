import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateFields } from './duplicates.ts';
import { compiledCredential, credential } from './fixture.ts';
import { parseGoDuration } from './go-duration.ts';
import type { Json, JsonObject } from './json.ts';
import { admit, applyDefaults } from './schema.ts';

const compiled = compiledCredential();

const name = fc.constantFrom('a', 'b-1', 'A_', '', '-x', 'ä');
const spec: fc.Arbitrary<JsonObject> = fc.record(
  {
    clientId: fc.oneof({ weight: 4, arbitrary: fc.constant('a-1') }, { weight: 1, arbitrary: name }),
    clientSecretRef: fc.option(fc.record({ name }), { nil: null, freq: 4 }),
    generatedSecret: fc.constantFrom<Json>(null, { name: 'g', length: 20 }),
    authorisedGrantTypes: fc.subarray(['client_credentials', 'password', 'refresh_token']),
    roles: fc.array(fc.constantFrom('A', 'B', 'C', 'D,E'), { maxLength: 3 }),
    accessTokenValidity: fc.constantFrom<Json>(1, 600, 0, '600', null),
    resyncInterval: fc.constantFrom('0s', '30m', '4s', '1d'),
    suspend: fc.constantFrom<Json>(true, false, null),
    unknown: fc.constant(1),
  },
  { requiredKeys: [] },
);
const status: fc.Arbitrary<JsonObject> = fc.record(
  {
    observedGeneration: fc.constantFrom<Json>(1, null),
    origin: fc.constantFrom('Created', 'Adopted'),
    unknown: fc.constant(1),
  },
  { requiredKeys: [] },
);
const object = fc
  .record({ spec, status: fc.option(status, { nil: undefined }) })
  .map(({ spec: fields, status: found }) => credential(fields, found === undefined ? {} : { status: found }));

const create = (given: JsonObject) =>
  admit(compiled, { object: given, fieldValidation: 'Ignore', subresource: '' });

describe('admit', () => {
  it('takes its own output and changes nothing in it, at a create, an update and a status update', () => {
    fc.assert(
      fc.property(object, status, (given, next) => {
        const first = create(given);
        fc.pre(first.ok);
        const strict = { fieldValidation: 'Strict', old: first.object } as const;
        expect(create(first.object)).toEqual(first);
        expect(admit(compiled, { ...strict, object: first.object, subresource: '' })).toEqual(first);
        const change = { ...first.object, status: next };
        const second = admit(compiled, {
          ...strict,
          fieldValidation: 'Ignore',
          object: change,
          subresource: 'status',
        });
        if (!second.ok) return;
        const again = admit(compiled, {
          ...strict,
          old: second.object,
          object: second.object,
          subresource: 'status',
        });
        expect(again).toEqual(second);
      }),
      { numRuns: 300 },
    );
  });

  it('answers every object with an object or with causes that each name a field', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const answer = create(credential({}, { spec: value as Json }));
        expect(answer.ok || answer.causes.every((cause) => cause.field !== '')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('never lets a valid object be refused for a change of its labels', () => {
    fc.assert(
      fc.property(object, (given) => {
        const first = create(given);
        fc.pre(first.ok);
        const labelled = { ...first.object, metadata: { name: 'x', labels: { a: 'b' } } };
        const update = {
          object: labelled,
          old: first.object,
          fieldValidation: 'Strict',
          subresource: '',
        } as const;
        expect(admit(compiled, update).ok).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('fills in defaults once', () => {
    fc.assert(
      fc.property(object, (given) => {
        const once = applyDefaults(compiled, given);
        expect(applyDefaults(compiled, once)).toEqual(once);
      }),
      { numRuns: 100 },
    );
  });
});

describe('duplicateFields', () => {
  it('finds none in what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(duplicateFields(JSON.stringify(value))).toEqual([]);
      }),
    );
  });
});

describe('parseGoDuration', () => {
  it('adds up its terms', () => {
    const count = fc.integer({ min: 0, max: 9999 });
    fc.assert(
      fc.property(
        count,
        count,
        count,
        fc.integer({ min: 0, max: 999 }),
        fc.boolean(),
        (h, m, s, ms, negative) => {
          const text = `${negative ? '-' : ''}${h}h${m}m${s}.${String(ms).padStart(3, '0')}s`;
          const milliseconds = BigInt(h * 3_600_000 + m * 60_000 + s * 1000 + ms);
          expect(parseGoDuration(text)).toBe((negative ? -milliseconds : milliseconds) * 1_000_000n);
        },
      ),
    );
  });

  it.each(['', '1', '1d', 'h', '.s', '1h ', ' 1h', '-', '1.2.3s', '3000000h'])('refuses "%s"', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });

  it.each([
    ['0', 0n],
    ['+1.5s', 1_500_000_000n],
    ['1us', 1000n],
    ['1µs', 1000n],
    ['.5s', 500_000_000n],
  ] as const)('takes "%s"', (text, nanoseconds) => {
    expect(parseGoDuration(text)).toBe(nanoseconds);
  });
});
