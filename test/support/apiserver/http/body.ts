/** Bodies of requests as JSON text, whichever of the three forms they come in. */

import { parse } from 'yaml';
import { decodeProtobuf } from '../protobuf/decode.ts';
import { jsonComplaint } from '../schema/json.ts';
import { badRequest, MEDIA_TYPES, unsupportedMediaType } from '../status.ts';
import type { Request } from './message.ts';

/** The body of a POST or PUT. Throws 415 for another form, and for kinds that are not known in protobuf. */
export async function jsonBody(request: Request): Promise<string> {
  const bytes = await request.bytes();
  switch ((request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim()) {
    case 'application/json':
      return bytes.toString('utf8');
    case 'application/yaml':
      return yamlAsJson(bytes.toString('utf8'));
    case 'application/vnd.kubernetes.protobuf':
      return protobufAsJson(bytes);
    default:
      throw unsupportedMediaType(MEDIA_TYPES);
  }
}

/** Throws 400 for text that is not YAML; `before` comes before the complaint. JSON is YAML, too. */
export function yamlAsJson(text: string, before = ''): string {
  if (isJson(text)) return text;
  try {
    return JSON.stringify(parse(text) ?? null);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw badRequest(`${before}error converting YAML to JSON: yaml: ${why}`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function protobufAsJson(bytes: Buffer): string {
  const object = decodeProtobuf(bytes);
  if (object === undefined) throw unsupportedMediaType(MEDIA_TYPES);
  return JSON.stringify(object);
}

/** Throws 400; `before` and `after` stand around the decoder's complaint. */
export function parsed(text: string, before: string, after = ''): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`${before}${jsonComplaint(text, String(error))}${after}`);
  }
}
