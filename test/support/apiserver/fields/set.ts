/**
 * Sets of fields, in the form in which managedFields carry them (FieldsV1): a tree whose keys are `f:<name>`,
 * `k:<keys of an item>` and `v:<value of an item>`. A leaf is in the set; a node with children only if it holds `.`.
 */

import { isRecord } from '../objects.ts';

export type FieldSet = Readonly<{ [key: string]: FieldSet }>;

export const NOTHING: FieldSet = {};

/** The root itself is never a member; below it a node without children is one. */
function isMember(node: FieldSet | undefined): boolean {
  if (node === undefined) return false;
  return '.' in node || Object.keys(node).length === 0;
}

const childrenOf = ({ '.': _self, ...children }: FieldSet): FieldSet => children;

/** A node; undefined where it is neither in the set nor holds anything that is. */
export function nodeOf(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmpty(children)) return member ? {} : undefined;
  return member ? { '.': {}, ...children } : children;
}

export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** A set of what `make` says of each key, its keys in order. */
export function setOf(keys: Iterable<string>, make: (key: string) => FieldSet | undefined): FieldSet {
  const entries = [...new Set(keys)].sort().flatMap((key): [string, FieldSet][] => {
    const node = make(key);
    return node === undefined ? [] : [[key, node]];
  });
  return Object.fromEntries(entries);
}

type Rule = (a: boolean, b: boolean) => boolean;

function combined(a: FieldSet, b: FieldSet, rule: Rule): FieldSet {
  const keys = [...Object.keys(childrenOf(a)), ...Object.keys(childrenOf(b))];
  return setOf(keys, (key) => {
    const [one, other] = [a[key], b[key]];
    const member = rule(isMember(one), isMember(other));
    return nodeOf(member, combined(one ?? NOTHING, other ?? NOTHING, rule));
  });
}

export const union = (a: FieldSet, b: FieldSet): FieldSet => combined(a, b, (x, y) => x || y);
export const difference = (a: FieldSet, b: FieldSet): FieldSet => combined(a, b, (x, y) => x && !y);
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => combined(a, b, (x, y) => x && y);

/** The set without everything at and below a path. */
export function without(set: FieldSet, [key, ...rest]: readonly string[]): FieldSet {
  const inner = key === undefined ? undefined : set[key];
  if (key === undefined || inner === undefined) return set;
  const { [key]: _former, ...others } = set;
  if (rest.length === 0) return others;
  const left = without(inner, rest);
  return isEmpty(left) && !isEmpty(inner) ? others : { ...set, [key]: left };
}

/** What is at and below a key, still under that key. */
export function only(set: FieldSet, key: string): FieldSet {
  const inner = set[key];
  return inner === undefined ? NOTHING : { [key]: inner };
}

export function has(set: FieldSet, key: string): boolean {
  return isMember(set[key]);
}

/** `.spec.parts[name="x"].count`: every member as messages tell it, those of a level before those below it. */
export function pathsIn(set: FieldSet, prefix = ''): readonly string[] {
  const children = Object.entries(childrenOf(set));
  const own = children.filter(([, node]) => isMember(node)).map(([key]) => `${prefix}${step(key)}`);
  const below = children.flatMap(([key, node]) => pathsIn(node, `${prefix}${step(key)}`));
  return [...own, ...below];
}

/** One key as messages tell it. */
export function step(key: string): string {
  const text = key.slice(2);
  if (key.startsWith('f:')) return `.${text}`;
  if (key.startsWith('v:')) return `[=${text}]`;
  const keys: unknown = JSON.parse(text);
  const pairs = isRecord(keys) ? Object.entries(keys) : [];
  return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
