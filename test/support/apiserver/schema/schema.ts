/**
 * The schema of a CRD version as the API server applies it: compiled once, then each object is decoded strictly,
 * pruned, defaulted and validated by it, in the order and in the words of kube-apiserver 1.36.
 */
import { type Cause, invalid, invalidMessage, SchemaError } from './causes.ts';
import { checkRules } from './cel-check.ts';
import { planRules, type RulePlan } from './cel-plan.ts';
import { Correlation } from './correlate.ts';
import { checkDefaults } from './default-values.ts';
import { fillDefaults } from './defaults.ts';
import { copyJson, goQuote, isObject, type JsonObject, own } from './json.ts';
import { checkKeywords } from './keywords.ts';
import { checkListTypes } from './list-types.ts';
import { finalizerWarnings, undecodableMeta } from './meta.ts';
import { decodeSchema, type SchemaNode } from './node.ts';
import { prune, pruneNulls } from './prune.ts';
import { createMatcher } from './regexp.ts';
import { checkStructural } from './structural.ts';
import { checkInner, type Walk } from './validate.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export type CompiledSchema = Readonly<{ root: SchemaNode; plan: RulePlan; walk: Walk }>;

export type CompileOptions = Readonly<{
  /** Strict (the default, as kubectl asks): unknown keywords are a 400. Otherwise they are ignored. */
  fieldValidation?: FieldValidation;
  /** The path of the schema in messages; the default is what the server says of a CRD with one version. */
  at?: string;
}>;

export type Admission = Readonly<{
  /** The object as decoded from the request, or as patched. It is not changed. */
  object: JsonObject;
  /** The stored object that it replaces; absent at a create. */
  old?: JsonObject | undefined;
  fieldValidation: FieldValidation;
  subresource: '' | 'status';
  /** False for a CRD without status subresource: then the main resource carries the status. True when absent. */
  hasStatusSubresource?: boolean;
  /** What the decoder found already, such as `duplicate field "spec.x"`. */
  strictErrors?: readonly string[];
  /** Causes from validateMeta, which stand first in the message and may keep rules from being checked. */
  metaCauses?: readonly Cause[];
}>;

/** What strict decoding holds against the object, where it is to be told but not to be refused for. */
type Decoded = Readonly<{ strictWarnings: readonly string[] }>;

export type Admitted = Decoded & Readonly<{ ok: true; object: JsonObject; warnings: string[] }>;

export type Refused = Decoded & Readonly<{ ok: false; status: 400 | 422; message: string; causes: Cause[] }>;

const BLOCKING = new Set([
  ...['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany'],
  'FieldValueTypeInvalid',
]);

const UNCHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Throws SchemaError with what a real server says of a schema that it refuses. */
export function compileSchema(openAPIV3Schema: unknown, options: CompileOptions = {}): CompiledSchema {
  const { fieldValidation = 'Strict', at = 'spec.validation.openAPIV3Schema' } = options;
  const decodedAt = 'spec.versions[0].schema.openAPIV3Schema';
  const root = decodeSchema(openAPIV3Schema, decodedAt, fieldValidation === 'Strict');
  const refuseIf = (causes: readonly Cause[]) => {
    if (causes.length > 0) throw new SchemaError(422, causes);
  };
  const keywords = checkKeywords(root, at);
  const unstructured = keywords.some((cause) => /\$ref|items must be|not supported/.test(cause.message));
  refuseIf(unstructured ? keywords : [...checkStructural(root, at), ...keywords]);
  const { plan, causes } = planRules(root, at);
  refuseIf(causes);
  const walk = { matches: createMatcher() };
  refuseIf(checkDefaults(walk, plan, root, at));
  return { root, plan, walk };
}

/** The object with the schema's defaults, as every read from storage gives it. The argument is not changed. */
export function applyDefaults(compiled: CompiledSchema, object: JsonObject): JsonObject {
  const copy = copyJson(object);
  pruneNulls(copy, compiled.root);
  fillDefaults(copy, compiled.root);
  return copy;
}

/** The paths of fields that the schema does not know, in order. */
export function unknownFields(compiled: CompiledSchema, object: JsonObject): readonly string[] {
  return prune(copyJson(object), compiled.root);
}

function decode(
  compiled: CompiledSchema,
  object: JsonObject,
): { object: JsonObject; unknown: readonly string[] } {
  const copy = applyDefaults(compiled, object);
  return { unknown: prune(copy, compiled.root), object: copy };
}

