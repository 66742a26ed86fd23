/**
 * The one thing for which kubectl still reads OpenAPI v2, in protobuf alone: whether a patch takes fieldValidation, before
 * it sends a file of kind List. The document says that of every kind, and nothing else.
 *
 * Field numbers are those of gnostic's OpenAPIv2.proto.
 */

import type { Answer } from '../http/message.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Json } from '../objects.ts';
import { field, message } from '../protobuf/encode.ts';
import { pathsOf } from './paths.ts';

const PATH = '/openapi/v2';
const CONTENT_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Undefined for another path. */
export function openApiV2(kinds: () => readonly Kind[], path: string): Answer | undefined {
  if (path !== PATH) return undefined;
  return { status: 200, bytes: document(kinds()), headers: { 'content-type': CONTENT_TYPE } };
}

function document(kinds: readonly Kind[]): Buffer {
  const items = kinds.flatMap((kind) => Object.entries(pathsOf(kind)));
  const patched = items.flatMap(([path, item]) => {
    const { patch } = item as Readonly<{ patch?: Json }>;
    return patch === undefined ? [] : [namedPath(path, patch)];
  });
  const info = message(field(1, 'Kubernetes'), field(2, 'v1.34.2+embedded'));
  return message(field(1, '2.0'), field(2, info), field(8, message(...patched)));
}

function namedPath(path: string, patch: Json): Buffer {
  const parameters = patch['parameters'] as readonly Readonly<{ name: string; description: string }>[];
  const kind = namedAny('x-kubernetes-group-version-kind', patch['x-kubernetes-group-version-kind']);
  const operation = message(...parameters.map(queryParameter), field(13, kind));
  return field(2, message(field(1, path), field(2, field(8, operation))));
}

function queryParameter({ name, description }: Readonly<{ name: string; description: string }>): Buffer {
  const schema = message(field(2, 'query'), field(3, description), field(4, name), field(6, 'string'));
  return field(8, field(1, field(2, field(3, schema))));
}

/** JSON is YAML, in which extensions are written. */
function namedAny(name: string, value: unknown): Buffer {
  return message(field(1, name), field(2, field(2, JSON.stringify(value))));
}
