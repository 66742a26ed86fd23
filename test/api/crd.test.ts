import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { structuralSchema } from '../../src/api/crd.ts';

describe('structuralSchema', () => {
  it('leaves out what zod says beyond a structural schema', () => {
    const schema = z.object({
      strict: z.strictObject({ a: z.string().readonly() }),
      whole: z.int(),
      many: z.array(z.string()).min(0),
      nothing: z.object({}),
    });
    expect(structuralSchema(schema)).toEqual({
      type: 'object',
      required: ['strict', 'whole', 'many', 'nothing'],
      properties: {
        strict: { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
        whole: { type: 'integer' },
        many: { type: 'array', items: { type: 'string' } },
        nothing: { type: 'object' },
      },
    });
  });

  it.each([
    ['a union', z.object({ a: z.union([z.string(), z.int()]) }), 'anyOf'],
    ['a tuple', z.object({ a: z.tuple([z.string()]) }), 'anyOf'],
    ['a nullable', z.object({ a: z.string().nullable() }), 'nullable'],
    ['a bound that is not reached', z.object({ a: z.number().gt(1) }), 'exclusiveMinimum'],
    ['a name of its own', z.object({ a: z.string().meta({ id: 'x' }) }), 'definitions'],
    ['anything', z.object({ a: z.unknown() }), 'type'],
  ])('refuses %s, which has no structural form', (_, schema, keyword) => {
    expect(() => structuralSchema(schema)).toThrow(keyword);
  });

  it('refuses what JSON cannot say', () => {
    expect(() => structuralSchema(z.object({ a: z.date() }))).toThrow();
  });
});
