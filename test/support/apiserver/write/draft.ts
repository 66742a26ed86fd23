/** From a body to a draft: what is refused before the object's own rules are looked at. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { at, type Draft, type DraftMeta, isRecord, type Json } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { badRequest, invalid } from '../status.ts';

const META_FIELDS: Readonly<Record<keyof DraftMeta, (value: unknown) => boolean>> = {
  name: isText,
  generateName: isText,
  namespace: isText,
  uid: isText,
  resourceVersion: isText,
  generation: (value) => typeof value === 'number',
  creationTimestamp: isText,
  deletionTimestamp: isText,
  deletionGracePeriodSeconds: (value) => typeof value === 'number',
  labels: isTextMap,
  annotations: isTextMap,
  ownerReferences: (value) => Array.isArray(value) && value.every(isRecord),
  finalizers: (value) => Array.isArray(value) && value.every(isText),
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextMap(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isText);
}

export type Address = Readonly<{ namespace?: string; name?: string }>;

/** Throws where the body is for another kind, version, namespace or name than the path. */
export function draftOf(kind: Kind, address: Address, body: unknown): Draft {
  if (!isRecord(body)) throw badRequest('the body of the request is not an object');
  checkType(kind, body);
  const metadata = metaOf(body['metadata']);
  checkAddress(kind, address, metadata);
  return { ...body, apiVersion: kind.storedAs, kind: kind.kind, metadata };
}

function checkType(kind: Kind, body: Json): void {
  const expected = apiVersionOf(kind);
  const apiVersion = body['apiVersion'] ?? (kind.builtIn ? expected : '');
  const name = body['kind'] ?? (kind.builtIn ? kind.kind : undefined);
  if (name === undefined) throw badRequest("Object 'Kind' is missing in the body of the request");
  if (apiVersion !== expected) {
    const message = `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`;
    throw badRequest(message);
  }
  if (name === kind.kind) return;
  if (kind.builtIn) {
    throw badRequest(`${name} in version "${kind.version}" cannot be handled as a ${kind.kind}`);
  }
  const shown = isRecord(body['metadata']) ? String(body['metadata']['name'] ?? '') : '';
  throw invalid(kind, shown, [cause.invalid('kind', name, `must be ${kind.kind}`)]);
}

const NOT_KEPT = ['managedFields', 'selfLink'];

/** What strict decoding holds against metadata, which no schema describes. */
export function unknownMeta(body: unknown): readonly string[] {
  const metadata = at(body, 'metadata');
  if (!isRecord(metadata)) return [];
  return Object.keys(metadata)
    .filter((field) => !Object.hasOwn(META_FIELDS, field) && !NOT_KEPT.includes(field))
    .map((field) => `unknown field "metadata.${field}"`);
}

/** Null means absent, managedFields and whatever else the server does not keep are dropped. */
function metaOf(raw: unknown): DraftMeta {
  if (raw === undefined || raw === null) return {};
  if (!isRecord(raw)) throw badRequest('json: cannot unmarshal metadata into Go value of type v1.ObjectMeta');
  const kept = Object.entries(META_FIELDS).filter(
    ([field]) => (raw[field] ?? null) !== null && raw[field] !== '',
  );
  const wrong = kept.find(([field, fits]) => !fits(raw[field]));
  if (wrong !== undefined) {
    throw badRequest(`json: cannot unmarshal value into Go struct field ObjectMeta.metadata.${wrong[0]}`);
  }
  return Object.fromEntries(
    kept.map(([field]) => [field, raw[field]]).filter(([, value]) => !isEmpty(value)),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function checkAddress(kind: Kind, { namespace, name }: Address, metadata: DraftMeta): void {
  const given = metadata.namespace;
  if (kind.namespaced && given !== undefined && given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name !== undefined && metadata.name !== undefined && metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
}
