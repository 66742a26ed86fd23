/** The second half of being structural: validations of the root speak of nothing that the schema does not have. */
import { type Cause, child, index, key, required } from './causes.ts';
import { own } from './json.ts';
import type { SchemaNode } from './node.ts';

const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const;

/** Each property and item list that a value validation speaks of must also be specified outside of it. */
function completeness(v: SchemaNode, s: SchemaNode | undefined, sAt: string, vAt: string): readonly Cause[] {
  if (s === undefined) return [required(sAt, `because it is defined in ${vAt}`)];
  const causes: Cause[] = [];
  for (const name of JUNCTORS) {
    (v[name] ?? []).forEach((inner, i) => {
      causes.push(...nestedCompleteness(inner, s, sAt, index(child(vAt, name), i)));
    });
  }
  if (v.not !== undefined) causes.push(...nestedCompleteness(v.not, s, sAt, child(vAt, 'not')));
  return causes;
}

function nestedCompleteness(
  v: SchemaNode,
  s: SchemaNode | undefined,
  sAt: string,
  vAt: string,
): readonly Cause[] {
  const causes = [...completeness(v, s, sAt, vAt)];
  if (s === undefined) return causes;
  if (v.items !== undefined) {
    causes.push(...nestedCompleteness(v.items, s.items, child(sAt, 'items'), child(vAt, 'items')));
  }
  for (const [name, inner] of Object.entries(v.properties ?? {})) {
    const [sPath, vPath] = [sAt, vAt].map((at) => key(child(at, 'properties'), name));
    causes.push(...nestedCompleteness(inner, own(s.properties, name), sPath ?? '', vPath ?? ''));
  }
  return causes;
}

export const checkCompleteness = (root: SchemaNode, at: string): readonly Cause[] =>
  completeness(root, root, at, at);
