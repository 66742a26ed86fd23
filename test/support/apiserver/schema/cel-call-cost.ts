/** What a call of a function may cost, and how large its result can be (cel-go and apiserver, cel/library/cost.go). */
import type { Decl } from './cel-decl.ts';

export const TRAVERSAL = 0.1;
const REGEX = 0.25;

/** `size` counts characters, items or entries; 1 for what has no size; Infinity for what nobody bounds. */
export type Estimate = Readonly<{ cost: number; size: number; decl?: Decl | undefined }>;

export const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);
export const factor = (size: number, by: number): number => Math.ceil(times(size, by));

export const fixed = (cost: number): Estimate => ({ cost, size: 1 });

export function of(
  decl: Decl | undefined,
  cost: number,
  size = decl?.max ?? Number.POSITIVE_INFINITY,
): Estimate {
  return { cost, size, decl };
}

/** Functions by name: what the call itself costs, and the size of what it returns. The target is the first operand. */
const FUNCTIONS: Readonly<
  Record<string, (sizes: readonly number[]) => readonly [cost: number, size: number]>
> = {
  matches: ([text = 0, re = 0]) => [times(factor(text + 1, TRAVERSAL), factor(re, REGEX)), 1],
  find: ([text = 0, re = 0]) => [times(factor(text + 1, TRAVERSAL), factor(re, REGEX)), text],
  findAll: ([text = 0, re = 0]) => [times(factor(text + 1, TRAVERSAL), factor(re, REGEX)), text],
  contains: ([text = 0, part = 0]) => [times(factor(text, TRAVERSAL), factor(part, TRAVERSAL)), 1],
  startsWith: ([, prefix = 0]) => [factor(prefix, TRAVERSAL), 1],
  endsWith: ([, suffix = 0]) => [factor(suffix, TRAVERSAL), 1],
  url: ([text = 0]) => [factor(text, TRAVERSAL), text],
  lowerAscii: ([text = 0]) => [factor(text, TRAVERSAL), text],
  upperAscii: ([text = 0]) => [factor(text, TRAVERSAL), text],
  substring: ([text = 0]) => [factor(text, TRAVERSAL), text],
  trim: ([text = 0]) => [factor(text, TRAVERSAL), text],
  split: ([text = 0]) => [factor(text, 2 * TRAVERSAL), text],
  replace: ([text = 0, from = 0, to = 0]) => {
    const longer =
      from === 0 ? times(text + 1, to) + text : Math.max(text, times(Math.ceil(text / from), to));
    return [factor(text, 2 * TRAVERSAL), longer];
  },
};

const SCALAR_RESULTS = new Set([
  ...['size', 'duration', 'timestamp', 'int', 'uint', 'double', 'bool', 'isURL', 'hasValue', 'isSorted'],
  ...['sum', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds', 'indexOf', 'lastIndexOf'],
]);
const TRAVERSING = new Set(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf', 'includes']);

function traversal(target: Estimate | undefined): number {
  const { decl, size = Number.POSITIVE_INFINITY } = target ?? {};
  if (decl?.kind !== 'list') return factor(size, TRAVERSAL);
  const item = decl.element.cel === 'string' ? factor(decl.element.max, TRAVERSAL) : 0;
  return times(size, 1 + item);
}

function joined(target: Estimate | undefined, separator: number): readonly [number, number] {
  const { decl } = target ?? {};
  const item = decl?.kind === 'list' ? decl.element.max : Number.POSITIVE_INFINITY;
  const count = target?.size ?? Number.POSITIVE_INFINITY;
  const size = times(count, item) + times(Math.max(0, count - 1), separator);
  return [factor(size, TRAVERSAL), size];
}

/** A call, given what its operands cost. */
export function call(name: string, given: readonly Estimate[]): Estimate {
  const spent = given.reduce((sum, estimate) => sum + estimate.cost, 0);
  const sizes = given.map((estimate) => estimate.size);
  const [target] = given;
  if (name === 'dyn') return { ...(target ?? fixed(0)), cost: spent + 1 };
  if (name === 'value') return of(target?.decl, spent + 1);
  if (TRAVERSING.has(name)) {
    return of(undefined, spent + traversal(target), SCALAR_RESULTS.has(name) ? 1 : undefined);
  }
  if (name === 'join') {
    const [cost, size] = joined(target, sizes[1] ?? 0);
    return of(undefined, spent + cost, size);
  }
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) return of(undefined, spent + 1, SCALAR_RESULTS.has(name) ? 1 : undefined);
  const [cost, size] = known(sizes);
  return of(undefined, spent + cost, size);
}
