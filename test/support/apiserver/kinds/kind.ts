/** What the server needs to know of a kind. Built-in kinds and those of CRDs are served by the same code. */

import type { ApiObject, Draft, Json } from '../objects.ts';
import type { Cause } from '../schema/causes.ts';
import type { NameErrors } from '../schema/meta.ts';
import type { FieldValidation } from '../schema/schema.ts';
import type { Column } from '../table/column.ts';

/** What the schema room asks for, in this room's words. */
export type Admission = Readonly<{
  object: Draft;
  /** The stored object, absent for a creation. */
  old?: ApiObject;
  fieldValidation: FieldValidation;
  subresource: '' | 'status';
  /** What the decoder found already: fields given twice. */
  strictErrors: readonly string[];
  /** What is wrong with the metadata; it is told first. */
  metaCauses: readonly Cause[];
}>;

/** `object` is pruned and defaulted; with any cause the write is refused as Invalid, and warned nevertheless. */
export type Admitted = Readonly<{ object: Draft; warnings: readonly string[]; causes: readonly Cause[] }>;

export type Kind = Readonly<{
  group: string;
  version: string;
  kind: string;
  listKind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  /** Built-in kinds take strategic merge patches and leave `kind` out of list items. */
  builtIn: boolean;
  /** Whether it has the status subresource. */
  status: boolean;
  bucket: string;
  /** The apiVersion under which objects are stored. */
  storedAs: string;
  /** Whether metadata.generation counts changes of what is neither metadata nor status. */
  generation: boolean;
  createsOnUpdate: boolean;
  /** Whether a PUT without a resourceVersion overwrites. */
  unconditionalUpdate: boolean;
  /** Whether a DELETE that removes answers with the object, not with a Status. */
  returnsDeleted: boolean;
  /** Whether a DELETE of the whole collection is allowed. */
  deletesCollections: boolean;
  /** Field selectors beside metadata.name and metadata.namespace. */
  fields: Readonly<Record<string, (object: ApiObject) => string>>;
  /** The group that an Invalid names, where it is not the kind's own. */
  invalidGroup?: string;
  /** Why a name is none; that of a DNS subdomain will do where nothing is said. */
  nameErrors?: NameErrors;
  /** Fields that the server sets at the creation, and nobody owns. */
  unowned: readonly string[];
  /** Set while the kind itself is being deleted: why nothing may be created. */
  refusesCreate?: string;
  /** What OpenAPI tells of it, and how its lists are merged and owned. */
  schema: Json;
  /** Of its tables; the first is the name. */
  columns: readonly Column[];
  /** Throws ApiError where the body cannot be decoded as this kind. */
  admit(admission: Admission): Admitted;
  /** The object as reads show it: defaults that came after it was stored are filled in. */
  complete(object: ApiObject): ApiObject;
  /** A complete object in the words of this kind, where it is stored in those of another. */
  show(object: ApiObject): ApiObject;
  /** What a DELETE changes beside the metadata. */
  markDeleted(object: ApiObject): ApiObject;
  /** Whether something beside metadata.finalizers holds a deleted object. */
  held(object: ApiObject): boolean;
}>;

export function apiVersionOf({ group, version }: Readonly<{ group: string; version: string }>): string {
  return group === '' ? version : `${group}/${version}`;
}

export function bucketOf(group: string, plural: string): string {
  return group === '' ? plural : `${group}/${plural}`;
}
