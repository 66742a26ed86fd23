/** Bodies that cannot be read as a kind at all: 400, in the words of Go's JSON decoder. */

import { isRecord, type Json } from '../objects.ts';
import type { Cause } from '../schema/causes.ts';
import { type ApiError, badRequest } from '../status.ts';

type Named = Readonly<{ kind: string; version: string }>;

const GO_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'int32',
  boolean: 'bool',
  object: 'map[string]interface {}',
  array: '[]interface {}',
};

export function undecodable({ kind, version }: Named, why: string): ApiError {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

/** The part of such a message that tells why; undefined for any other message. */
export function whyUndecodable(message: string): string | undefined {
  return /^\S+ in version "\S*" cannot be handled as a \S+: (.*)$/s.exec(message)?.[1];
}

export function unmarshal(value: unknown, field: string, goType: string): string {
  return `json: cannot unmarshal ${jsonType(value)} into Go struct field ${field} of type ${goType}`;
}

export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** What a schema calls a wrong type, told as the decoder does. `properties` are those of the kind. */
export function mistyped({ kind }: Named, properties: Json, { field, message }: Cause): string {
  const [, wanted = '', given = ''] = /must be of type (\w+): "(\w+)"$/.exec(message) ?? [];
  const path = field.split('.').map((part) => part.replace(/\[.*$/, ''));
  const [head = ''] = path;
  const schema = properties[head];
  const values = isRecord(schema) ? schema['additionalProperties'] : undefined;
  const isMap = values !== undefined;
  const told = isMap ? head : path.join('.');
  const struct = isMap || path.length === 1 ? kind : `${kind}${head.charAt(0).toUpperCase()}${head.slice(1)}`;
  const got = given === 'integer' ? 'number' : given === 'boolean' ? 'bool' : given;
  const goType = isMap ? goMap(values, path.length > 1) : (GO_TYPES[wanted] ?? wanted);
  return `json: cannot unmarshal ${got} into Go struct field ${struct}.${told} of type ${goType}`;
}

/** The type of a map, or of one of its values. Those in base64 are bytes. */
function goMap(values: unknown, isValue: boolean): string {
  const type = isRecord(values) && values['format'] === 'byte' ? '[]uint8' : 'string';
  return isValue ? type : `map[string]${type}`;
}
