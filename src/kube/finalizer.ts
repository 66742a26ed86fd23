/**
 * Finalizers by JSON patches that test what they rely on: the object (by uid) and the very entry. They touch no other
 * entry, whoever writes at the same time; a patch whose tests fail is answered 422 and has changed nothing. Pure.
 */

import type { Patch } from './client.ts';
import type { ObjectMeta } from './types.ts';

/** Undefined where the object carries it. */
export function finalizerAddition({ uid, finalizers = [] }: ObjectMeta, name: string): Patch | undefined {
  if (finalizers.includes(name)) return undefined;
  const isSame = { op: 'test', path: '/metadata/uid', value: uid };
  // To a server, a test for null holds where nothing is.
  const body =
    finalizers.length === 0
      ? [
          isSame,
          { op: 'test', path: '/metadata/finalizers', value: null },
          { op: 'add', path: '/metadata/finalizers', value: [name] },
        ]
      : [
          isSame,
          { op: 'test', path: '/metadata/finalizers', value: finalizers },
          { op: 'add', path: '/metadata/finalizers/-', value: name },
        ];
  return { type: 'json', body };
}

/** Undefined where the object does not carry it. */
export function finalizerRemoval({ uid, finalizers = [] }: ObjectMeta, name: string): Patch | undefined {
  const index = finalizers.indexOf(name);
  if (index < 0) return undefined;
  const path = `/metadata/finalizers/${index}`;
  return {
    type: 'json',
    body: [
      { op: 'test', path: '/metadata/uid', value: uid },
      { op: 'test', path, value: name },
      { op: 'remove', path },
    ],
  };
}
