/** JSON patches (RFC 6902), as leniently as the server takes them. */

import jsonPatch, { type Operation } from 'fast-json-patch';
import { isRecord, type Json } from '../objects.ts';
import { unprocessable } from '../status.ts';

/** Throws the one answer to a patch that cannot be applied, whatever is wrong with it. */
export function jsonPatched(current: Json, operations: readonly Operation[]): Json {
  try {
    return operations.reduce(applyOne, structuredClone(current));
  } catch {
    throw unprocessable();
  }
}

/**
 * Where a path leads nowhere, the server is more lenient than RFC 6902: a test for null passes, a replace adds, a copy
 * does nothing.
 */
function applyOne(document: Json, operation: Operation): Json {
  if (operation.op === 'test' && operation.value === null && isNowhere(document, operation.path))
    return document;
  if (operation.op === 'copy' && isNowhere(document, operation.from)) return document;
  const isNew = operation.op === 'replace' && isNewKey(document, operation.path);
  const effective: Operation = isNew ? { ...operation, op: 'add' } : operation;
  return jsonPatch.applyOperation(document, effective, true, true).newDocument;
}

function isNowhere(document: Json, path: string): boolean {
  return valueAt(document, keysOf(path)) === undefined;
}

function isNewKey(document: Json, path: string): boolean {
  return isNowhere(document, path) && isRecord(valueAt(document, keysOf(path).slice(0, -1)));
}

function keysOf(path: string): readonly string[] {
  const unescaped = (key: string) => key.replaceAll('~1', '/').replaceAll('~0', '~');
  return path.split('/').slice(1).map(unescaped);
}

function valueAt(document: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    document,
  );
}
