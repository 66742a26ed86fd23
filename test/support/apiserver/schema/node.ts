/** The schema language of a CRD (JSONSchemaProps), and its decoding: unknown keywords and wrong kinds of values. */
import { type Cause, SchemaError } from './causes.ts';
import { isObject, type Json, own, typeOf } from './json.ts';

export type ValidationRule = Readonly<{
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}>;

export type SchemaNode = Readonly<{
  type?: string;
  format?: string;
  title?: string;
  description?: string;
  default?: Json;
  nullable?: boolean;
  properties?: Readonly<Record<string, SchemaNode>>;
  additionalProperties?: boolean | SchemaNode;
  items?: SchemaNode;
  required?: readonly string[];
  enum?: readonly Json[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  allOf?: readonly SchemaNode[];
  anyOf?: readonly SchemaNode[];
  oneOf?: readonly SchemaNode[];
  not?: SchemaNode;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: readonly string[];
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-validations'?: readonly ValidationRule[];
}>;

type Kind =
  | 'string'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'any'
  | 'strings'
  | 'values'
  | 'schema'
  | 'schemas'
  | 'schemaMap'
  | 'schemaOrBool'
  | 'schemaOrArray'
  | 'rules';

const KEYWORDS: Readonly<Record<string, Kind>> = {
  ...{ id: 'string', $schema: 'string', $ref: 'string', description: 'string', type: 'string' },
  ...{ format: 'string', title: 'string', default: 'any', maximum: 'number', minimum: 'number' },
  ...{ exclusiveMaximum: 'boolean', exclusiveMinimum: 'boolean', maxLength: 'integer', minLength: 'integer' },
  ...{ pattern: 'string', maxItems: 'integer', minItems: 'integer', uniqueItems: 'boolean' },
  ...{ multipleOf: 'number', enum: 'values', maxProperties: 'integer', minProperties: 'integer' },
  ...{ required: 'strings', items: 'schemaOrArray', allOf: 'schemas', oneOf: 'schemas', anyOf: 'schemas' },
  ...{ not: 'schema', properties: 'schemaMap', additionalProperties: 'schemaOrBool' },
  ...{ patternProperties: 'schemaMap', dependencies: 'any', additionalItems: 'schemaOrBool' },
  ...{ definitions: 'schemaMap', externalDocs: 'any', example: 'any', nullable: 'boolean' },
  'x-kubernetes-preserve-unknown-fields': 'boolean',
  'x-kubernetes-embedded-resource': 'boolean',
  'x-kubernetes-int-or-string': 'boolean',
  'x-kubernetes-list-map-keys': 'strings',
  'x-kubernetes-list-type': 'string',
  'x-kubernetes-map-type': 'string',
  'x-kubernetes-validations': 'rules',
};

const RULE_KEYWORDS: Readonly<Record<string, Kind>> = {
  ...{ rule: 'string', message: 'string', messageExpression: 'string', reason: 'string' },
  ...{ fieldPath: 'string', optionalOldSelf: 'boolean' },
};

type Check = (value: Json, at: string) => readonly Cause[];

const problem = (field: string, message: string): Cause => ({ reason: 'BadRequest', message, field });

function wrongKind(value: Json, wanted: string, at: string): readonly Cause[] {
  const got = typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'number' : typeOf(value);
  return [
    problem(at, `json: cannot unmarshal ${got} into Go struct field JSONSchemaProps.${at} of type ${wanted}`),
  ];
}

const listOf =
  (check: Check): Check =>
  (value, at) =>
    Array.isArray(value)
      ? value.flatMap((entry, i) => check(entry, `${at}[${i}]`))
      : wrongKind(value, 'list', at);

const mapOf =
  (check: Check): Check =>
  (value, at) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, entry]) => check(entry, `${at}[${name}]`))
      : wrongKind(value, 'map', at);

const GO_TYPES = { string: 'string', number: 'float64', integer: 'int64', boolean: 'bool' } as const;

const scalar =
  (kind: keyof typeof GO_TYPES): Check =>
  (value, at) => {
    const type = typeOf(value);
    const fits = type === kind || (kind === 'number' && type === 'integer');
    return fits ? [] : wrongKind(value, GO_TYPES[kind], at);
  };

function checkKeywords(keywords: Readonly<Record<string, Kind>>, strict: boolean): Check {
  return (value, at) => {
    if (!isObject(value)) return wrongKind(value, 'object', at);
    return Object.entries(value).flatMap(([name, entry]) => {
      const path = `${at}.${name}`;
      const kind = own(keywords, name);
      if (kind !== undefined) return checkOf(kind, strict)(entry, path);
      return strict ? [problem(path, `unknown field "${path}"`)] : [];
    });
  };
}

function checkOf(kind: Kind, strict: boolean): Check {
  const schema: Check = (value, at) => checkKeywords(KEYWORDS, strict)(value, at);
  switch (kind) {
    case 'any':
      return () => [];
    case 'strings':
      return listOf(scalar('string'));
    case 'values':
      return listOf(() => []);
    case 'schema':
      return schema;
    case 'schemas':
      return listOf(schema);
    case 'schemaMap':
      return mapOf(schema);
    case 'schemaOrBool':
      return (value, at) => (typeof value === 'boolean' ? [] : schema(value, at));
    case 'schemaOrArray':
      return (value, at) => (Array.isArray(value) ? listOf(schema) : schema)(value, at);
    case 'rules':
      return listOf(checkKeywords(RULE_KEYWORDS, strict));
    default:
      return scalar(kind);
  }
}

/**
 * Decodes a schema as strict field validation does (without `strict`, unknown keywords pass and mean nothing).
 * Throws SchemaError (400) naming every unknown keyword and every value of a wrong kind.
 */
export function decodeSchema(value: unknown, at: string, strict: boolean): SchemaNode {
  const problems = checkOf('schema', strict)(value as Json, at);
  if (problems.length > 0) throw new SchemaError(400, problems);
  return structuredClone(value) as SchemaNode;
}
