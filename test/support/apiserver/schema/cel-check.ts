/**
 * Runs the rules of a schema over an object. Rules that mention oldSelf run only where an old value corresponds (unless
 * they take it as optional); a rule without it is forgiven, with a warning, where nothing changed below the root.
 */
import {
  type Cause,
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  key,
  OMITTED,
  required,
  sentence,
} from './causes.ts';
import { runtimeText } from './cel-errors.ts';
import type { CompiledRule, RulePlan } from './cel-plan.ts';
import { alignWith, toCel } from './cel-values.ts';
import { type Correlation, oldItem } from './correlate.ts';
import { isObject, type Json, own } from './json.ts';
import type { SchemaNode, ValidationRule } from './node.ts';

const MESSAGE_LIMIT = 5 * 1024;

export type Outcome = Readonly<{ causes: Cause[]; warnings: string[] }>;

/** The correlation of a value, or of the nearest value around it that has one. */
type Ratchet = Readonly<{ current: Correlation | undefined; nearest: Correlation | undefined }>;

type Visit = Readonly<{ node: SchemaNode; value: Json; old: Json | undefined; at: string; ratchet: Ratchet }>;

const forgiven = ({ current, nearest }: Ratchet): boolean => (current ?? nearest)?.unchanged === true;

function step(ratchet: Ratchet, next: (from: Correlation) => Correlation | undefined): Ratchet {
  return ratchet.current === undefined
    ? ratchet
    : { current: next(ratchet.current), nearest: ratchet.current };
}

const named = ({ message = '', rule }: ValidationRule): string => (message === '' ? rule : message).trim();

function staticMessage({ message = '', rule }: ValidationRule): string {
  return message === '' ? `failed rule: ${rule.trim()}` : message.trim();
}

/** The words of a violation: those that messageExpression makes, if they are usable. */
function messageOf({ rule, message }: CompiledRule, self: unknown, old: unknown): string {
  if (message === undefined) return staticMessage(rule);
  try {
    const text = message.run(self, old);
    const trimmed = typeof text === 'string' ? text.trim() : '';
    const usable = trimmed !== '' && Buffer.byteLength(trimmed) <= MESSAGE_LIMIT && !trimmed.includes('\n');
    return usable ? trimmed : staticMessage(rule);
  } catch {
    return staticMessage(rule);
  }
}

function violation(rule: ValidationRule, at: string, value: Json, detail: string): Cause {
  const shown = isObject(value) || Array.isArray(value) ? OMITTED : value;
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(at, detail);
    case 'FieldValueRequired':
      return required(at, detail);
    case 'FieldValueDuplicate':
      return duplicate(at, shown);
    default:
      return invalid(at, shown, detail);
  }
}

function failure(rule: ValidationRule, visit: Visit, error: unknown): Cause {
  const text = runtimeText(error);
  const detail = text.startsWith('no such overload')
    ? `'${text}': call arguments did not match a supported operator, function or macro signature for rule: ${named(rule)}`
    : `${text} evaluating rule: ${named(rule)}`;
  return invalid(visit.at, visit.node.type ?? '', detail);
}

function runRule(compiled: CompiledRule, visit: Visit, self: unknown, old: unknown, outcome: Outcome): void {
  const { rule, expression } = compiled;
  if (expression.usesOldSelf && old === undefined && rule.optionalOldSelf !== true) return;
  try {
    if (expression.run(self, old) === true) return;
  } catch (error) {
    outcome.causes.push(failure(rule, visit, error));
    return;
  }
  const at = compiled.path === '' ? visit.at : child(visit.at, compiled.path);
  const cause = violation(rule, at, visit.value, messageOf(compiled, self, old));
  if (!expression.usesOldSelf && forgiven(visit.ratchet)) outcome.warnings.push(sentence(cause));
  else outcome.causes.push(cause);
}

function runHere(plan: RulePlan, visit: Visit, outcome: Outcome): void {
  const set = plan.get(visit.node);
  if (set === undefined) return;
  const { value, node } = visit;
  const comparable =
    visit.old === undefined || visit.old === null ? undefined : alignWith(node, value, visit.old);
  const self = toCel(value, set.decl);
  const old = comparable === undefined ? undefined : toCel(alignWith(node, value, comparable), set.decl);
  for (const rule of set.rules) runRule(rule, visit, self, old, outcome);
}

function inside({ node, value, old, at, ratchet }: Visit): readonly Visit[] {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items === undefined) return [];
    return value.map((item, i) => ({
      node: items,
      value: item,
      old: oldItem(node, item, old),
      at: index(at, i),
      ratchet: step(ratchet, (from) => from.index(i)),
    }));
  }
  if (!isObject(value)) return [];
  const { additionalProperties } = node;
  return Object.entries(value).flatMap(([name, entry]): Visit[] => {
    const property = own(node.properties, name);
    const inner = property ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (inner === undefined) return [];
    const previous = isObject(old) ? own(old, name) : undefined;
    const path = property === undefined ? key(at, name) : child(at, name);
    const place = { node: inner, value: entry, old: previous, at: path };
    return [{ ...place, ratchet: step(ratchet, (from) => from.key(name)) }];
  });
}

function visitAll(plan: RulePlan, visit: Visit, outcome: Outcome): void {
  if (visit.value === null) return;
  runHere(plan, visit, outcome);
  for (const next of inside(visit)) visitAll(plan, next, outcome);
}

export type Judged = Readonly<{
  node: SchemaNode;
  value: Json;
  old?: Json | undefined;
  /** The path of the value in the object; empty for the object itself. */
  at: string;
  correlation?: Correlation | undefined;
}>;

/** All violations of rules at and below a value, and warnings for those that an unchanged value is forgiven. */
export function checkRules(plan: RulePlan, { node, value, old, at, correlation }: Judged): Outcome {
  const outcome: Outcome = { causes: [], warnings: [] };
  visitAll(plan, { node, value, old, at, ratchet: { current: correlation, nearest: undefined } }, outcome);
  return outcome;
}
