/**
 * Label selectors: the grammar and the complaints of the server (apimachinery, labels/selector.go).
 *
 *   selector    = requirement {"," requirement}
 *   requirement = ["!"] key | key ("=" | "==" | "!=" | ">" | "<") [value] | key ("in" | "notin") "(" [value {"," value}] ")"
 */

import { labelValueErrors, qualifiedNameErrors } from '../schema/names.ts';
import { badRequest } from '../status.ts';

export type Labels = Readonly<Record<string, string>>;
export type Holds = (labels: Labels) => boolean;

const END = '';
const MARKS = ['==', '!=', '=', '!', '<', '>', '(', ')', ','];
const OPERATORS = ['in', 'notin', '=', '==', '!=', '>', '<'];
const TOLD_OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/** Throws 400 for a text that does not parse. */
export function parseLabelSelector(text: string): Holds {
  const tokens = new Tokens(text);
  const all: Holds[] = [];
  while (tokens.next !== END) {
    if (tokens.isMark() && tokens.next !== '!') {
      throw badRequest(`found '${tokens.next}', expected: !, identifier, or 'end of string'`);
    }
    all.push(requirement(tokens));
    const after = tokens.take();
    if (after === END) break;
    if (after !== ',') throw badRequest(`found '${after}', expected: ',' or 'end of string'`);
    if (tokens.next === END || (tokens.isMark() && tokens.next !== '!')) {
      throw badRequest(`found '${tokens.next}', expected: identifier after ','`);
    }
  }
  return (labels) => all.every((holds) => holds(labels));
}

class Tokens {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
  }

  get next(): string {
    return this.#tokens[this.#at] ?? END;
  }

  isMark(): boolean {
    return MARKS.includes(this.next);
  }

  take(): string {
    const token = this.next;
    this.#at += 1;
    return token;
  }
}

function requirement(tokens: Tokens): Holds {
  const isAbsence = tokens.next === '!';
  if (isAbsence) tokens.take();
  const key = identifier(tokens);
  const [wrong] = qualifiedNameErrors(key);
  if (wrong !== undefined) throw unparsable(`<nil>: Invalid value: "${key}": ${wrong}`);
  if (isAbsence) return (labels) => labels[key] === undefined;
  if (tokens.next === END || tokens.next === ',') return (labels) => labels[key] !== undefined;
  const operator = tokens.take();
  if (!OPERATORS.includes(operator)) throw unparsable(`found '${operator}', expected: ${TOLD_OPERATORS}`);
  return operator === '>' || operator === '<'
    ? comparison(key, operator, value(tokens))
    : membership(key, operator, ['in', 'notin'].includes(operator) ? values(tokens) : [value(tokens)]);
}

function membership(key: string, operator: string, values: readonly string[]): Holds {
  values.forEach((one, i) => {
    const [wrong] = labelValueErrors(one);
    if (wrong !== undefined) throw unparsable(`values[${i}][${key}]: Invalid value: "${one}": ${wrong}`);
  });
  const isIn: Holds = (labels) => labels[key] !== undefined && values.includes(labels[key]);
  return operator === '!=' || operator === 'notin' ? (labels) => !isIn(labels) : isIn;
}

function comparison(key: string, operator: '>' | '<', bound: string): Holds {
  if (!/^-?\d+$/.test(bound)) {
    const why = "for 'Gt', 'Lt' operators, the value must be an integer";
    throw unparsable(`values[0]: Invalid value: "${bound}": ${why}`);
  }
  const sign = operator === '>' ? 1 : -1;
  return (labels) => {
    const given = labels[key];
    return given !== undefined && /^-?\d+$/.test(given) && sign * (Number(given) - Number(bound)) > 0;
  };
}

function value(tokens: Tokens): string {
  return tokens.next === END || tokens.next === ',' ? '' : identifier(tokens);
}

/** Sorted, as the server keeps them in a set. */
function values(tokens: Tokens): readonly string[] {
  const open = tokens.take();
  if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
  const found: string[] = [];
  for (let mark = open; mark !== ')'; mark = tokens.take()) {
    if (mark !== ',' && mark !== '(') throw unparsable(`found '${mark}', expected: ',' or ')'`);
    if (mark === '(' && tokens.next === ')') continue;
    found.push(tokens.isMark() || tokens.next === END ? '' : tokens.take());
  }
  return [...new Set(found)].sort();
}

function identifier(tokens: Tokens): string {
  if (tokens.isMark() || tokens.next === END) {
    throw unparsable(`found '${tokens.next}', expected: identifier`);
  }
  return tokens.take();
}

function unparsable(why: string) {
  return badRequest(`unable to parse requirement: ${why}`);
}
