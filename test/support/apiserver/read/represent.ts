/** The forms in which objects are shown, one by one and in lists: whole, metadata alone, rows of a table. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { ApiObject, Json } from '../objects.ts';
import { includedBy, isTable, row, type TableForm, table } from '../table/table.ts';

export type Form = 'object' | 'metadata' | TableForm;

const METADATA = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } as const;
const METADATA_LIST = { kind: 'PartialObjectMetadataList', apiVersion: METADATA.apiVersion } as const;

/** `now`: what the ages in a table are counted from. */
export function represent(kind: Kind, object: ApiObject, form: Form, now: number): Json {
  if (form === 'metadata') return { ...METADATA, metadata: object.metadata };
  if (form === 'object') return whole(kind, object);
  const { resourceVersion } = object.metadata;
  return table(kind, form, { resourceVersion }, [rowOf(kind, object, form, now)]);
}

function whole(kind: Kind, object: ApiObject): Json {
  const shown = kind.show(kind.complete(object));
  const apiVersion = apiVersionOf(kind);
  return shown.apiVersion === apiVersion ? shown : { ...shown, apiVersion };
}

function rowOf(kind: Kind, object: ApiObject, form: TableForm, now: number) {
  const shown = whole(kind, object);
  const included = { None: null, Metadata: { ...METADATA, metadata: object.metadata }, Object: shown };
  return row(kind, kind.complete(object), included[includedBy(form)], now);
}

/** A list of objects; `metadata` is the list's own. */
export function representList(
  kind: Kind,
  objects: readonly ApiObject[],
  form: Form,
  metadata: Json,
  now: number,
): Json {
  if (isTable(form)) {
    const rows = objects.map((object) => rowOf(kind, object, form, now));
    return table(kind, form, metadata, rows);
  }
  if (form === 'metadata') {
    return { ...METADATA_LIST, metadata, items: objects.map((object) => represent(kind, object, form, now)) };
  }
  const items = objects.map((object) => listItem(kind, object));
  return { kind: kind.listKind, apiVersion: apiVersionOf(kind), metadata, items };
}

/** Whole objects of built-in kinds do not say in a list what they are. */
function listItem(kind: Kind, object: ApiObject): Json {
  const shown = whole(kind, object);
  if (!kind.builtIn) return shown;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = shown;
  return rest;
}

/** What a watch sends in place of an object when only the version moves on. */
export function representBookmark(kind: Kind, form: Form, metadata: Json, now: number): Json {
  if (form === 'metadata') return { ...METADATA, metadata };
  if (form === 'object') return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
  const blank = row(kind, { metadata }, { ...METADATA, metadata }, now);
  return table(kind, form, { resourceVersion: metadata['resourceVersion'] }, [blank]);
}
