import { describe, expect, it } from 'vitest';
import { KINDS, structuralSchema } from '../../src/api/crd.ts';
import { fieldsOf, rulesOf, tellingOf, typeOf } from './fields.ts';

describe('typeOf', () => {
  it.each([
    [{ type: 'boolean' }, 'boolean'],
    [{ type: 'object', properties: {} }, 'object'],
    [{ type: 'string' }, 'string'],
    [{ type: 'string', maxLength: 20 }, 'string, at most 20 characters'],
    [
      { type: 'string', minLength: 1, maxLength: 9, pattern: '^a|b$' },
      'string, 1 to 9 characters, like `^a|b$`',
    ],
    [{ type: 'string', enum: ['Auto', 'Enabled', 'Disabled'] }, '`Auto`, `Enabled` or `Disabled`'],
    [{ type: 'string', enum: ['Auto'] }, '`Auto`'],
    [{ type: 'string', format: 'date-time' }, 'time'],
    [{ type: 'integer', format: 'int32', minimum: 1, maximum: 2_147_483_647 }, 'integer, at least 1'],
    [{ type: 'integer', minimum: 32, maximum: 128 }, 'integer, 32 to 128'],
    [{ type: 'integer', format: 'int64' }, 'integer'],
    [
      { type: 'array', 'x-kubernetes-list-type': 'set', minItems: 1, maxItems: 3, items: { type: 'string' } },
      'set, 1 to 3, each a string',
    ],
    [
      { type: 'array', 'x-kubernetes-list-type': 'atomic', maxItems: 64, items: { type: 'object' } },
      'list of objects, at most 64',
    ],
    [
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        items: { type: 'object' },
      },
      'list of objects, one for each `type`',
    ],
    [
      { type: 'object', maxProperties: 16, additionalProperties: { type: 'string', maxLength: 63 } },
      'map, at most 16 entries, each value a string, at most 63 characters',
    ],
  ])('says of %j: %s', (schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });
});

describe('tellingOf', () => {
  it.each([
    ['How long it lives; 1200 when absent.', '1200', 'How long it lives.'],
    ["Key in the object's data; ca.crt when absent.", 'ca.crt', "Key in the object's data."],
    ['true: it is off. false when absent.', 'false', 'true: it is off.'],
    [
      'Whether it can; Auto when absent. Where it can, it does.',
      'Auto',
      'Whether it can. Where it can, it does.',
    ],
    ['Whether it can: Disabled when absent. Later.', 'Disabled', 'Whether it can. Later.'],
    ['What it carries. Nothing when absent.', 'nothing', 'What it carries.'],
    ['A name. Revoke: it goes; Never when absent.', 'Never', 'A name. Revoke: it goes.'],
    ["One; the operator's setting (30m) when absent.", "the operator's setting (30m)", 'One.'],
    [
      'The ids; A, B and C when absent, none when empty.',
      'A, B and C',
      'The ids; A, B and C when absent, none when empty.',
    ],
    [
      'It goes; when absent, it stays for ever. Later.',
      'it stays for ever',
      'It goes; when absent, it stays for ever. Later.',
    ],
    ['Name of the Secret.', undefined, 'Name of the Secret.'],
  ])('takes out of %j what absence means: %j', (description, absent, meaning) => {
    expect(tellingOf(description)).toEqual({ absent, meaning });
  });

  it('finds it in every spec that speaks of it', () => {
    const fields = KINDS.flatMap(({ spec }) => fieldsOf(structuralSchema(spec)));
    const said = JSON.stringify(KINDS.map(({ spec }) => structuralSchema(spec))).match(
      /[^"]*when absent[^"]*/g,
    );
    const ofFields = (said ?? []).filter((text) => !text.startsWith('key (clientSecret when absent)'));
    expect(ofFields.length).toBeGreaterThan(30);
    expect(fields.filter(({ absent }) => absent !== undefined)).toHaveLength(ofFields.length);
    for (const { absent = '' } of fields) expect(absent).not.toMatch(/absent|[.;]$/);
  });
});

describe('fieldsOf', () => {
  it('goes through objects and lists of objects, in order, and tells what is required', () => {
    const schema = {
      type: 'object',
      required: ['b'],
      properties: {
        a: { type: 'object', required: ['x'], properties: { x: { type: 'string' }, y: { type: 'boolean' } } },
        b: {
          type: 'array',
          items: { type: 'object', required: ['z'], properties: { z: { type: 'integer' } } },
        },
        c: { type: 'array', items: { type: 'string' } },
      },
    };
    const rows = fieldsOf(schema).map(({ path, required }) => `${path}${required ? '!' : ''}`);
    expect(rows).toEqual(['a', 'a.x!', 'a.y', 'b!', 'b[].z!', 'c']);
  });
});

describe('rulesOf', () => {
  it('names the field that a refusal names, wherever the rule lies', () => {
    const rule = (message: string, fieldPath?: string) => ({
      rule: 'true',
      message,
      ...(fieldPath && { fieldPath }),
    });
    const schema = {
      'x-kubernetes-validations': [rule('one'), rule('two', '.a')],
      properties: {
        a: { 'x-kubernetes-validations': [rule('three')] },
        b: { items: { properties: { c: { 'x-kubernetes-validations': [rule('four')] } } } },
      },
    };
    expect(rulesOf(schema, 'spec').map(({ path, message }) => `${path} ${message}`)).toEqual([
      'spec one',
      'spec.a two',
      'spec.a three',
      'spec.b[].c four',
    ]);
  });
});
