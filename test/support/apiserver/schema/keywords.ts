/** What a CRD's schema may not say anywhere, structural or not (apiextensions, validation of openAPIV3Schema). */
import { type Cause, child, forbidden, index, invalid, key, notSupported, required } from './causes.ts';
import { own } from './json.ts';
import { checkListType, checkMapType } from './list-keywords.ts';
import type { SchemaNode, ValidationRule } from './node.ts';
import { fieldAt } from './paths.ts';

type Raw = SchemaNode & Readonly<Record<string, unknown>>;

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const META_FIELDS = new Set(['metadata', 'apiVersion', 'kind']);

type Placed = readonly [node: SchemaNode, at: string];

function below(node: SchemaNode, at: string): readonly Placed[] {
  const { properties = {}, additionalProperties, items, not } = node;
  const single: readonly (readonly [string, unknown])[] = [
    ['additionalProperties', additionalProperties],
    ['items', Array.isArray(items) ? undefined : items],
    ['not', not],
  ];
  return [
    ...single
      .filter(([, schema]) => typeof schema === 'object')
      .map(([name, schema]): Placed => [schema as SchemaNode, child(at, name)]),
    ...Object.entries(properties).map(([name, n]): Placed => [n, key(child(at, 'properties'), name)]),
    ...(['allOf', 'oneOf', 'anyOf'] as const).flatMap((name) =>
      (node[name] ?? []).map((n, i): Placed => [n, index(child(at, name), i)]),
    ),
  ];
}

function unsupported(node: Raw, at: string): readonly Cause[] {
  const causes = UNSUPPORTED.filter((name) => node[name] !== undefined).map((name) =>
    forbidden(child(at, name), `${name} is not supported`),
  );
  if (node.type === 'null') {
    causes.push(
      forbidden(child(at, 'type'), 'type cannot be set to null, use nullable as an alternative'),
      notSupported(child(at, 'type'), node.type, TYPES),
    );
  } else if (node.type !== undefined && !TYPES.includes(node.type)) {
    causes.push(notSupported(child(at, 'type'), node.type, TYPES));
  }
  if (Array.isArray(node.items)) {
    causes.push(forbidden(child(at, 'items'), 'items must be a schema object and not an array'));
  }
  return causes;
}

function combinations(node: SchemaNode, at: string): readonly Cause[] {
  const causes: Cause[] = [];
  if (node.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    causes.push(forbidden(child(at, 'uniqueItems'), why));
  }
  const { additionalProperties, properties = {} } = node;
  const open = additionalProperties === false || typeof additionalProperties === 'object';
  if (open && Object.keys(properties).length > 0) {
    causes.push(
      forbidden(
        child(at, 'additionalProperties'),
        'additionalProperties and properties are mutual exclusive',
      ),
    );
  }
  if (node['x-kubernetes-preserve-unknown-fields'] === false) {
    const path = child(at, 'x-kubernetes-preserve-unknown-fields');
    causes.push(invalid(path, false, 'must be true or undefined'));
  }
  return causes;
}

function messageText(rule: ValidationRule, path: string): readonly Cause[] {
  const { message = '' } = rule;
  const at = child(path, 'message');
  if ((rule.rule ?? '').trim() === '') return [required(child(path, 'rule'), 'rule is not specified')];
  if (message !== '' && message.trim() === '')
    return [invalid(at, message, 'must be non-empty if specified')];
  if (/[\n\r]/.test(message.trim())) return [invalid(at, message, 'must not contain line breaks')];
  if (/[\n\r]/.test(rule.rule.trim()) && message === '') {
    return [required(at, 'message must be specified if rule contains line breaks')];
  }
  return [];
}

function ruleTexts(node: SchemaNode, rule: ValidationRule, path: string): readonly Cause[] {
  const { messageExpression = '', fieldPath = '', reason } = rule;
  const causes = [...messageText(rule, path)];
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    causes.push(required(child(path, 'messageExpression'), detail));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    causes.push(notSupported(child(path, 'reason'), reason, REASONS));
  }
  if (fieldPath !== '' && fieldAt(node, fieldPath) === undefined) {
    causes.push(invalid(child(path, 'fieldPath'), fieldPath, 'must be a valid path'));
  }
  return causes;
}

function checkNode(node: SchemaNode, at: string): readonly Cause[] {
  const rules = node['x-kubernetes-validations'] ?? [];
  return [
    ...unsupported(node as Raw, at),
    ...combinations(node, at),
    ...checkMapType(node, at),
    ...checkListType(node, at),
    ...rules.flatMap((rule, i) => ruleTexts(node, rule, index(child(at, 'x-kubernetes-validations'), i))),
    ...below(node, at).flatMap(([inner, path]) => checkNode(inner, path)),
  ];
}

function rootOnly(root: SchemaNode, at: string): readonly Cause[] {
  const causes: Cause[] = [];
  if (root.nullable === true) {
    causes.push(forbidden(child(at, 'nullable'), 'nullable cannot be true at the root'));
  }
  for (const name of META_FIELDS) {
    if (own(root.properties, name)?.default === undefined) continue;
    const path = child(key(child(at, 'properties'), name), 'default');
    causes.push(forbidden(path, `must not be set in top-level ${name}`));
  }
  return causes;
}

/** Every fault of this kind in the whole schema; none means that the structural checks may go on. */
export function checkKeywords(root: SchemaNode, at: string): readonly Cause[] {
  return [...rootOnly(root, at), ...checkNode(root, at)];
}
