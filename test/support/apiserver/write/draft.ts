/** From a body to a draft: what is refused before the object's own rules are looked at. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { undecodable, unmarshal } from '../kinds/undecodable.ts';
import { at, type Draft, type DraftMeta, isRecord, type Json } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { badRequest, invalid } from '../status.ts';

export type Address = Readonly<{ namespace?: string; name?: string }>;

/** Throws where the body is for another kind, version, namespace or name than the path. */
export function draftOf(kind: Kind, address: Address, body: Json): Draft {
  checkType(kind, body);
  const metadata = metaOf(kind, body['metadata']);
  checkAddress(kind, address, metadata);
  return { ...body, apiVersion: kind.storedAs, kind: kind.kind, metadata };
}

/** The start of a body, which some refusals repeat: in hexadecimal digits where it does not look like JSON. */
export function startOf(text: string): string {
  if (text === '') return '<empty>';
  const start = Buffer.from(text).subarray(0, 30);
  const shown = text.trimStart().startsWith('{') ? start.toString('utf8') : start.toString('hex');
  return Buffer.byteLength(text) > start.length ? `${shown} ...` : shown;
}

function checkType(kind: Kind, body: Json): void {
  const expected = apiVersionOf(kind);
  const apiVersion = body['apiVersion'] ?? (kind.builtIn ? expected : '');
  const name = body['kind'] ?? (kind.builtIn ? kind.kind : undefined);
  if (name === undefined) {
    const text = JSON.stringify(body);
    const why = `Object 'Kind' is missing in '${text}' (${startOf(text)})`;
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${why}`);
  }
  if (kind.builtIn) checkBuiltInType(kind, String(name), String(apiVersion));
  if (apiVersion !== expected) {
    const message = `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`;
    throw badRequest(message);
  }
  if (name === kind.kind) return;
  const causes = [cause.invalid('kind', name, `must be ${kind.kind}`)];
  throw invalid(
    { group: kind.group, kind: String(name) },
    String(at(body, 'metadata', 'name') ?? ''),
    causes,
  );
}

function checkBuiltInType(kind: Kind, name: string, apiVersion: string): void {
  if (apiVersion !== apiVersionOf(kind)) {
    const why = `no kind "${name}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`;
    throw badRequest(`${name} in version "${apiVersion}" cannot be handled as a ${kind.kind}: ${why}`);
  }
  if (name === kind.kind) return;
  const internal = kind.group === '' ? 'core' : kind.group.split('.')[0];
  const why = `converting (${kind.version}.${name}) to (${internal}.${kind.kind}): unknown conversion`;
  throw badRequest(`${name} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${why}`);
}

type Shape = Readonly<{ goType: string; fits: (value: unknown) => boolean; itemType?: string }>;

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';

const TEXT: Shape = { goType: 'string', fits: isText };
const NUMBER: Shape = { goType: 'int64', fits: isNumber };
const TEXTS_BY_NAME: Shape = { goType: 'map[string]string', fits: isRecord, itemType: 'string' };

const META_FIELDS: Readonly<Record<keyof DraftMeta, Shape>> = {
  name: TEXT,
  generateName: TEXT,
  namespace: TEXT,
  uid: TEXT,
  resourceVersion: TEXT,
  generation: NUMBER,
  creationTimestamp: TEXT,
  deletionTimestamp: TEXT,
  deletionGracePeriodSeconds: NUMBER,
  labels: TEXTS_BY_NAME,
  annotations: TEXTS_BY_NAME,
  ownerReferences: { goType: '[]v1.OwnerReference', fits: Array.isArray, itemType: 'v1.OwnerReference' },
  finalizers: { goType: '[]string', fits: Array.isArray, itemType: 'string' },
  managedFields: {
    goType: '[]v1.ManagedFieldsEntry',
    fits: Array.isArray,
    itemType: 'v1.ManagedFieldsEntry',
  },
};

const NOT_KEPT = ['selfLink'];
const TIMES = ['creationTimestamp', 'deletionTimestamp'];
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** What strict decoding holds against metadata, which no schema describes. */
export function unknownMeta(body: unknown): readonly string[] {
  const metadata = at(body, 'metadata');
  if (!isRecord(metadata)) return [];
  return Object.keys(metadata)
    .filter((field) => !Object.hasOwn(META_FIELDS, field) && !NOT_KEPT.includes(field))
    .map((field) => `unknown field "metadata.${field}"`);
}

/** Null and empty mean absent; whatever else the server does not keep is dropped. */
function metaOf(kind: Kind, raw: unknown): DraftMeta {
  if (raw === undefined || raw === null) return {};
  if (!isRecord(raw)) {
    const told = unmarshal(raw, `${kind.kind}.metadata`, 'v1.ObjectMeta');
    throw undecodable(kind, kind.builtIn ? told : told.replace(/struct field \S+ of type/, 'value of type'));
  }
  const kept = Object.entries(META_FIELDS).flatMap(([field, shape]) => {
    const value = raw[field] ?? '';
    if (value === '') return [];
    checkField(kind, field, shape, value);
    return isEmpty(value) ? [] : [[field, value]];
  });
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function checkField(kind: Kind, field: string, { goType, fits, itemType }: Shape, value: unknown): void {
  const told = `ObjectMeta.${kind.builtIn ? 'metadata.' : ''}${field}`;
  if (!fits(value)) throw undecodable(kind, unmarshal(value, told, goType));
  if (TIMES.includes(field) && !RFC3339.test(String(value))) {
    const why = `parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}" as "2006"`;
    throw undecodable(kind, why);
  }
  if (itemType === undefined) return;
  const odd = Object.values(value as object).find(
    (item) => !(itemType === 'string' ? isText : isRecord)(item),
  );
  if (odd !== undefined) throw undecodable(kind, unmarshal(odd, told, itemType));
}

function checkAddress(kind: Kind, { namespace, name }: Address, metadata: DraftMeta): void {
  const given = metadata.namespace;
  if (kind.namespaced && given !== undefined && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name === undefined) return;
  if (metadata.name === undefined) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
}
