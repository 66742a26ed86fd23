import type { z } from 'zod';
import type { Resource } from '../kube/types.ts';

/** A column of `kubectl get`; with `wide` only under `-o wide`. */
export type Column = Readonly<{
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'date';
  jsonPath: string;
  wide?: true;
}>;

/** All that a CustomResourceDefinition of ours is made from. */
export type KindDefinition = Readonly<{
  resource: Resource;
  description: string;
  shortName: string;
  columns: readonly Column[];
  /** Fields that a field selector may name, besides metadata's. */
  selectable: readonly string[];
  spec: z.ZodType;
  status: z.ZodType;
}>;

/** The JSONPath of one member of a status condition. */
export function conditionPath(type: string, member: 'status' | 'reason' | 'message'): string {
  return `.status.conditions[?(@.type=="${type}")].${member}`;
}

export const AGE: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
