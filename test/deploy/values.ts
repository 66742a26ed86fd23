/** The chart's values, as values.yaml tells of them: each leaf with its default and the comment above it. */

import { readFileSync } from 'node:fs';
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { CHART } from './helm.ts';
import { TYPES } from './valuetypes.ts';

export type Value = Readonly<{ path: string; fallback: unknown; meaning: string }>;

/** A value, or a group of values under one name. */
export type ValueNode = Readonly<{ name: string }> &
  (Readonly<{ value: Value }> | Readonly<{ members: readonly ValueNode[] }>);

export function valueTree(text = readFileSync(`${CHART}values.yaml`, 'utf8')): readonly ValueNode[] {
  const document = parseDocument(text);
  if (!isMap(document.contents)) throw new Error('values.yaml is no map');
  return membersOf(document.contents as YAMLMap, '');
}

export function leavesOf(nodes: readonly ValueNode[]): readonly Value[] {
  return nodes.flatMap((node) => ('value' in node ? [node.value] : leavesOf(node.members)));
}

function membersOf(map: YAMLMap, above: string): readonly ValueNode[] {
  return (map.items as readonly Pair[]).map((pair, index) => {
    const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
    const path = above + name;
    if (isMap(pair.value) && TYPES[path] === undefined) {
      return { name, members: membersOf(pair.value as YAMLMap, `${path}.`) };
    }
    const fallback = (pair.value as { toJSON(): unknown }).toJSON();
    return { name, value: { path, fallback, meaning: commentAbove(pair, index === 0 ? map : undefined) } };
  });
}

/** The parser gives the comment above the first of a map to the map. */
function commentAbove({ key }: Pair, map: YAMLMap | undefined): string {
  const own = (key as { commentBefore?: string | null }).commentBefore;
  const paragraphs = (own ?? map?.commentBefore ?? '').split(/\n\s*\n/);
  return (paragraphs.at(-1) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
}
