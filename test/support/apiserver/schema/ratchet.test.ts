import { describe, expect, it } from 'vitest';
import { at, compiledCredential, credential, credentialSchema, specField, tell } from './fixture.ts';
import type { JsonObject } from './json.ts';
import { admit, compileSchema } from './schema.ts';

const compiled = compiledCredential();

describe('ratcheting: a schema that became stricter under a stored object', () => {
  const old = credential(
    { roles: ['A', 'B'], accessTokenValidity: 600 },
    { status: { observedGeneration: 1 } },
  );
  const labelled = { ...old, metadata: { name: 'x', namespace: 'n', labels: { a: 'b' } } };
  const edited = credential({ roles: ['A', 'B'], accessTokenValidity: 600, suspend: true });
  const rule = { rule: '!has(self.suspend) && size(self.roles) > 2', message: 'more roles' };

  const tightened: readonly [string, (schema: JsonObject) => void, label: boolean, edit: boolean][] = [
    [
      'a tighter pattern on another field',
      (s) => {
        specField(s, 'clientId')['pattern'] = '^z';
      },
      true,
      true,
    ],
    [
      'a new required field',
      (s) => {
        at(s, 'properties', 'spec')['required'] = ['adoptionPolicy'];
      },
      true,
      false,
    ],
    [
      'a new rule at spec',
      (s) => {
        at(s, 'properties', 'spec')['x-kubernetes-validations'] = [rule];
      },
      true,
      false,
    ],
    [
      'a new rule at the root',
      (s) => {
        s['x-kubernetes-validations'] = [{ rule: 'size(self.spec.roles) > 2' }];
      },
      false,
      false,
    ],
    [
      'a lower maximum',
      (s) => {
        specField(s, 'accessTokenValidity')['maximum'] = 60;
      },
      true,
      true,
    ],
    [
      'another type',
      (s) => {
        Object.assign(specField(s, 'accessTokenValidity'), { type: 'string', maximum: undefined });
      },
      true,
      true,
    ],
  ];

  it.each(tightened)('%s', (_name, change, label, edit) => {
    const schema = credentialSchema();
    change(schema);
    const stricter = compileSchema(JSON.parse(JSON.stringify(schema)));
    expect(tell(stricter, { object: labelled, old }).told.length === 0).toBe(label);
    const status = {
      object: { ...old, status: { observedGeneration: 2 } },
      old,
      subresource: 'status' as const,
    };
    expect(tell(stricter, status).told.length === 0).toBe(label);
    expect(tell(stricter, { object: edited, old }).told.length === 0).toBe(edit);
  });

  it('warns about a rule that an unchanged value is forgiven', () => {
    const stricter = compiledCredential((s) => {
      at(s, 'properties', 'spec')['x-kubernetes-validations'] = [rule];
    });
    const answer = admit(stricter, { object: labelled, old, fieldValidation: 'Warn', subresource: '' });
    expect(answer).toMatchObject({ ok: true, warnings: ['spec: Invalid value: more roles'] });
  });

  it('refuses a tightened field as soon as it is touched', () => {
    const stricter = compiledCredential((s) => {
      specField(s, 'accessTokenValidity')['maximum'] = 60;
    });
    expect(
      tell(stricter, { object: credential({ ...at(old, 'spec'), accessTokenValidity: 61 }), old }).told,
    ).toEqual([
      'spec.accessTokenValidity: Invalid value: 61: spec.accessTokenValidity in body should be less than or equal to 60',
    ]);
  });

  it('lets a list that became a set keep its duplicates', () => {
    const duplicated = credential({ roles: ['A', 'A'] });
    expect(
      tell(compiled, { object: credential({ roles: ['A', 'A'], suspend: true }), old: duplicated }).told,
    ).toEqual([]);
    expect(tell(compiled, { object: credential({ roles: ['A', 'A'] }), old }).told).toHaveLength(1);
  });

  it('forgives a tightened status field that a status write leaves alone', () => {
    const stricter = compiledCredential((s) => {
      Object.assign(at(s, 'properties', 'status', 'properties', 'origin'), { enum: ['Adopted'] });
    });
    const before = { ...old, status: { origin: 'Created', observedGeneration: 1 } };
    const write = (status: JsonObject) =>
      tell(stricter, { object: { ...before, status }, old: before, subresource: 'status' }).told.length;
    expect(write({ origin: 'Created', observedGeneration: 2 })).toBe(0);
    expect(write({ origin: 'Other', observedGeneration: 2 })).toBe(2);
  });

  it('forgives rules in and on lists that did not change', () => {
    const rule = { rule: 'self.size() > 5', message: 'm' };
    const list = (rest: JsonObject, onItem: boolean) =>
      compileSchema({
        type: 'object',
        properties: {
          n: { type: 'integer' },
          l: {
            type: 'array',
            maxItems: 9,
            ...rest,
            ...(onItem ? {} : { 'x-kubernetes-validations': [rule] }),
            items: {
              type: 'object',
              required: ['k'],
              properties: {
                k: {
                  type: 'string',
                  maxLength: 9,
                  ...(onItem ? { 'x-kubernetes-validations': [rule] } : {}),
                },
              },
            },
          },
        },
      });
    const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] };
    const before = { n: 1, l: [{ k: 'a' }, { k: 'b' }] };
    const reordered = { n: 2, l: [{ k: 'b' }, { k: 'a' }] };
    expect(tell(list({}, true), { object: { ...before, n: 2 }, old: before }).told).toEqual([]);
    expect(tell(list({}, true), { object: reordered, old: before }).told).toHaveLength(2);
    expect(tell(list(keyed, false), { object: reordered, old: before }).told).toEqual([]);
    expect(tell(list({}, false), { object: reordered, old: before }).told).toEqual(['l: Invalid value: m']);
  });

  it('compares items of a keyed list by their keys', () => {
    const schema = (pattern: string) =>
      compileSchema({
        type: 'object',
        properties: {
          l: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
            items: {
              type: 'object',
              required: ['k'],
              properties: { k: { type: 'string' }, v: { type: 'string', pattern } },
            },
          },
        },
      });
    const before = {
      l: [
        { k: 'a', v: 'x' },
        { k: 'b', v: 'y' },
      ],
    };
    const after = {
      l: [
        { k: 'c', v: 'z' },
        { k: 'a', v: 'x' },
      ],
    };
    expect(tell(schema('^z'), { object: after, old: before }).told).toEqual([]);
    expect(tell(schema('^q'), { object: after, old: before }).told).toEqual([
      `l[0].v: Invalid value: "z": l[0].v in body should match '^q'`,
    ]);
  });
});
