/**
 * The JSONPath of printer columns (client-go, util/jsonpath), as far as definitions use it: fields, quoted fields,
 * indexes from either end, wildcards, filters and descent. A filter compares one path with one literal, or asks whether
 * the path leads anywhere.
 */

import { isRecord } from '../objects.ts';

type Step = (values: readonly unknown[]) => readonly unknown[];
export type Path = (value: unknown) => readonly unknown[];

const STEP =
  /(?<descent>\.\.)(?<deep>(?:\\.|[^.[\\])+)|\.?\[\?\((?<filter>(?:"[^"]*"|'[^']*'|[^)"'])*)\)\]|\.?\[(?<quoted>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\]|\.?\[(?<index>-?\d+|\*)\]|\.(?<field>(?:\\.|[^.[\\])+)/y;
const FILTER =
  /^\s*@(?<path>.*?)\s*(?:(?<operator>==|!=|<=|>=|<|>)\s*(?<literal>"[^"]*"|'[^']*'|[^\s"']+))?\s*$/;

/** Every value that a path leads to; none where it leads nowhere. A path that cannot be read leads nowhere. */
export function jsonPath(text: string): Path {
  const steps = stepsOf(text);
  if (steps === undefined) return () => [];
  return (value) => steps.reduce<readonly unknown[]>((values, step) => step(values), [value]);
}

function stepsOf(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  const scan = new RegExp(STEP);
  const whole = text.startsWith('.') || text.startsWith('[') ? text : `.${text}`;
  while (scan.lastIndex < whole.length) {
    const found = scan.exec(whole)?.groups;
    if (found === undefined) return undefined;
    steps.push(stepOf(found));
  }
  return steps;
}

function stepOf(found: Readonly<Record<string, string | undefined>>): Step {
  const { deep, filter, quoted, index, field } = found;
  if (filter !== undefined) return filterStep(filter);
  if (index !== undefined && index !== '*') return each((value) => elementAt(value, Number(index)));
  if (index === '*' || field === '*') return each(childrenOf);
  const name = (quoted?.slice(1, -1) ?? field ?? deep ?? '').replace(/\\(.)/g, '$1');
  const step = each((value) => fieldOf(value, name));
  return deep === undefined ? step : (values) => step(values.flatMap(withDescendants));
}

function each(step: (value: unknown) => readonly unknown[]): Step {
  return (values) => values.flatMap(step);
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
  return isRecord(value) && Object.hasOwn(value, name) ? [value[name]] : [];
}

function elementAt(value: unknown, index: number): readonly unknown[] {
  const found = Array.isArray(value) ? (value as readonly unknown[]).at(index) : undefined;
  return found === undefined ? [] : [found];
}

function childrenOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function withDescendants(value: unknown): readonly unknown[] {
  return [value, ...childrenOf(value).flatMap(withDescendants)];
}

function filterStep(text: string): Step {
  const { path = '', operator, literal = '' } = FILTER.exec(text)?.groups ?? {};
  const inner = jsonPath(path);
  const wanted = literalOf(literal);
  const holds = (value: unknown) => {
    const [left] = inner(value);
    return left !== undefined && (operator === undefined || compared(left, operator, wanted));
  };
  return each((value) => childrenOf(value).filter(holds));
}

function literalOf(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return Number(text);
}

/** Values of different types are never equal, and neither is the smaller. */
function compared(left: unknown, operator: string, right: unknown): boolean {
  if (typeof left !== typeof right) return operator === '!=';
  const [a, b] = [left, right] as [number, number];
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}
