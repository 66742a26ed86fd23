/** The defaults of a schema must themselves be valid, and known to it. */
import { type Cause, child, invalid, key } from './causes.ts';
import { checkRules } from './cel-check.ts';
import type { RulePlan } from './cel-plan.ts';
import { copyJson, deepEqual, type Json } from './json.ts';
import type { SchemaNode } from './node.ts';
import { prune } from './prune.ts';
import { checkValue, type Walk } from './validate.ts';

function unknownFields(node: SchemaNode, value: Json): boolean {
  const holder = { value: copyJson(value) };
  prune(holder, { type: 'object', properties: { value: node } });
  return !deepEqual(holder.value, value);
}

function checkDefault(
  walk: Walk,
  plan: RulePlan,
  node: SchemaNode,
  value: Json,
  at: string,
): readonly Cause[] {
  const unknown = unknownFields(node, value) ? [invalid(at, value, 'must not have unknown fields')] : [];
  const { causes } = checkValue(walk, node, value, { prefix: at, name: '' });
  return [...unknown, ...(causes.length > 0 ? causes : checkRules(plan, { node, value, at }).causes)];
}

export function checkDefaults(walk: Walk, plan: RulePlan, node: SchemaNode, at: string): readonly Cause[] {
  const here =
    node.default === undefined ? [] : checkDefault(walk, plan, node, node.default, child(at, 'default'));
  const items = node.items === undefined ? [] : checkDefaults(walk, plan, node.items, child(at, 'items'));
  const properties = Object.entries(node.properties ?? {}).flatMap(([name, inner]) =>
    checkDefaults(walk, plan, inner, key(child(at, 'properties'), name)),
  );
  return [...here, ...items, ...properties];
}
