/** All rules of a schema, compiled; and what the API server says to those that it would not accept. */
import type { Environment } from '@marcbachmann/cel-js';
import { type Cause, child, forbidden, index, invalid, key, required } from './causes.ts';
import { createTypedEnvironment, type Expression, RuleCompiler } from './cel-compile.ts';
import { cardinalityOf, type Decl, declare, fieldDecl } from './cel-decl.ts';
import { goStruct } from './json.ts';
import type { SchemaNode, ValidationRule } from './node.ts';
import { fieldAt } from './paths.ts';

const RULE_LIMIT = 10_000_000;
const TOTAL_LIMIT = 100_000_000;

export type CompiledRule = Readonly<{
  rule: ValidationRule;
  /** The normalised `fieldPath`, relative to the value that the rule stands at; empty for none. */
  path: string;
  expression: Expression;
  message?: Expression;
}>;

export type RuleSet = Readonly<{ decl: Decl; rules: readonly CompiledRule[] }>;

/** The rules of each schema node that has some. */
export type RulePlan = ReadonlyMap<SchemaNode, RuleSet>;

type Place = Readonly<{
  node: SchemaNode;
  decl: Decl | undefined;
  at: string;
  /** How many values of this kind an object may hold; undefined where nothing bounds them. */
  cardinality: number | undefined;
  /** The list within which old and new values cannot be told apart; empty for none. */
  uncorrelatable: string;
}>;

type Cost = Readonly<{ at: string; cost: number }>;

type Run = Readonly<{ env: Environment; plan: Map<SchemaNode, RuleSet>; causes: Cause[]; costs: Cost[] }>;

function exceeded(name: string, cost: number, limit: number): string {
  const by = cost / limit;
  const factor = by > 100 ? 'more than 100x' : by < 1.5 ? `${by.toFixed(6)}x` : `${by.toFixed(1)}x`;
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${name} exceeds budget by factor of ${factor} (${advice})`;
}

/** A rule as the server's internal type prints it. */
function ruleStruct(rule: ValidationRule): string {
  return goStruct({
    Rule: rule.rule,
    Message: rule.message ?? '',
    MessageExpression: rule.messageExpression ?? '',
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? '',
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  });
}

function refused(rule: ValidationRule, at: string, detail: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${ruleStruct(rule)}: ${detail}`, field: at };
}

function weigh(run: Run, at: string, name: string, cost: number): void {
  if (cost > RULE_LIMIT) run.causes.push(forbidden(at, exceeded(name, cost, RULE_LIMIT)));
  run.costs.push({ at, cost });
}

function checkOldSelf(run: Run, place: Place, rule: ValidationRule, usesOldSelf: boolean, at: string): void {
  if (usesOldSelf && place.uncorrelatable !== '') {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
    run.causes.push(invalid(child(at, 'rule'), rule.rule, detail));
  }
  if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
    const detail = 'may not be set if oldSelf is not used in rule';
    run.causes.push(invalid(child(at, 'optionalOldSelf'), rule.optionalOldSelf, detail));
  }
}

function compileMessage(
  run: Run,
  compiler: RuleCompiler,
  rule: ValidationRule,
  at: string,
): Expression | undefined {
  const { messageExpression = '' } = rule;
  if (messageExpression === '') return undefined;
  const wrongType = 'messageExpression must evaluate to a string';
  const compiled = compiler.compile(
    messageExpression,
    'string',
    wrongType,
    'messageExpression compilation failed',
  );
  const path = child(at, 'messageExpression');
  if ('error' in compiled) {
    run.causes.push(refused(rule, path, compiled.error));
    return undefined;
  }
  weigh(run, path, 'estimated messageExpression cost', compiled.cost);
  return compiled;
}

