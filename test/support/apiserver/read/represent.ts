/** The forms in which an object is shown. Tables come here. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { ApiObject, Json } from '../objects.ts';

export type Form = 'object' | 'metadata';

const METADATA = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } as const;

export function represent(kind: Kind, object: ApiObject, form: Form): Json {
  if (form === 'metadata') return { ...METADATA, metadata: object.metadata };
  const whole = kind.complete(object);
  const apiVersion = apiVersionOf(kind);
  return whole.apiVersion === apiVersion ? whole : { ...whole, apiVersion };
}

/** Whole objects of built-in kinds do not say in a list what they are. */
export function listItem(kind: Kind, object: ApiObject, form: Form): Json {
  if (form === 'metadata' || !kind.builtIn) return represent(kind, object, form);
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

export function listType(kind: Kind, form: Form): Readonly<{ kind: string; apiVersion: string }> {
  if (form === 'metadata') return { kind: 'PartialObjectMetadataList', apiVersion: METADATA.apiVersion };
  return { kind: kind.listKind, apiVersion: apiVersionOf(kind) };
}

export function itemType(kind: Kind, form: Form): Readonly<{ kind: string; apiVersion: string }> {
  return form === 'metadata' ? METADATA : { kind: kind.kind, apiVersion: apiVersionOf(kind) };
}
