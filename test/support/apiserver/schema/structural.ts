/** A structural schema: the type of every value is known without looking at the value (apiserver/schema, validation). */
import { RE2JS } from 're2js';
import { type Cause, child, forbidden, index, invalid, key, required } from './causes.ts';
import { checkCompleteness } from './completeness.ts';
import { deepEqual, own } from './json.ts';
import type { SchemaNode } from './node.ts';

type Level = 'root' | 'item' | 'field';

const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const;
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

const TYPE_NEEDED: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

const FORBIDDEN_NESTED: readonly (readonly [keyof SchemaNode, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

const isSet = (value: unknown): boolean => value !== undefined && value !== false && value !== '';

function pattern(node: SchemaNode, at: string): readonly Cause[] {
  if (node.pattern === undefined) return [];
  try {
    RE2JS.compile(node.pattern);
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const detail = `must be a valid regular expression, but isn't: ${why}`;
    return [invalid(child(at, 'pattern'), node.pattern, detail)];
  }
}

/** The value validations of a node; `skip` names the one junctor that may carry types (int-or-string). */
function valueValidation(node: SchemaNode, at: string, skip: string): readonly Cause[] {
  const nested = JUNCTORS.flatMap((name) =>
    (node[name] ?? []).flatMap((inner, i) => {
      const path = index(child(at, name), i);
      if (skip === name) return [];
      return nestedValidation(inner, path, skip === `${name}[${i}].anyOf` ? 'anyOf' : '');
    }),
  );
  const not = node.not === undefined ? [] : nestedValidation(node.not, child(at, 'not'), '');
  return [...nested, ...not, ...pattern(node, at)];
}

function nestedValidation(node: SchemaNode, at: string, skip: string): readonly Cause[] {
  const causes = [...valueValidation(node, at, skip)];
  if (node.items !== undefined) causes.push(...nestedValidation(node.items, child(at, 'items'), ''));
  for (const [name, inner] of Object.entries(node.properties ?? {})) {
    causes.push(...nestedValidation(inner, key(child(at, 'properties'), name), ''));
  }
  for (const [name, detail] of FORBIDDEN_NESTED) {
    if (isSet(node[name])) causes.push(forbidden(child(at, name), detail));
  }
  if (own(node.properties, 'metadata') !== undefined) {
    const path = key(child(at, 'properties'), 'metadata');
    causes.push(forbidden(path, 'must not be specified in a nested context'));
  }
  return causes;
}

function skippedJunctor(node: SchemaNode): string {
  if (deepEqual(node.anyOf, INT_OR_STRING)) return 'anyOf';
  return deepEqual(node.allOf?.[0]?.anyOf, INT_OR_STRING) ? 'allOf[0].anyOf' : '';
}

function typeRules(node: SchemaNode, level: Level, at: string): readonly Cause[] {
  const path = child(at, 'type');
  const preserved = node['x-kubernetes-preserve-unknown-fields'] === true;
  if (node['x-kubernetes-embedded-resource'] === true && node.type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    return [node.type === undefined ? required(path, detail) : invalid(path, node.type, detail)];
  }
  if (node.type === undefined && !preserved && node['x-kubernetes-int-or-string'] !== true) {
    return [required(path, TYPE_NEEDED[level])];
  }
  if (level === 'root' && node.type !== undefined && node.type !== 'object') {
    return [invalid(path, node.type, 'must be object at the root')];
  }
  return [];
}

function extensionRules(node: SchemaNode, level: Level, at: string): readonly Cause[] {
  const causes: Cause[] = [];
  const embedded = node['x-kubernetes-embedded-resource'] === true;
  const preserved = node['x-kubernetes-preserve-unknown-fields'] === true;
  const path = (name: string) => child(at, name);
  if (node['x-kubernetes-int-or-string'] === true) {
    const detail = 'must be false if x-kubernetes-int-or-string is true';
    if (preserved) causes.push(invalid(path('x-kubernetes-preserve-unknown-fields'), true, detail));
    if (embedded) causes.push(invalid(path('x-kubernetes-embedded-resource'), true, detail));
  }
  if (node.additionalProperties !== undefined && level === 'root') {
    causes.push(forbidden(path('additionalProperties'), 'must not be used at the root'));
  }
  if (node.additionalProperties !== undefined && embedded) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set';
    causes.push(forbidden(path('additionalProperties'), detail));
  }
  if (embedded && !preserved && Object.keys(node.properties ?? {}).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    causes.push(required(path('properties'), detail));
  }
  if (node.type === 'array' && node.items === undefined) {
    causes.push(required(path('items'), 'must be specified'));
  }
  return causes;
}

function metadataRules(node: SchemaNode, level: Level, at: string): readonly Cause[] {
  if (level !== 'root' && node['x-kubernetes-embedded-resource'] !== true) return [];
  const at_ = (name: string) => key(child(at, 'properties'), name);
  const causes: Cause[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const type = own(node.properties, name)?.type;
    if (own(node.properties, name) !== undefined && type !== 'string') {
      causes.push(invalid(child(at_(name), 'type'), type ?? '', 'must be string'));
    }
  }
  const metadata = own(node.properties, 'metadata');
  if (metadata === undefined) return causes;
  if (metadata.type !== 'object') {
    causes.push(invalid(child(at_('metadata'), 'type'), metadata.type ?? '', 'must be object'));
  }
  const { type: _type, description: _description, properties = {}, ...rest } = metadata;
  const names = Object.keys(properties).filter((name) => name !== 'name' && name !== 'generateName');
  if (level === 'root' && (names.length > 0 || Object.keys(rest).length > 0)) {
    const detail =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    causes.push(forbidden(at_('metadata'), detail));
  }
  return causes;
}

function invariants(node: SchemaNode, level: Level, at: string): readonly Cause[] {
  const { items, properties = {}, additionalProperties } = node;
  const below: Cause[] = [];
  if (items !== undefined) below.push(...invariants(items, 'item', child(at, 'items')));
  for (const [name, inner] of Object.entries(properties)) {
    below.push(...invariants(inner, 'field', key(child(at, 'properties'), name)));
  }
  if (typeof additionalProperties === 'object') {
    below.push(...invariants(additionalProperties, 'field', child(at, 'additionalProperties')));
  }
  return [
    ...below,
    ...extensionRules(node, level, at),
    ...valueValidation(node, at, skippedJunctor(node)),
    ...typeRules(node, level, at),
    ...metadataRules(node, level, at),
  ];
}

export function checkStructural(root: SchemaNode, at: string): readonly Cause[] {
  const causes = [...invariants(root, 'root', at), ...checkCompleteness(root, at)];
  return causes.sort((a, b) => (`${a.field}: ${a.message}` < `${b.field}: ${b.message}` ? -1 : 1));
}