function badRequest(object: JsonObject, why: string): Refused {
  const [kind, apiVersion] = [own(object, 'kind'), own(object, 'apiVersion')].map((v) => String(v ?? ''));
  const version = apiVersion?.split('/').at(-1) ?? '';
  const message = `${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${why}`;
  return { ok: false, status: 400, message, causes: [], strictWarnings: [] };
}

/** What will be stored: the main resource leaves the status alone, and the status resource all else. */
function prepare(admission: Admission, object: JsonObject, old: JsonObject | undefined): JsonObject {
  const { subresource, hasStatusSubresource = true } = admission;
  const { status, ...rest } = object;
  if (subresource === 'status') {
    const { status: _former, ...kept } = old ?? rest;
    const metadata = isObject(rest['metadata']) ? { metadata: rest['metadata'] } : {};
    return { ...kept, ...metadata, ...(status === undefined ? {} : { status }) };
  }
  if (!hasStatusSubresource) return object;
  const former = own(old, 'status');
  return former === undefined ? rest : { ...rest, status: copyJson(former) };
}

function structuralCauses(
  compiled: CompiledSchema,
  admission: Admission,
  object: JsonObject,
  pair?: Correlation,
) {
  const { root, walk } = compiled;
  if (admission.subresource === '')
    return checkInner(walk, root, object, { prefix: '', name: '' }, pair).causes;
  const [node, status] = [own(root.properties, 'status'), own(object, 'status')];
  if (node === undefined || status === undefined) return [];
  return checkInner(walk, node, status, { prefix: 'status', name: '' }, pair?.key('status')).causes;
}

type Judgement = Readonly<{ causes: Cause[]; warnings: readonly string[] }>;

function judge(
  compiled: CompiledSchema,
  admission: Admission,
  object: JsonObject,
  old?: JsonObject,
): Judgement {
  const { root, plan } = compiled;
  const correlation = old === undefined ? undefined : new Correlation(root, object, old);
  const forgiveLists = old !== undefined && checkListTypes(root, old, '').length > 0;
  const causes = [
    ...(admission.metaCauses ?? []),
    ...structuralCauses(compiled, admission, object, correlation),
    ...(forgiveLists ? [] : checkListTypes(root, object, '')),
  ];
  if (causes.some((cause) => BLOCKING.has(cause.reason))) {
    const unchecked = plan.size === 0 ? [] : [invalid('', null, UNCHECKED)];
    return { causes: [...causes, ...unchecked], warnings: [] };
  }
  const rules = checkRules(plan, { node: root, value: object, old, at: '', correlation });
  return { causes: [...causes, ...rules.causes], warnings: rules.warnings };
}

function refusal(object: JsonObject, causes: Cause[], strictWarnings: readonly string[]): Refused {
  const apiVersion = String(own(object, 'apiVersion') ?? '');
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const metadata = own(object, 'metadata');
  const name = isObject(metadata) ? String(own(metadata, 'name') ?? '') : '';
  const message = invalidMessage(group, String(own(object, 'kind') ?? ''), name, causes);
  return { ok: false, status: 422, message, causes, strictWarnings };
}

/**
 * Decides about one write. The object in the answer is what is to be stored: pruned, defaulted, with the status (or
 * all but the status) of the stored object. Generation, versions and ownership of metadata are the storage's business.
 */
export function admit(compiled: CompiledSchema, admission: Admission): Admitted | Refused {
  const { fieldValidation, strictErrors = [] } = admission;
  const undecodable = undecodableMeta(admission.object);
  if (undecodable !== undefined) return badRequest(admission.object, undecodable);
  const decoded = decode(compiled, admission.object);
  const strict = [...strictErrors, ...decoded.unknown.map((path) => `unknown field ${goQuote(path)}`)];
  if (fieldValidation === 'Strict' && strict.length > 0) {
    return badRequest(admission.object, `strict decoding error: ${strict.join(', ')}`);
  }
  const old = admission.old === undefined ? undefined : decode(compiled, admission.old).object;
  const object = prepare(admission, decoded.object, old);
  const { causes, warnings } = judge(compiled, admission, object, old);
  const strictWarnings = fieldValidation === 'Warn' ? strict : [];
  if (causes.length > 0) return refusal(object, causes, strictWarnings);
  return {
    ok: true,
    strictWarnings,
    object: applyDefaults(compiled, object),
    warnings: [
      ...strictWarnings,
      ...(admission.subresource === '' ? finalizerWarnings(object, old) : []),
      ...warnings,
    ],
  };
}
