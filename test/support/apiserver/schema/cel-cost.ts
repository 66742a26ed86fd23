/**
 * What a rule may cost at most, by the largest values that the schema admits: cel-go's estimate (checker/cost.go) with
 * the sizes and functions of Kubernetes. On the way it finds fields that `has()` names and the schema lacks.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { call, type Estimate, factor, fixed, of, TRAVERSAL, times } from './cel-call-cost.ts';
import type { Decl } from './cel-decl.ts';
import { writtenName } from './cel-syntax.ts';

type Scope = ReadonlyMap<string, Estimate>;

export type MissingField = Readonly<{ name: string; at: number }>;

type Run = Readonly<{ self: Decl; missing: MissingField[] }>;

/** cel-go takes an identifier that leads to no field for the root itself, so it has the size of the root. */
const pathless = (run: Run): Estimate => of(undefined, 0, run.self.max);

function elementOf(run: Run, range: Estimate): Estimate {
  if (range.decl?.kind === 'list') return of(range.decl.element, 0);
  return range.decl?.kind === 'map' ? { cost: 0, size: 0 } : pathless(run);
}

function select(run: Run, operand: Estimate, name: string, at: number, cost: number): Estimate {
  const { decl } = operand;
  if (decl?.kind === 'map') return of(decl.element, cost);
  if (decl?.kind !== 'object') return of(undefined, cost);
  const field = decl.fields.get(name);
  if (field === undefined) run.missing.push({ name, at });
  return of(field?.decl, cost);
}

/** How cel-go expands a macro: cost of its start, of each loop condition, of the step around the body, of its result. */
const MACROS: Readonly<
  Record<string, readonly [start: number, condition: number, step: number, result: number]>
> = {
  all: [0, 2, 1, 1],
  exists: [0, 3, 1, 1],
  exists_one: [0, 0, 2, 2],
  filter: [10, 0, 13, 1],
  map: [10, 0, 12, 1],
};

function comprehension(run: Run, node: ASTNode & { op: 'rcall' }, scope: Scope): Estimate | undefined {
  const [name, receiver, args] = node.args;
  const macro = Object.hasOwn(MACROS, name) ? MACROS[name] : undefined;
  const [variable, ...bodies] = args;
  if (macro === undefined || variable?.op !== 'id' || bodies.length === 0) return undefined;
  const range = estimateNode(run, receiver, scope);
  const inner = new Map(scope).set(variable.args, elementOf(run, range));
  const estimates = bodies.map((body) => estimateNode(run, body, inner));
  const [start, condition, step, result] = macro;
  const body = estimates.reduce((sum, estimate) => sum + estimate.cost, 0);
  const cost = range.cost + start + result + times(range.size, body + condition + step);
  if (name === 'filter')
    return { cost, size: range.size, decl: range.decl?.kind === 'list' ? range.decl : undefined };
  return name === 'map' ? of(undefined, cost, range.size) : fixed(cost);
}

function presence(run: Run, tested: ASTNode | undefined, scope: Scope): Estimate {
  if (tested?.op !== '.') return fixed(0);
  const operand = estimateNode(run, tested.args[0], scope);
  select(run, operand, tested.args[1], tested.pos - 1, 0);
  return fixed(operand.cost);
}

function literal(node: ASTNode & { op: 'value' }): Estimate {
  const { args } = node;
  if (typeof args === 'string') return { cost: 0, size: [...args].length };
  return { cost: 0, size: args instanceof Uint8Array ? args.length : 1 };
}

function binary(op: string, left: Estimate, right: Estimate): Estimate {
  const spent = left.cost + right.cost;
  switch (op) {
    case '&&':
    case '||':
      return fixed(spent);
    case 'in':
      return fixed(spent + (right.decl?.kind === 'map' ? 1 : right.size));
    case '+': {
      const size = left.size + right.size;
      const isText = left.decl?.kind !== 'list' && size > 2;
      return of(left.decl, spent + (isText ? factor(size, TRAVERSAL) : 1), size);
    }
    case '-':
    case '*':
    case '/':
    case '%':
      return fixed(spent + 1);
    default:
      return fixed(spent + factor(Math.min(left.size, right.size), TRAVERSAL));
  }
}

function access(run: Run, node: ASTNode & { op: '.' | '.?' | '[]' | '[?]' }, scope: Scope): Estimate {
  const operand = estimateNode(run, node.args[0], scope);
  if (node.op === '.' || node.op === '.?') {
    const counts = node.op === '.?' || operand.decl?.kind === 'map' || operand.decl?.kind === 'object';
    return select(run, operand, node.args[1], node.pos - 1, operand.cost + (counts ? 1 : 0));
  }
  const cost = operand.cost + estimateNode(run, node.args[1], scope).cost + 1;
  const { decl } = operand;
  return of(decl?.kind === 'list' || decl?.kind === 'map' ? decl.element : undefined, cost);
}

function choice(run: Run, branches: readonly ASTNode[], scope: Scope): Estimate {
  const [condition, yes, no] = branches.map((branch) => estimateNode(run, branch, scope));
  const cost = (condition?.cost ?? 0) + Math.max(yes?.cost ?? 0, no?.cost ?? 0);
  return of(undefined, cost, Math.max(yes?.size ?? 0, no?.size ?? 0));
}

function collection(
  run: Run,
  items: readonly ASTNode[],
  count: number,
  base: number,
  scope: Scope,
): Estimate {
  const cost = items.reduce((sum, item) => sum + estimateNode(run, item, scope).cost, base);
  return of(undefined, cost, count);
}

function estimateNode(run: Run, node: ASTNode, scope: Scope): Estimate {
  switch (node.op) {
    case 'value':
      return literal(node);
    case 'id':
      return { ...(scope.get(node.args) ?? pathless(run)), cost: 1 };
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return access(run, node, scope);
    case 'call': {
      const [name, args] = node.args;
      if (name === 'has') return presence(run, args[0], scope);
      return call(
        writtenName(name),
        args.map((arg) => estimateNode(run, arg, scope)),
      );
    }
    case 'rcall': {
      const [name, receiver, args] = node.args;
      const given = () => [receiver, ...args].map((arg) => estimateNode(run, arg, scope));
      return comprehension(run, node, scope) ?? call(writtenName(name), given());
    }
    case 'list':
      return collection(run, node.args, node.args.length, 10, scope);
    case 'map':
      return collection(run, node.args.flat(), node.args.length, 30, scope);
    case '?:':
      return choice(run, node.args, scope);
    case '!_':
    case '-_':
      return fixed(estimateNode(run, node.args, scope).cost + 1);
    default:
      return binary(node.op, estimateNode(run, node.args[0], scope), estimateNode(run, node.args[1], scope));
  }
}

/** The cost of one evaluation on the largest possible value, and the fields that do not exist. */
export function estimate(node: ASTNode, self: Decl): { cost: number; missing: readonly MissingField[] } {
  const run: Run = { self, missing: [] };
  const value = of(self, 0);
  const { cost } = estimateNode(
    run,
    node,
    new Map([
      ['self', value],
      ['oldSelf', value],
    ]),
  );
  return { cost, missing: run.missing };
}
