/**
 * The CEL type of each value, as far as rules may see it, with the size that it can reach at most: the measure of what a
 * rule may cost (apiserver, cel/common). Strings count four bytes a character.
 */
import type { SchemaNode } from './node.ts';

const REQUEST = 3 * 1024 * 1024;

/** The class of an object type's values; cel-js finds the type by the class. */
export type ObjectClass = new () => Map<string, unknown>;

type Size = Readonly<{ cel: string; max: number; minBytes: number }>;

export type Decl =
  | (Size & Readonly<{ kind: 'scalar' }>)
  | (Size & Readonly<{ kind: 'list' | 'map'; element: Decl }>)
  | (Size &
      Readonly<{ kind: 'object'; name: string; Value: ObjectClass; fields: ReadonlyMap<string, Field> }>);

export type Field = Readonly<{ property: string; decl: Decl }>;

const RESERVED = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if'],
  ...['import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
]);

const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '-': '__dash__',
  '.': '__dot__',
  '/': '__slash__',
};

/** The name of a property in CEL, or undefined if CEL cannot name it. */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_][\w./-]*$/.test(name)) return undefined;
  return name.replace(/__|[-./]/g, (part) => ESCAPES[part] ?? part);
}

function scalar(cel: string, max: number, minBytes: number): Decl {
  return { kind: 'scalar', cel, max, minBytes };
}

const longestEnum = (node: SchemaNode): number =>
  Math.max(0, ...(node.enum ?? []).map((v) => (typeof v === 'string' ? Buffer.byteLength(v) : 0)));

function text(node: SchemaNode): Decl {
  const bounded = node.maxLength === undefined ? undefined : Math.max(0, node.maxLength);
  switch (node.format) {
    case 'byte':
      return scalar('bytes', bounded ?? REQUEST - 2, 2);
    case 'duration':
      return scalar('google.protobuf.Duration', 32, 3);
    case 'date':
      return scalar('google.protobuf.Timestamp', 12, 12);
    case 'date-time':
      return scalar('google.protobuf.Timestamp', 32, 21);
    default:
      if (bounded !== undefined) return scalar('string', bounded * 4, 2);
      return scalar('string', (node.enum ?? []).length > 0 ? longestEnum(node) : REQUEST - 2, 2);
  }
}

function list(node: SchemaNode, name: string): Decl | undefined {
  const { items } = node;
  const element = items === undefined ? undefined : declare(items, `${name}.items`, isResource(items));
  if (element === undefined) return undefined;
  const max = node.maxItems ?? Math.floor((REQUEST - 2) / (element.minBytes + 1));
  return { kind: 'list', cel: `list<${element.cel}>`, max, minBytes: 2, element };
}

function map(node: SchemaNode, values: SchemaNode, name: string): Decl | undefined {
  const element = declare(values, `${name}.values`, isResource(values));
  if (element === undefined) return undefined;
  const max = node.maxProperties ?? Math.floor((REQUEST - 2) / (element.minBytes + 6));
  return { kind: 'map', cel: `map<string, ${element.cel}>`, max, minBytes: 2, element };
}

function object(node: SchemaNode, name: string): Decl {
  const fields = new Map<string, Field>();
  let minBytes = 2;
  for (const [i, [property, inner]] of Object.entries(node.properties ?? {}).entries()) {
    const escaped = escapeName(property);
    const decl = declare(inner, `${name}.${escaped ?? `unnamed${i}`}`, isResource(inner));
    if (decl === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, { property, decl });
    if (node.required?.includes(property) === true && inner.default === undefined) {
      minBytes += property.length + decl.minBytes + 4;
    }
  }
  const Value = class extends Map<string, unknown> {};
  return { kind: 'object', cel: name, max: 0, minBytes, name, Value, fields };
}

const isResource = (node: SchemaNode): boolean => node['x-kubernetes-embedded-resource'] === true;

/** At the root of a resource, rules see its type and name, whatever the schema says. */
function withMeta(node: SchemaNode): SchemaNode {
  const string = { type: 'string' };
  const metadata = { type: 'object', properties: { name: string, generateName: string } };
  return { ...node, properties: { ...node.properties, kind: string, apiVersion: string, metadata } };
}

function byType(node: SchemaNode, name: string): Decl | undefined {
  switch (node.type) {
    case 'array':
      return list(node, name);
    case 'object': {
      const { additionalProperties } = node;
      return typeof additionalProperties === 'object'
        ? map(node, additionalProperties, name)
        : object(node, name);
    }
    case 'string':
      return text(node);
    case 'boolean':
      return scalar('bool', 0, 4);
    case 'number':
      return scalar('double', 0, 1);
    case 'integer':
      return scalar('int', 0, 1);
    default:
      return undefined;
  }
}

/** The declaration of a schema under a type name of its own, or undefined where rules cannot see the value. */
export function declare(node: SchemaNode, name: string, resource: boolean): Decl | undefined {
  if (node['x-kubernetes-int-or-string'] === true) {
    return scalar('dyn', node.maxLength === undefined ? REQUEST - 2 : node.maxLength * 4, 1);
  }
  const decl = byType(resource ? withMeta(node) : node, name);
  return decl === undefined || node.nullable !== true ? decl : { ...decl, cel: 'dyn' };
}

/** How often a value of this type fits into one request: the cardinality of rules under unbounded lists and maps. */
export const cardinalityOf = (decl: Decl): number => Math.floor(REQUEST / (decl.minBytes + 1));

/** The declaration of a property of an object declaration. */
export function fieldDecl(decl: Decl | undefined, property: string): Decl | undefined {
  const escaped = escapeName(property);
  if (decl?.kind !== 'object' || escaped === undefined) return undefined;
  return decl.fields.get(escaped)?.decl;
}
