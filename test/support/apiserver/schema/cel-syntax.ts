/** The syntax tree of an expression: its operands, its variables, and the functions that are replaced by the server's. */
import type { ASTNode } from '@marcbachmann/cel-js';

/** Functions whose own cel-js version differs from cel-go's, and the names under which the library has them right. */
const REPLACED: Readonly<Record<string, string>> = {
  matches: 're2Matches',
  duration: 'goDuration',
  substring: 'runeSubstring',
};

export function operands(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

export function nodesOf(node: ASTNode): readonly ASTNode[] {
  return [node, ...operands(node).flatMap(nodesOf)];
}

export function mentions(node: ASTNode, variable: string): boolean {
  return nodesOf(node).some((inner) => inner.op === 'id' && inner.args === variable);
}

/** Redirects calls, in place and before the tree is checked for the first time. */
export function redirectCalls(root: ASTNode): void {
  for (const node of nodesOf(root)) {
    if (node.op !== 'call' && node.op !== 'rcall') continue;
    const name = node.args[0];
    if (Object.hasOwn(REPLACED, name)) node.args[0] = REPLACED[name] ?? name;
  }
}

/** The name that the author wrote. */
export function writtenName(name: string): string {
  return Object.keys(REPLACED).find((original) => REPLACED[original] === name) ?? name;
}
