/**
 * Expressions of admission policies: CEL over objects without a schema. A variable is evaluated when it is first asked
 * for. Costs are not counted, and fields of `namespaceObject` not checked before they are read.
 */

import { type Environment, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { isRecord, type Json } from '../objects.ts';
import { compileText, runtimeText } from '../schema/cel-errors.ts';
import { createEnvironment } from '../schema/cel-library.ts';
import { redirectCalls } from '../schema/cel-syntax.ts';

/** `object`, `oldObject`, `request`, `namespaceObject` and, where the policy has parameters, `params`. */
export type Context = Readonly<Record<string, unknown>>;

export type Expression = Readonly<{ source: string; type: string; run(context: Context): unknown }>;

export type Variable = Readonly<{ name: string; expression: Expression }>;

export type Compilation = Readonly<{ ok: Expression }> | Readonly<{ error: string }>;

const BASICS = ['object', 'oldObject', 'namespaceObject'];

class Request extends Map<string, unknown> {}

const REQUEST = {
  ...{ operation: 'string', name: 'string', namespace: 'string', subResource: 'string', dryRun: 'bool' },
  ...{ kind: 'map<string, string>', resource: 'map<string, string>' },
};

export function environmentOf(hasParams: boolean): Environment {
  const env = createEnvironment();
  env.registerType('kubernetes.AdmissionRequest', { ctor: Request, fields: REQUEST });
  env.registerVariable('request', 'kubernetes.AdmissionRequest');
  for (const name of hasParams ? [...BASICS, 'params'] : BASICS) env.registerVariable(name, 'dyn');
  return env;
}

export function requestOf(fields: Json): unknown {
  return new Request(dynamic(fields) as Map<string, unknown>);
}

/** The environment with the variables that come before an expression. */
export function withVariables(basis: Environment, variables: readonly Variable[]): Environment {
  const fields = Object.fromEntries(variables.map(({ name, expression }) => [name, expression.type]));
  return basis
    .clone()
    .registerType('variables.Of', { ctor: Variables, fields })
    .registerVariable('variables', 'variables.Of');
}

export function compile(env: Environment, source: string): Compilation {
  const known = new Set(env.getDefinitions().functions.map(({ name }) => name));
  try {
    const parsed = env.parse(source);
    redirectCalls(parsed.ast);
    const { valid, type = 'dyn', error } = parsed.check();
    if (valid) return { ok: { source, type, run: (context) => parsed({ ...context }) } };
    return { error: error === undefined ? '' : compileText(source, error, known) };
  } catch (error) {
    if (error instanceof ParseError) return { error: compileText(source, error, known) };
    throw error;
  }
}

export type Evaluation = Readonly<{ value: unknown }> | Readonly<{ error: string }>;

export function evaluate({ run }: Expression, context: Context): Evaluation {
  try {
    return { value: run(context) };
  } catch (error) {
    return { error: runtimeText(error) };
  }
}

/** The context with variables, each of which sees those before it; an error in one is told to whoever asks for it. */
export function contextWith(variables: readonly Variable[], context: Context): Context {
  if (variables.length === 0) return context;
  return { ...context, variables: new Variables(variables, context) };
}

class Variables extends Map<string, unknown> {
  readonly #context: Context;
  readonly #expressions: ReadonlyMap<string, Expression>;

  constructor(variables: readonly Variable[], context: Context) {
    super();
    this.#context = { ...context, variables: this };
    this.#expressions = new Map(variables.map(({ name, expression }) => [name, expression]));
  }

  override get(name: string): unknown {
    const expression = this.#expressions.get(name);
    if (expression !== undefined && !super.has(name)) {
      const found = evaluate(expression, this.#context);
      if ('error' in found) {
        throw new EvaluationError(`composited variable "${name}" fails to evaluate: ${found.error}`);
      }
      super.set(name, found.value);
    }
    return super.get(name);
  }
}

/** JSON as CEL sees it where nothing says of what type it is. */
export function dynamic(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(dynamic);
  if (!isRecord(value)) return value ?? null;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return new Map(entries.map(([key, inner]) => [key, dynamic(inner)]));
}
