/** What `kubectl apply` works out on the client's side: the annotation, and the patch from three sides. Pure. */

import type { Live, Manifest } from './objects.ts';

export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Fields = Readonly<Record<string, unknown>>;

/** The manifest with itself in its annotations, a Secret's values included, as kubectl writes it. */
export function annotated(manifest: Manifest): Manifest {
  const annotations = fieldsOf(manifest.metadata['annotations']);
  const text = `${JSON.stringify({ ...manifest, metadata: { ...manifest.metadata, annotations } })}\n`;
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  };
}

/**
 * The merge patch that sets what the manifest says and live differs in, and removes what the last manifest said and
 * this one does not; undefined where there is nothing to do. Lists are replaced whole, also those of built-in kinds.
 */
export function applyPatch(manifest: Manifest, live: Live): Fields | undefined {
  const before = live.metadata.annotations?.[LAST_APPLIED];
  const last = before === undefined ? {} : fieldsOf(JSON.parse(before));
  return threeWay(last, annotated(manifest), live);
}

function threeWay(last: Fields, wanted: Fields, live: Fields): Fields | undefined {
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(wanted)) {
    const change = changeOf(last[key], value, live[key]);
    if (change !== undefined) patch[key] = change;
  }
  for (const key of Object.keys(last)) {
    if (!(key in wanted) && key in live) patch[key] = null;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function changeOf(last: unknown, wanted: unknown, live: unknown): unknown {
  if (isFields(wanted) && isFields(live)) return threeWay(fieldsOf(last), wanted, live);
  return canonical(wanted) === canonical(live) ? undefined : wanted;
}

function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner) =>
    isFields(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
