/** cel-js errors in cel-go's words: at compile time with the place marked, at run time as one phrase. */
import {
  type ASTNode,
  type TypeError as CheckError,
  EvaluationError,
  type ParseError,
} from '@marcbachmann/cel-js';
import { writtenName } from './cel-syntax.ts';

/** A compile error as cel-go prints it: message, line, and a caret under the place. */
export function locate(source: string, at: number, message: string): string {
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1);
  const text = source.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`;
}

function args(summary: string): string {
  return /\(([^)]*)\)'?$/.exec(summary)?.[1] ?? '';
}

function callText(node: ASTNode, summary: string, known: ReadonlySet<string>): string {
  const [name, receiver] = node.op === 'rcall' ? node.args : node.op === 'call' ? [node.args[0]] : [''];
  if (!known.has(name)) return `undeclared reference to '${writtenName(name)}' (in container '')`;
  const types = args(summary);
  const target = /for '([^(]*)\./.exec(summary)?.[1];
  const applied = receiver === undefined || target === undefined ? `(${types})` : `${target}.(${types})`;
  return `found no matching overload for '${writtenName(name)}' applied to '${applied}'`;
}

function operatorText(summary: string): string {
  const [, left, op, right] = /^no such overload: (.+) (\S+) (.+)$/.exec(summary) ?? [];
  if (op !== undefined) return `found no matching overload for '_${op}_' applied to '(${left}, ${right})'`;
  return `found no matching overload for '${summary.replace(/^no such overload: (.).*/, '$1_')}'`;
}

/** cel-go points at the operator, at the dot, or at the opening bracket of a call. */
function position(node: ASTNode): number {
  switch (node.op) {
    case '.':
    case '.?':
      return node.pos - 1;
    case 'call':
      return node.input.indexOf('(', node.start);
    case 'rcall':
      return node.input.indexOf('(', node.args[1].end);
    case 'value':
    case 'id':
    case 'list':
    case 'map':
    case '!_':
    case '-_':
    case '[]':
    case '[?]':
    case '?:':
      return node.start;
    default:
      return node.input.indexOf(node.op, node.args[0].end);
  }
}

/** The text of a parse or type error of `source`; `known` are the names of all functions. */
export function compileText(
  source: string,
  error: ParseError | CheckError,
  known: ReadonlySet<string>,
): string {
  const { code, summary } = error;
  const node = error.node as ASTNode | undefined;
  if (error.name === 'ParseError' || node?.op === undefined) {
    return locate(source, error.range?.start ?? 0, `Syntax error: ${summary}`);
  }
  const at = position(node);
  switch (code) {
    case 'unknown_variable':
      return locate(
        source,
        at,
        `undeclared reference to '${node.op === 'id' ? node.args : ''}' (in container '')`,
      );
    case 'no_such_key':
      return locate(source, at, `undefined field '${summary.replace('No such key: ', '')}'`);
    case 'no_such_overload':
      return locate(source, at, operatorText(summary));
    case 'no_matching_overload':
      return locate(source, at, callText(node, summary, known));
    default:
      return locate(source, at, summary);
  }
}

const RUNTIME: Readonly<Record<string, (summary: string) => string>> = {
  no_such_key: (summary) => summary.replace('No such key', 'no such key'),
  index_out_of_bounds: (summary) => `index out of bounds: ${/index (-?\d+)/.exec(summary)?.[1] ?? ''}`,
  no_such_overload: () => 'no such overload',
  no_matching_overload: () => 'no such overload',
  modulo_by_zero: () => 'modulus by zero',
  numeric_overflow: () => 'integer overflow',
};

/** The phrase of an error that arose while an expression was evaluated. */
export function runtimeText(error: unknown): string {
  if (!(error instanceof EvaluationError)) return error instanceof Error ? error.message : String(error);
  const text = Object.hasOwn(RUNTIME, error.code) ? RUNTIME[error.code] : undefined;
  return text === undefined ? error.summary : text(error.summary);
}
