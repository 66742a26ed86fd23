/** Rules made ready to run: parsed, checked against the declared types, and weighed against the cost budget. */
import {
  type ASTNode,
  type TypeError as CheckError,
  type Environment,
  Optional,
  ParseError,
} from '@marcbachmann/cel-js';
import { estimate } from './cel-cost.ts';
import type { Decl } from './cel-decl.ts';
import { compileText, locate } from './cel-errors.ts';
import { createEnvironment } from './cel-library.ts';
import { mentions, redirectCalls } from './cel-syntax.ts';

export type Expression = Readonly<{
  cost: number;
  usesOldSelf: boolean;
  /** Throws what CEL calls an error. `old` is undefined where there is no value to compare with. */
  run(self: unknown, old: unknown): unknown;
}>;

export type Compilation = Expression | Readonly<{ error: string }>;

/** Equality of declared objects, of everything that can be inside one. */
function equal(a: unknown, b: unknown): boolean {
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([name, value]) => b.has(name) && equal(value, b.get(name)));
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => equal(v, b[i]));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.from(a).equals(b);
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    return a.valueOf() === b.valueOf();
  }
  return a === b;
}

function declareTypes(env: Environment, decl: Decl): void {
  if (decl.kind === 'list' || decl.kind === 'map') declareTypes(env, decl.element);
  if (decl.kind !== 'object') return;
  for (const field of decl.fields.values()) declareTypes(env, field.decl);
  const fields = Object.fromEntries([...decl.fields].map(([name, field]) => [name, field.decl.cel]));
  env.registerType(decl.name, { ctor: decl.Value, fields });
  env.registerOperator(`${decl.name} == ${decl.name}`, equal);
}

/** An environment that knows every object type of a schema. Environments for single rules are made from it. */
export function createTypedEnvironment(root: Decl): Environment {
  const env = createEnvironment();
  declareTypes(env, root);
  return env;
}

function isA(type: string | undefined, wanted: string): boolean {
  return type === wanted || type === 'dyn' || type === `dyn<${wanted}>`;
}

export class RuleCompiler {
  readonly #env: Environment;
  readonly #self: Decl;
  readonly #optionalOld: boolean;
  readonly #known: ReadonlySet<string>;

  constructor(typed: Environment, self: Decl, optionalOld: boolean) {
    const old = optionalOld ? `optional<${self.cel}>` : self.cel;
    this.#env = typed.clone().registerVariable('self', self.cel).registerVariable('oldSelf', old);
    this.#self = self;
    this.#optionalOld = optionalOld;
    this.#known = new Set(this.#env.getDefinitions().functions.map((f) => f.name));
  }

  /** `wrongType` is the whole error for an expression of another type than `type`. */
  compile(source: string, type: 'bool' | 'string', wrongType: string, failed: string): Compilation {
    try {
      const parsed = this.#env.parse(source);
      redirectCalls(parsed.ast);
      const checked = parsed.check();
      if (!checked.valid) return { error: `${failed}: ${this.#text(source, checked.error)}` };
      const { cost, missing } = estimate(parsed.ast, this.#self);
      const [absent] = missing;
      if (absent !== undefined) {
        return { error: `${failed}: ${locate(source, absent.at, `undefined field '${absent.name}'`)}` };
      }
      return isA(checked.type, type) ? this.#expression(parsed.ast, parsed, cost) : { error: wrongType };
    } catch (error) {
      if (error instanceof ParseError) return { error: `${failed}: ${this.#text(source, error)}` };
      throw error;
    }
  }

  #text(source: string, error: ParseError | CheckError | undefined): string {
    return error === undefined ? '' : compileText(source, error, this.#known);
  }

  #expression(ast: ASTNode, run: (context: Record<string, unknown>) => unknown, cost: number): Expression {
    const optional = this.#optionalOld;
    return {
      cost,
      usesOldSelf: mentions(ast, 'oldSelf'),
      run: (self, old) => {
        const oldSelf = optional ? (old === undefined ? Optional.none() : Optional.of(old)) : old;
        return run(oldSelf === undefined ? { self } : { self, oldSelf });
      },
    };
  }
}
