/**
 * Bodies in Kubernetes' protobuf: an envelope that names the kind, and the object in it. kubectl sends what it creates by
 * name this way; nothing is ever answered in it.
 */

import { DELETE_OPTIONS, type Field, type FieldType, MESSAGES, type Message } from './messages.ts';
import { type WireField, wireFields } from './wire.ts';

const MAGIC = Buffer.from('k8s\0');

type Value = string | number | boolean | Readonly<{ [name: string]: unknown }> | undefined;

/** The object as JSON would have it; undefined where it is none of those that are known here, or is not to be read. */
export function decodeProtobuf(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  try {
    return decodeEnvelope(body.subarray(MAGIC.length));
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function decodeEnvelope(envelope: Buffer): Readonly<Record<string, unknown>> | undefined {
  const outer = wireFields(envelope);
  const [apiVersion, kind] = [1, 2].map((number) => {
    const found = wireFields(bytesOf(outer, 1)).find((field) => field.number === number);
    return String(found?.value ?? '');
  });
  const message = kind === 'DeleteOptions' ? DELETE_OPTIONS : MESSAGES[`${apiVersion}/${kind}`];
  return message === undefined
    ? undefined
    : { apiVersion, kind, ...decodeMessage(message, bytesOf(outer, 2)) };
}

function bytesOf(fields: readonly WireField[], number: number): Buffer {
  const value = fields.find((field) => field.number === number)?.value;
  return typeof value === 'object' ? value : Buffer.alloc(0);
}

/** What is empty is left out: Go's encoder writes every text, and every message, even where there is none. */
function decodeMessage({ fields }: Message, bytes: Buffer): Readonly<Record<string, unknown>> {
  const decoded: Record<string, unknown> = {};
  for (const { number, value } of wireFields(bytes)) {
    const field = fields[number];
    if (field !== undefined) add(decoded, field, value);
  }
  return decoded;
}

function add(decoded: Record<string, unknown>, { name, type, many }: Field, value: bigint | Buffer): void {
  if (many === 'map') {
    const [key = '', entry] = mapEntry(type, value as Buffer);
    decoded[name] = { ...(decoded[name] as object | undefined), [key]: entry };
    return;
  }
  const single = decodeValue(type, value);
  if (many === 'list') decoded[name] = [...((decoded[name] as unknown[] | undefined) ?? []), single ?? ''];
  else if (single !== undefined) decoded[name] = single;
}

function mapEntry(type: FieldType, bytes: Buffer): readonly [string, Value] {
  const fields = wireFields(bytes);
  const key = bytesOf(fields, 1).toString('utf8');
  return [key, decodeValue(type, bytesOf(fields, 2)) ?? ''];
}

function decodeValue(type: FieldType, value: bigint | Buffer): Value {
  if (typeof value === 'bigint') return type === 'flag' ? value !== 0n : Number(value);
  if (type === 'time') return timeOf(value);
  if (type === 'text') return value.length === 0 ? undefined : value.toString('utf8');
  if (type === 'bytes') return value.toString('base64');
  if (typeof type === 'string') return undefined;
  const inner = decodeMessage(type, value);
  return Object.keys(inner).length === 0 ? undefined : inner;
}

/** Whole seconds; the zero time is written as a message without fields. */
function timeOf(bytes: Buffer): string | undefined {
  const seconds = wireFields(bytes).find(({ number }) => number === 1)?.value;
  if (typeof seconds !== 'bigint') return undefined;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}
