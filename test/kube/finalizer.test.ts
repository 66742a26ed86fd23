import fc from 'fast-check';
import { applyPatch, JsonPatchError, type Operation } from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { finalizerAddition, finalizerRemoval } from '../../src/kube/finalizer.ts';
import type { ObjectMeta } from '../../src/kube/types.ts';

const OWN = 'example.org/own';

function meta(finalizers?: readonly string[], uid = 'u1'): ObjectMeta {
  return { name: 'a', uid, resourceVersion: '1', ...(finalizers !== undefined && { finalizers }) };
}

/**
 * What a server makes of the patch: the finalizers that the object has afterwards, or `refused`. The way in which
 * servers read a test for null is held to a real one by the conformance rows.
 */
function sent(patch: ReturnType<typeof finalizerAddition>, live: ObjectMeta): readonly string[] | 'refused' {
  if (patch === undefined) return live.finalizers ?? [];
  const isTrivial = ({ path, op }: Operation) =>
    op === 'test' && path === '/metadata/finalizers' && live.finalizers === undefined;
  const operations = (patch.body as Operation[]).filter(
    (operation) => !(isTrivial(operation) && operation.op === 'test' && operation.value === null),
  );
  try {
    const { newDocument } = applyPatch({ metadata: structuredClone(live) }, operations, true);
    return newDocument.metadata.finalizers ?? [];
  } catch (error) {
    if (error instanceof JsonPatchError) return 'refused';
    throw error;
  }
}

const without = (finalizers: readonly string[] = []) => finalizers.filter((name) => name !== OWN);

/** None, or a few without repetition, as servers keep them. */
const lists = fc.option(
  fc.uniqueArray(fc.constantFrom(OWN, 'example.org/backup', 'example.org/audit', 'b', 'c'), { minLength: 1 }),
  { nil: undefined },
);

describe('a finalizer', () => {
  it.each<[readonly string[] | undefined, readonly string[]]>([
    [undefined, [OWN]],
    [['x'], ['x', OWN]],
    [
      ['x', 'y'],
      ['x', 'y', OWN],
    ],
  ])('is added to %j', (before, after) => {
    expect(sent(finalizerAddition(meta(before), OWN), meta(before))).toEqual(after);
  });

  it.each<[readonly string[], readonly string[]]>([
    [[OWN], []],
    [['x', OWN], ['x']],
    [[OWN, 'x'], ['x']],
    [
      ['x', OWN, 'y'],
      ['x', 'y'],
    ],
  ])('is removed from %j', (before, after) => {
    expect(sent(finalizerRemoval(meta(before), OWN), meta(before))).toEqual(after);
  });

  it('that is there is not added, and one that is not there is not removed', () => {
    expect(finalizerAddition(meta(['x', OWN]), OWN)).toBeUndefined();
    expect(finalizerRemoval(meta(['x']), OWN)).toBeUndefined();
    expect(finalizerRemoval(meta(), OWN)).toBeUndefined();
  });

  it('never costs anybody else theirs, whatever happened since the object was seen', () => {
    fc.assert(
      fc.property(lists, lists, (seen, now) => {
        for (const change of [finalizerAddition, finalizerRemoval]) {
          const after = sent(change(meta(seen), OWN), meta(now));
          if (after !== 'refused') expect(without(after)).toEqual(without(now));
        }
      }),
    );
  });

  it('is never there twice', () => {
    fc.assert(
      fc.property(lists, lists, (seen, now) => {
        const after = sent(finalizerAddition(meta(seen), OWN), meta(now));
        if (after !== 'refused') expect(after.filter((name) => name === OWN).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never lands on another object of the same name', () => {
    fc.assert(
      fc.property(lists, lists, (seen, now) => {
        for (const change of [finalizerAddition, finalizerRemoval]) {
          const patch = change(meta(seen), OWN);
          if (patch !== undefined) expect(sent(patch, meta(now, 'u2'))).toBe('refused');
        }
      }),
    );
  });
});
