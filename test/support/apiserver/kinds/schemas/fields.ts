/**
 * The words in which schemas of built-in kinds are written. They serve three masters: what may be stored (shape.ts), what
 * OpenAPI tells, and how lists are merged and owned. Descriptions are this server's own.
 */

import type { Json } from '../../objects.ts';

export type Schema = Json;

/** The key under which a schema says what it is called in OpenAPI, where it has a name. */
export const TYPE_NAME = 'x-type-name';

export const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const CORE = 'io.k8s.api.core.v1';

export const text = (description: string): Schema => ({ type: 'string', description });
export const flag = (description: string): Schema => ({ type: 'boolean', description });
export const whole = (description: string): Schema => ({ type: 'integer', format: 'int32', description });
export const long = (description: string): Schema => ({ type: 'integer', format: 'int64', description });

export const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description });

/** A time with six digits of a second. */
export const microTime = time;

export function fields(description: string, properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', description, properties };
}

export function texts(description: string): Schema {
  return { type: 'object', description, additionalProperties: { type: 'string' } };
}

/** Values in base64. */
export function bytes(description: string): Schema {
  return { type: 'object', description, additionalProperties: { type: 'string', format: 'byte' } };
}

/** A list that has one owner, and that a patch replaces whole. */
export function atomic(description: string, items: Schema): Schema {
  return { type: 'array', description, items, 'x-kubernetes-list-type': 'atomic' };
}

/** A list of texts that patches and owners add to one by one. */
export function merged(description: string): Schema {
  const more = { 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' };
  return { type: 'array', description, items: { type: 'string' }, ...more };
}

/** A list of objects that a key tells apart. */
export function keyed(description: string, key: string, items: Schema): Schema {
  return {
    type: 'array',
    description,
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [key],
  };
}

/** A keyed list that strategic merge patches merge by its key. */
export function mergedBy(key: string, list: Schema): Schema {
  return { ...list, 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': key };
}

export const named = (name: string, schema: Schema): Schema => ({ ...schema, [TYPE_NAME]: name });
/** A struct that is there, empty, where nothing is given. */
export const always = (schema: Schema): Schema => ({ ...schema, default: {} });
export const needing = (required: readonly string[], schema: Schema): Schema => ({ ...schema, required });
