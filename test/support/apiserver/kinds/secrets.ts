/** Secrets and ConfigMaps: what their data may be, and what `immutable` means. */

import { isDeepStrictEqual } from 'node:util';
import { type ApiObject, type Draft, isRecord, type Json } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { jsonComplaint } from '../schema/json.ts';
import { AGE, countColumn, NAME, textColumn } from '../table/column.ts';
import { base64Error, canonicalBase64 } from './base64.ts';
import { builtIn, immutable } from './builtin.ts';
import type { Kind } from './kind.ts';
import { CONFIG_MAP, SECRET } from './schemas/core.ts';
import { jsonType, undecodable } from './undecodable.ts';

const MAX_BYTES = 1_048_576;
const KEY = /^[-._a-zA-Z0-9]+$/;
const KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const BASIC_AUTH = 'kubernetes.io/basic-auth';
const NEEDED_KEYS: Readonly<Record<string, readonly string[]>> = {
  [BASIC_AUTH]: ['username', 'password'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

const SECRET_NAMES = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets' };
const CONFIG_MAP_NAMES = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps' };

type Named = Readonly<{ kind: string; version: string }>;

export const secrets: Kind = builtIn({
  ...SECRET_NAMES,
  unconditionalUpdate: true,
  columns: [
    NAME,
    textColumn('Type', 'What the Secret is for.', 'type'),
    countColumn('Data', 'How many keys it holds.', 'data'),
    AGE,
  ],
  fields: { type: (object) => String(object['type'] ?? '') },
  description: 'Values that few should see, such as passwords.',
  properties: SECRET,
  decode: decodeSecret,
  check: checkSecret,
});

export const configMaps: Kind = builtIn({
  ...CONFIG_MAP_NAMES,
  shortNames: ['cm'],
  columns: [NAME, countColumn('Data', 'How many keys it holds.', 'data', 'binaryData'), AGE],
  unconditionalUpdate: true,
  description: 'Values that programs are set up with.',
  properties: CONFIG_MAP,
  decode: (object) => {
    const { binaryData, ...rest } = object;
    if (binaryData === undefined) return object;
    return { ...rest, binaryData: decoded(CONFIG_MAP_NAMES, mapOf(object, 'binaryData')) } as Draft;
  },
  check: checkConfigMap,
});

function mapOf(object: Json, field: string): Readonly<Record<string, string>> {
  const value = object[field];
  return isRecord(value) ? (value as Readonly<Record<string, string>>) : {};
}

function decodeSecret(object: Draft): Draft {
  const { stringData, data, ...rest } = object;
  const encoded = Object.entries(mapOf(object, 'stringData')).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  const merged = { ...decoded(SECRET_NAMES, mapOf(object, 'data')), ...Object.fromEntries(encoded) };
  const kept = data === undefined && encoded.length === 0 ? {} : { data: merged };
  return { ...rest, ...kept, type: object['type'] === undefined ? 'Opaque' : object['type'] } as Draft;
}

/** The values in the one way of writing them. Throws 400 where one is no base64. */
function decoded(kind: Named, data: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(data).map(([key, value]) => {
    const position = base64Error(value);
    if (position !== undefined) throw undecodable(kind, `illegal base64 data at input byte ${position}`);
    return [key, canonicalBase64(value)];
  });
  return Object.fromEntries(entries);
}

function checkSecret(object: Draft, old: ApiObject | undefined): readonly cause.Cause[] {
  const data = mapOf(object, 'data');
  const type = String(object['type']);
  return [
    ...checkKeys('data', data),
    ...(sizeOf(data, 'base64') > MAX_BYTES ? [cause.tooLong('data', MAX_BYTES)] : []),
    ...missingKeys(type, data).map((key) => cause.required(`data[${key}]`)),
    ...checkDockerConfig(type, data),
    ...checkServiceAccountToken(object, type),
    ...immutable('type', object, old),
    ...checkFrozen(object, old, ['data']),
  ];
}

/** basic-auth needs one of its keys, the others all. */
function missingKeys(type: string, data: Readonly<Record<string, string>>): readonly string[] {
  const missing = (NEEDED_KEYS[type] ?? []).filter((key) => !(key in data));
  return type === BASIC_AUTH && missing.length === 1 ? [] : missing;
}

/** They have to be JSON, and what is wrong with them is told without them. */
function checkDockerConfig(type: string, data: Readonly<Record<string, string>>): readonly cause.Cause[] {
  const [key = ''] = /docker/.test(type) ? (NEEDED_KEYS[type] ?? []) : [];
  const value = data[key];
  const why = value === undefined ? undefined : noObject(Buffer.from(value, 'base64').toString('utf8'));
  return why === undefined ? [] : [cause.invalid(`data[${key}]`, '<secret contents redacted>', why)];
}

function noObject(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || isRecord(value)) return undefined;
    return `json: cannot unmarshal ${jsonType(value)} into Go value of type map[string]interface {}`;
  } catch (error) {
    return jsonComplaint(text, String(error));
  }
}

function checkServiceAccountToken(object: Draft, type: string): readonly cause.Cause[] {
  const annotation = 'kubernetes.io/service-account.name';
  const named = (object.metadata.annotations?.[annotation] ?? '') !== '';
  if (type !== 'kubernetes.io/service-account-token' || named) return [];
  return [cause.required(`metadata.annotations[${annotation}]`)];
}

function checkConfigMap(object: Draft, old: ApiObject | undefined): readonly cause.Cause[] {
  const data = mapOf(object, 'data');
  const binary = mapOf(object, 'binaryData');
  const twice = Object.keys(data).filter((key) => key in binary);
  return [
    ...checkKeys('data', data),
    ...twice.map((key) => cause.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...checkKeys('binaryData', binary),
    ...(sizeOf(data, 'utf8') + sizeOf(binary, 'base64') > MAX_BYTES ? [cause.tooLong('[]', MAX_BYTES)] : []),
    ...checkFrozen(object, old, ['data', 'binaryData']),
  ];
}

function checkKeys(field: string, data: Readonly<Record<string, string>>): readonly cause.Cause[] {
  return Object.keys(data).flatMap((key) =>
    keyErrors(key).map((why) => cause.invalid(`${field}[${key}]`, key, why)),
  );
}

/** A key may become the name of a file. */
function keyErrors(key: string): readonly string[] {
  const up = key === '.' || key === '..' ? `must not be '${key}'` : `must not start with '..'`;
  return [
    ...(key.length > 253 ? ['must be no more than 253 characters'] : []),
    ...(KEY.test(key) ? [] : [KEY_RULE]),
    ...(key === '.' || key.startsWith('..') ? [up] : []),
  ];
}

function sizeOf(data: Readonly<Record<string, string>>, encoding: BufferEncoding): number {
  return Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, encoding), 0);
}

function checkFrozen(
  object: Draft,
  old: ApiObject | undefined,
  fields: readonly string[],
): readonly cause.Cause[] {
  if (old?.['immutable'] !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  const changed = fields.filter((field) => !isDeepStrictEqual(mapOf(object, field), mapOf(old, field)));
  const lifted = object['immutable'] === true ? [] : ['immutable'];
  return [...lifted, ...changed].map((field) => cause.forbidden(field, why));
}
