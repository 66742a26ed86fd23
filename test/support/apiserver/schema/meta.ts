/** Metadata, which no schema describes: names, labels, annotations, finalizers, owners (apimachinery, api/validation). */
import { type Cause, forbidden, invalid, required, tooLong } from './causes.ts';
import { deepEqual, goQuote, isObject, type Json, type JsonObject, own, typeOf } from './json.ts';
import { bytes, labelErrors, labelValueErrors, qualifiedNameErrors, subdomainErrors } from './names.ts';
import { checkOwners } from './owners.ts';

const ANNOTATION_BYTES = 256 * 1024;

function stringsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textEntries(value: Json | undefined): readonly (readonly [string, string])[] {
  return isObject(value) ? Object.entries(value).map(([name, text]) => [name, String(text)]) : [];
}

const metaOf = (object: JsonObject | undefined): JsonObject => {
  const metadata = own(object, 'metadata');
  return isObject(metadata) ? metadata : {};
};

const text = (meta: JsonObject, name: string): string => String(own(meta, name) ?? '');

export type NameErrors = (name: string) => readonly string[];

function checkNames(meta: JsonObject, nameErrors: NameErrors): readonly Cause[] {
  const [name, prefix, namespace] = ['name', 'generateName', 'namespace'].map((field) => text(meta, field));
  const causes: Cause[] = [];
  if (prefix !== undefined && prefix !== '') {
    const masked = prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix;
    causes.push(...nameErrors(masked).map((e) => invalid('metadata.generateName', prefix, e)));
  }
  if (name === undefined || name === '')
    causes.push(required('metadata.name', 'name or generateName is required'));
  else causes.push(...nameErrors(name).map((e) => invalid('metadata.name', name, e)));
  if (namespace !== undefined && namespace !== '') {
    causes.push(...labelErrors(namespace).map((e) => invalid('metadata.namespace', namespace, e)));
  }
  return causes;
}

function checkLabels(meta: JsonObject): readonly Cause[] {
  return textEntries(meta['labels']).flatMap(([name, value]) => [
    ...qualifiedNameErrors(name).map((e) => invalid('metadata.labels', name, e)),
    ...labelValueErrors(value).map((e) => invalid('metadata.labels', value, e)),
  ]);
}

function checkAnnotations(meta: JsonObject): readonly Cause[] {
  const entries = textEntries(meta['annotations']);
  const size = entries.reduce((sum, [name, value]) => sum + bytes(name) + bytes(value), 0);
  return [
    ...entries.flatMap(([name]) =>
      qualifiedNameErrors(name.toLowerCase()).map((e) => invalid('metadata.annotations', name, e)),
    ),
    ...(size > ANNOTATION_BYTES ? [tooLong('metadata.annotations', ANNOTATION_BYTES)] : []),
  ];
}

function checkFinalizers(meta: JsonObject, former: JsonObject | undefined): readonly Cause[] {
  const at = 'metadata.finalizers';
  const finalizers = stringsIn(meta['finalizers']);
  const causes = finalizers.flatMap((name) => qualifiedNameErrors(name).map((e) => invalid(at, name, e)));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    causes.push(invalid(at, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  if (former === undefined || own(former, 'deletionTimestamp') === undefined) return causes;
  const extra = finalizers.filter((name) => !stringsIn(former['finalizers']).includes(name)).sort();
  if (extra.length > 0) {
    const list = `[]string{${[...new Set(extra)].map(goQuote).join(', ')}}`;
    const why = 'no new finalizers can be added if the object is being deleted, found new finalizers';
    causes.push(forbidden(at, `${why} ${list}`));
  }
  return causes;
}

function checkImmutable(meta: JsonObject, former: JsonObject | undefined): readonly Cause[] {
  if (former === undefined) return [];
  return ['name', 'namespace', 'uid'].flatMap((name) => {
    const value = own(meta, name);
    const same = value === undefined || deepEqual(value, own(former, name));
    return same ? [] : [invalid(`metadata.${name}`, value, 'field is immutable')];
  });
}

/** What is wrong with an object's metadata; with `old`, also what may not change. The name must have been generated. */
export function validateMeta(
  object: JsonObject,
  old?: JsonObject,
  nameErrors: NameErrors = subdomainErrors,
): readonly Cause[] {
  const meta = metaOf(object);
  const former = old === undefined ? undefined : metaOf(old);
  return [
    ...(former === undefined ? checkNames(meta, nameErrors) : []),
    ...checkImmutable(meta, former),
    ...checkLabels(meta),
    ...checkAnnotations(meta),
    ...checkOwners(meta['ownerReferences']),
    ...checkFinalizers(meta, former),
  ];
}

/** The warnings for finalizers that a write adds without a domain or a path in their name. */
export function finalizerWarnings(object: JsonObject, old: JsonObject | undefined): readonly string[] {
  const former = stringsIn(metaOf(old)['finalizers']);
  const added = stringsIn(metaOf(object)['finalizers']).filter((name) => !former.includes(name));
  const standard = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);
  return [...new Set(added)].sort().flatMap((name) => {
    if (name.includes('/') || standard.has(name)) return [];
    const path = name.includes('.') ? ' including a path (/)' : '';
    const advice = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
    return [`metadata.finalizers: ${goQuote(name)}: ${advice}`];
  });
}

function kindError(
  value: Json | undefined,
  wanted: 'string' | 'map' | 'list',
  at: string,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  const fit = { string: typeof value === 'string', map: isObject(value), list: Array.isArray(value) }[wanted];
  const got = typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'number' : typeOf(value);
  const goType = { string: 'string', map: 'map[string]string', list: '[]string' }[wanted];
  return fit
    ? undefined
    : `json: cannot unmarshal ${got} into Go struct field ObjectMeta.${at} of type ${goType}`;
}

/** Why metadata cannot be decoded at all (a 400), such as a number for a label; undefined if it can. */
export function undecodableMeta(object: JsonObject): string | undefined {
  const meta = metaOf(object);
  const inner = (value: Json | undefined) =>
    isObject(value) || Array.isArray(value) ? Object.values(value) : [];
  const found = [
    ...['name', 'namespace', 'generateName', 'uid'].map((name) => kindError(own(meta, name), 'string', name)),
    ...['labels', 'annotations'].map((name) => kindError(own(meta, name), 'map', name)),
    kindError(own(meta, 'finalizers'), 'list', 'finalizers'),
    ...['labels', 'annotations', 'finalizers'].flatMap((name) =>
      inner(own(meta, name)).map((value) => kindError(value, 'string', name)),
    ),
  ];
  return found.find((error) => error !== undefined);
}
