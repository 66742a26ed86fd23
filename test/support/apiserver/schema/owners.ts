/** Owner references: what is wrong with one, and with several (apimachinery, api/validation/objectmeta.go). */

import { type Cause, child, invalid, OMITTED } from './causes.ts';
import { goStruct, isObject, type Json, type JsonObject, own } from './json.ts';

const AT = 'metadata.ownerReferences';
/** As the server shows a reference. */
const FIELDS = ['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion'];

export function checkOwners(references: Json | undefined): readonly Cause[] {
  const owners = Array.isArray(references) ? references.filter(isObject) : [];
  const [first, ...others] = owners
    .filter((owner) => owner['controller'] === true)
    .map((owner) => `${text(owner, 'kind')}/${text(owner, 'name')}`);
  const found = (other: string) =>
    `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`;
  return [
    ...owners.flatMap(checkOwner),
    ...others.map((other) => asStruct(owners.map(ordered), found(other))),
  ];
}

/** The causes do not say which of several owners they are about. */
function checkOwner(owner: JsonObject): readonly Cause[] {
  const empty = ['kind', 'name', 'uid'].filter((field) => text(owner, field) === '');
  const apiVersion = text(owner, 'apiVersion');
  const isEvent = apiVersion === 'v1' && text(owner, 'kind') === 'Event';
  return [
    ...(/^([^/]+\/)?[^/]+$/.test(apiVersion)
      ? []
      : [invalid(child(AT, 'apiVersion'), apiVersion, 'version must not be empty')]),
    ...empty.map((field) => invalid(child(AT, field), '', 'must not be empty')),
    ...(isEvent ? [asStruct(ordered(owner), '/v1, Kind=Event is disallowed from being an owner')] : []),
  ];
}

const text = (owner: JsonObject, field: string): string => String(own(owner, field) ?? '');

/** The references in the message have their fields in the order of the struct. */
function asStruct(value: unknown, detail: string): Cause {
  return invalid(AT, OMITTED, `${goStruct(value)}: ${detail}`);
}

function ordered(owner: JsonObject): JsonObject {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const value = own(owner, field);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}
