/** From a published schema to the structural one that a body is decoded by: what may be stored, and nothing else. */

import { isRecord, type Json } from '../objects.ts';
import type { Schema } from './schemas/fields.ts';

const KEPT = ['type', 'x-kubernetes-preserve-unknown-fields'];

export function shapeOf(schema: Schema): Json {
  const { properties, items, additionalProperties } = schema;
  const kept = Object.entries(schema).filter(([keyword]) => KEPT.includes(keyword));
  return {
    ...Object.fromEntries(kept),
    ...(isRecord(properties) ? { properties: shapesOf(properties) } : {}),
    ...(isRecord(items) ? { items: shapeOf(items) } : {}),
    ...(isRecord(additionalProperties) ? { additionalProperties: shapeOf(additionalProperties) } : {}),
  };
}

function shapesOf(properties: Json): Json {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, shapeOf(schema as Schema)]),
  );
}
