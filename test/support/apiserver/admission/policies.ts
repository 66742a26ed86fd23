/** Policies and bindings, read from the objects that are stored, and compiled once for each. */

import type { Environment } from '@marcbachmann/cel-js';
import { type ApiObject, at, type Draft, isRecord, type Json } from '../objects.ts';
import { compile, type Expression, environmentOf, type Variable, withVariables } from './expressions.ts';

export type Validation = Readonly<{
  expression: Expression;
  message: string;
  messageExpression?: Expression;
  reason: string;
}>;

export type Policy = Readonly<{
  name: string;
  ignoresFailures: boolean;
  /** Absent: it has no parameters. */
  paramKind?: Readonly<{ apiVersion: string; kind: string }>;
  constraints: Json;
  conditions: readonly Expression[];
  variables: readonly Variable[];
  validations: readonly Validation[];
}>;

export type ParamRef = Readonly<{
  name?: string;
  namespace?: string;
  selector?: Json;
  parameterNotFoundAction: string;
}>;

export type Binding = Readonly<{
  name: string;
  policyName: string;
  paramRef?: ParamRef;
  matchResources?: Json;
  actions: readonly string[];
}>;

/** What is wrong with one expression, and where in the policy it stands. */
export type Complaint = Readonly<{ path: string; source: string; why: string }>;

const compiled = new WeakMap<ApiObject, Policy>();

export function policyOf(object: ApiObject): Policy {
  const known = compiled.get(object);
  if (known !== undefined) return known;
  const { policy } = readPolicy(object);
  compiled.set(object, policy);
  return policy;
}

export function bindingOf({ metadata, spec }: ApiObject): Binding {
  const { policyName, paramRef, matchResources, validationActions } = spec as Json;
  return {
    name: metadata.name,
    policyName: String(policyName),
    actions: (validationActions ?? []) as readonly string[],
    ...(isRecord(paramRef) ? { paramRef: paramRef as ParamRef } : {}),
    ...(isRecord(matchResources) ? { matchResources } : {}),
  };
}

/** The policy as far as it compiles, and what does not. */
export function readPolicy(object: Draft): Readonly<{ policy: Policy; complaints: readonly Complaint[] }> {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const { paramKind } = spec;
  const compiler = new Compiler(environmentOf(isRecord(paramKind)));
  const conditions = listOf(spec['matchConditions']).map(({ expression }, i) =>
    compiler.compile(`spec.matchConditions[${i}].expression`, textOf(expression), 'bool'),
  );
  const variables = compiler.variables(listOf(spec['variables']));
  const validations = listOf(spec['validations']).map((one, i) => compiler.validation(one, i));
  const policy: Policy = {
    name: object.metadata.name ?? '',
    ignoresFailures: spec['failurePolicy'] === 'Ignore',
    constraints: isRecord(spec['matchConstraints']) ? spec['matchConstraints'] : {},
    conditions: conditions.filter((one) => one !== undefined),
    variables,
    validations: validations.filter((one) => one !== undefined),
    ...(isRecord(paramKind)
      ? { paramKind: { apiVersion: textOf(paramKind['apiVersion']), kind: textOf(paramKind['kind']) } }
      : {}),
  };
  return { policy, complaints: compiler.complaints };
}

class Compiler {
  readonly complaints: Complaint[] = [];
  readonly #basis: Environment;
  #env: Environment;

  constructor(basis: Environment) {
    this.#basis = basis;
    this.#env = basis;
  }

  /** Undefined where it does not compile, or is no expression at all: others complain of that. */
  compile(path: string, source: string, type?: 'bool' | 'string'): Expression | undefined {
    if (source === '') return undefined;
    const result = compile(this.#env, source);
    if ('error' in result) {
      this.complaints.push({ path, source, why: `compilation failed: ${result.error}` });
      return undefined;
    }
    if (type !== undefined && result.ok.type !== type) {
      this.complaints.push({ path, source, why: `must evaluate to ${type} but got ${result.ok.type}` });
      return undefined;
    }
    return result.ok;
  }

  /** Each sees those before it, and all expressions after see them all. */
  variables(given: readonly Json[]): readonly Variable[] {
    const known: Variable[] = [];
    if (given.length > 0) this.#env = withVariables(this.#basis, known);
    for (const [i, { name, expression: source }] of given.entries()) {
      const expression = this.compile(`spec.variables[${i}].expression`, textOf(source));
      if (expression === undefined) continue;
      known.push({ name: textOf(name), expression });
      this.#env = withVariables(this.#basis, known);
    }
    return known;
  }

  validation(given: Json, i: number): Validation | undefined {
    const at = `spec.validations[${i}]`;
    const expression = this.compile(`${at}.expression`, textOf(given['expression']), 'bool');
    const messageSource = textOf(given['messageExpression']);
    const messageExpression = this.compile(`${at}.messageExpression`, messageSource, 'string');
    if (expression === undefined) return undefined;
    return {
      expression,
      message: textOf(given['message']),
      reason: textOf(given['reason']) || 'Invalid',
      ...(messageExpression === undefined ? {} : { messageExpression }),
    };
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

export function listOf(value: unknown, ...path: readonly string[]): readonly Json[] {
  const list = path.length === 0 ? value : at(value, ...path);
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