function compileRule(
  run: Run,
  place: Place,
  decl: Decl,
  rule: ValidationRule,
  at: string,
): readonly CompiledRule[] {
  const compiler = new RuleCompiler(run.env, decl, rule.optionalOldSelf === true);
  const wrongType = 'cel expression must evaluate to a bool';
  const compiled = compiler.compile(rule.rule, 'bool', wrongType, 'compilation failed');
  if ('error' in compiled) {
    run.causes.push(refused(rule, child(at, 'rule'), compiled.error));
    return [];
  }
  const cost = compiled.cost === 0 ? 0 : compiled.cost * (place.cardinality ?? cardinalityOf(decl));
  weigh(run, child(at, 'rule'), 'estimated rule cost', cost);
  const message = compileMessage(run, compiler, rule, at);
  checkOldSelf(run, place, rule, compiled.usesOldSelf, at);
  const path = rule.fieldPath === undefined ? '' : (fieldAt(place.node, rule.fieldPath) ?? '');
  return [{ rule, path, expression: compiled, ...(message === undefined ? {} : { message }) }];
}

function compileHere(run: Run, place: Place): void {
  const rules = place.node['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return;
  const at = child(place.at, 'x-kubernetes-validations');
  const { decl } = place;
  if (decl === undefined) {
    const why = 'unable to convert structural schema to CEL declarations';
    const detail = `failed to construct type information for x-kubernetes-validations rules: ${why}`;
    run.causes.push({
      ...required(at),
      reason: 'InternalError',
      message: `Internal error: internal error: ${detail}`,
    });
    return;
  }
  const compiled = rules.flatMap((rule, i) => compileRule(run, place, decl, rule, index(at, i)));
  run.plan.set(place.node, { decl, rules: compiled });
}

function bounded(cardinality: number | undefined, max: number | undefined): number | undefined {
  return cardinality === undefined || max === undefined ? undefined : cardinality * Math.max(0, max);
}

function compileAll(run: Run, place: Place): void {
  compileHere(run, place);
  const { node, decl, at, cardinality } = place;
  const { items, additionalProperties, properties = {} } = node;
  const element = decl?.kind === 'list' || decl?.kind === 'map' ? decl.element : undefined;
  for (const [name, inner] of Object.entries(properties)) {
    compileAll(run, {
      ...place,
      node: inner,
      decl: fieldDecl(decl, name),
      at: key(child(at, 'properties'), name),
    });
  }
  if (typeof additionalProperties === 'object') {
    const max = bounded(cardinality, node.maxProperties);
    const path = child(at, 'additionalProperties');
    compileAll(run, { ...place, node: additionalProperties, decl: element, at: path, cardinality: max });
  }
  if (items !== undefined) {
    const correlates = node['x-kubernetes-list-type'] === 'map' || place.uncorrelatable !== '';
    const uncorrelatable = correlates ? place.uncorrelatable : at;
    const max = bounded(cardinality, node.maxItems);
    const path = child(at, 'items');
    compileAll(run, { node: items, decl: element, at: path, cardinality: max, uncorrelatable });
  }
}

function weighAll(run: Run, at: string): void {
  const total = run.costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= TOTAL_LIMIT) return;
  const heavy = run.costs.filter(({ cost }) => cost >= TOTAL_LIMIT / 100).sort((a, b) => b.cost - a.cost);
  const detail = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
  for (const { at: path } of heavy.slice(0, 4)) run.causes.push(forbidden(path, detail));
  const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
  run.causes.push(forbidden(at, exceeded(name, total, TOTAL_LIMIT)));
}

/** Compiles every rule of a structural schema. With causes, the plan is not to be used. */
export function planRules(root: SchemaNode, at: string): { plan: RulePlan; causes: readonly Cause[] } {
  const decl = declare(root, 'selfType', true);
  const plan = new Map<SchemaNode, RuleSet>();
  if (decl === undefined) return { plan, causes: [] };
  const run: Run = { env: createTypedEnvironment(decl), plan, causes: [], costs: [] };
  compileAll(run, { node: root, decl, at, cardinality: 1, uncorrelatable: '' });
  weighAll(run, at);
  return { plan, causes: run.causes };
}
