/** The `fieldPath` of a rule: a JSON path of names (`.a.b`, `['a-b']`) that must exist in the schema. */
import { child, key } from './causes.ts';
import { own } from './json.ts';
import type { SchemaNode } from './node.ts';

const STEP = /^(?:\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\])/;

/** The path as messages write it, or undefined if it leads nowhere. */
export function fieldAt(schema: SchemaNode, jsonPath: string): string | undefined {
  let node: SchemaNode | undefined = schema;
  let path = '';
  let rest = jsonPath;
  while (rest !== '') {
    const step = STEP.exec(rest);
    if (step === null) return undefined;
    const name = step[1] ?? (step[2] ?? '').replace(/\\(.)/g, '$1');
    const named: SchemaNode | undefined = own(node?.properties, name);
    const additional: SchemaNode['additionalProperties'] = node?.additionalProperties;
    if (named === undefined && typeof additional !== 'object') {
      return undefined;
    }
    path = named === undefined ? key(path, name) : child(path, name);
    node = named ?? (typeof additional === 'object' ? additional : undefined);
    rest = rest.slice(step[0].length);
  }
  return path;
}
