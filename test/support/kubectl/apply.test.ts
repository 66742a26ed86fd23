import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotated, applyPatch, LAST_APPLIED } from './apply.ts';
import type { Live, Manifest } from './objects.ts';

const manifest = (spec: object, metadata: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', ...metadata },
  spec,
});

/** What the API server holds after the manifest was created. */
const stored = (applied: Manifest, changed: object = {}): Live =>
  ({
    ...annotated(applied),
    metadata: { ...annotated(applied).metadata, uid: 'u', resourceVersion: '7' },
    ...changed,
  }) as unknown as Live;

describe('applying a manifest', () => {
  it('keeps it in its annotation, one line of JSON', () => {
    const applied = annotated(manifest({ a: 1 }, { annotations: { mine: 'yes' } }));
    const annotations = applied.metadata['annotations'] as Record<string, string>;
    expect(annotations['mine']).toBe('yes');
    expect(annotations[LAST_APPLIED]).toMatch(/\}\n$/);
    expect(JSON.parse(annotations[LAST_APPLIED] ?? '')).toEqual(
      manifest({ a: 1 }, { annotations: { mine: 'yes' } }),
    );
  });

  it('does nothing the second time', () => {
    expect(applyPatch(manifest({ a: { b: [1] } }), stored(manifest({ a: { b: [1] } })))).toBeUndefined();
  });

  it('does nothing when only the order of keys differs', () => {
    const live = stored(manifest({ list: [{ a: 1, b: 2 }] }), { spec: { list: [{ b: 2, a: 1 }] } });
    expect(applyPatch(manifest({ list: [{ a: 1, b: 2 }] }), live)).toBeUndefined();
  });

  it('sets what differs and removes what it no longer says', () => {
    const patch = applyPatch(manifest({ kept: 1, set: 2 }), stored(manifest({ kept: 1, set: 1, gone: 1 })));
    expect(patch?.['spec']).toEqual({ set: 2, gone: null });
  });

  it('does nothing about what somebody else has removed already', () => {
    const live = stored(manifest({ kept: 1, gone: 1 }), { spec: { kept: 1 } });
    expect(applyPatch(manifest({ kept: 1 }), live)).not.toHaveProperty('spec');
  });

  it("leaves others' fields alone", () => {
    const live = stored(manifest({ mine: 1 }), { spec: { mine: 1, theirs: 5 }, status: { ready: true } });
    expect(applyPatch(manifest({ mine: 1 }), live)).toBeUndefined();
    expect(applyPatch(manifest({ mine: 2 }), live)?.['spec']).toEqual({ mine: 2 });
  });

  it('takes over an object that was made without it', () => {
    const { annotations: _none, ...metadata } = stored(manifest({ a: 1 })).metadata;
    const live = { ...stored(manifest({ a: 1 })), metadata } as Live;
    expect(applyPatch(manifest({ a: 1 }), live)).toMatchObject({
      metadata: { annotations: { [LAST_APPLIED]: expect.stringContaining('"a":1') } },
    });
  });

  it('brings live to what is wanted, whatever was there', () => {
    const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 2 }));
    const key = fc.constantFrom('a', 'b', 'c');
    const inner = fc.dictionary(key, leaf, { noNullPrototype: true });
    const spec = fc.dictionary(key, fc.oneof(leaf, inner), { noNullPrototype: true });
    fc.assert(
      fc.property(spec, spec, (before, wanted) => {
        const patch = applyPatch(manifest(wanted), stored(manifest(before))) ?? {};
        expect(mergePatch(before, patch['spec'] ?? {})).toEqual(wanted);
      }),
    );
  });
});

/** RFC 7396, section 2, as it is written there. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const plain = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = plain ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
