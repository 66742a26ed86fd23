// The words that the kinds are written in: a small part of zod that turns into a structural schema of Kubernetes
// without loss. Each word gives the run-time check and the CRD's keywords from the same arguments.
import { z } from 'zod';

export type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export const INT32_MAX = 2_147_483_647;

/** A pattern that RE2 and JavaScript read alike, and what it asks for in words. */
export type Pattern = Readonly<{ pattern: string; words: string }>;

type TextBounds = Readonly<{ min?: number; max: number; like?: Pattern }>;

/** Lengths count characters, as the API server does, not UTF-16 units. `min` is 1 where it is not given. */
export function text(description: string, { min = 1, max, like }: TextBounds) {
  const expression = like === undefined ? undefined : new RegExp(like.pattern, 'u');
  const keywords = {
    description,
    ...(min > 0 && { minLength: min }),
    maxLength: max,
    ...(like !== undefined && { pattern: like.pattern }),
  };
  const problemOf = (value: string): string | undefined => {
    const length = value.length <= 2 * max ? [...value].length : value.length;
    if (length > max) return `must have at most ${max} characters`;
    if (length < min) return min === 1 ? 'must not be empty' : `must have at least ${min} characters`;
    return expression === undefined || expression.test(value) ? undefined : like?.words;
  };
  return z
    .string()
    .superRefine((value, context) => {
      const problem = problemOf(value);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .meta(keywords);
}

export function choice<const T extends readonly [string, ...string[]]>(description: string, values: T) {
  return z.enum(values).meta({ description });
}

export function flag(description: string) {
  return z.boolean().meta({ description });
}

export function int32(
  description: string,
  { min, max = INT32_MAX }: Readonly<{ min: number; max?: number }>,
) {
  return z.int().min(min).max(max).meta({ description, format: 'int32' });
}

export function object<const T extends z.core.$ZodLooseShape>(description: string, shape: T) {
  return z.object(shape).meta({ description });
}

type ListBounds = Readonly<{ type: 'atomic' | 'set'; min?: number; max: number }>;

export function list<T extends z.ZodType>(description: string, items: T, { type, min = 0, max }: ListBounds) {
  return z
    .array(items)
    .min(min)
    .max(max)
    .superRefine((values, context) => {
      const seen = new Set<unknown>();
      const second = type === 'set' ? values.findIndex((value) => seen.size === seen.add(value).size) : -1;
      if (second >= 0) context.addIssue({ code: 'custom', path: [second], message: 'is there twice' });
    })
    .meta({ description, 'x-kubernetes-list-type': type });
}

/** A map of strings with at most `max` entries. */
export function map(description: string, values: z.ZodType<string>, { max }: Readonly<{ max: number }>) {
  return z
    .record(z.string(), values)
    .refine((entries) => Object.keys(entries).length <= max, { error: `must have at most ${max} entries` })
    .meta({ description, maxProperties: max });
}

/**
 * A constraint in both languages. `cel` and `holds` judge alike; a test holds them together. A transition rule
 * compares with the stored object and so exists in CEL alone. `fieldPath` names the member that the message is about.
 */
export type Rule<T> = Readonly<{
  cel: string;
  message: string;
  reason: 'FieldValueForbidden' | 'FieldValueRequired';
  fieldPath?: string;
}> &
  Readonly<{ holds: (value: T) => boolean } | { transition: true }>;

export function ruled<S extends z.ZodType>(schema: S, ...rules: readonly Rule<z.output<S>>[]): S {
  return schema
    .superRefine((value, context) => {
      for (const rule of rules) {
        if ('transition' in rule || rule.holds(value)) continue;
        const path = rule.fieldPath === undefined ? [] : [rule.fieldPath];
        context.addIssue({ code: 'custom', path, message: rule.message });
      }
    })
    .meta({
      'x-kubernetes-validations': rules.map(({ cel, message, reason, fieldPath }) => ({
        rule: cel,
        message,
        reason,
        ...(fieldPath !== undefined && { fieldPath: `.${fieldPath}` }),
      })),
    });
}
