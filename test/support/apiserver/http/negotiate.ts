/** Which form the Accept header asks for. */

import type { Kind } from '../kinds/kind.ts';
import type { Form } from '../read/represent.ts';
import { MEDIA_TYPES, notAcceptable, notProduced, unnamed } from '../status.ts';
import { TABLE, tableForm } from '../table/table.ts';
import { type MediaType, mediaTypes } from './accept.ts';
import type { Request } from './message.ts';

/** What the answer holds: one object, a list of them, or a stream of single objects. */
export type Shape = 'item' | 'list' | 'watch';

const JSON_TYPES = ['application/json', 'application/*', '*/*'];
const KNOWN_TYPES = [...JSON_TYPES, ...MEDIA_TYPES.split(', ')];
const STREAMS = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

/**
 * What the first media type that can be understood asks for. Throws where there is none, and where it asks for
 * metadata in the other shape: no later media type mends that.
 */
export function formFor(kind: Kind, { headers, query }: Request, shape: Shape): Form {
  const offers = mediaTypes(headers.accept);
  if (kind.builtIn && !offers.some(({ type }) => KNOWN_TYPES.includes(type))) {
    throw notProduced(shape === 'item' ? [] : STREAMS);
  }
  for (const offer of offers.filter(({ type }) => JSON_TYPES.includes(type))) {
    if (!offer.parameters.has('as')) return 'object';
    if (isTable(offer)) return tableForm(query.get('includeObject'));
    const asked = metadataKind(offer);
    if (asked !== undefined) return metadataForm(kind, asked, shape);
  }
  throw notAcceptable(`only the following media types are accepted: ${MEDIA_TYPES}`);
}

function metadataForm(kind: Kind, asked: string, shape: Shape): Form {
  const wantsList = asked === 'PartialObjectMetadataList';
  if (wantsList === (shape === 'list')) return 'metadata';
  if (wantsList && !kind.builtIn) throw unnamed('content is not a list');
  const [is, goKind] = wantsList ? ['not a list', kind.kind] : ['a list', kind.listKind];
  const goType = kind.builtIn ? `*core.${goKind}` : '*unstructured.UnstructuredList';
  throw notAcceptable(`you requested ${asked}, but the requested object is ${is} (${goType})`);
}

function isTable({ parameters }: MediaType): boolean {
  return parameters.get('as') === TABLE.kind && groupVersion(parameters) === TABLE.apiVersion;
}

function groupVersion(parameters: ReadonlyMap<string, string>): string {
  return `${parameters.get('g')}/${parameters.get('v')}`;
}

function metadataKind({ parameters }: MediaType): string | undefined {
  const kind = parameters.get('as') ?? '';
  const known = /^PartialObjectMetadata(List)?$/.test(kind);
  return known && groupVersion(parameters) === 'meta.k8s.io/v1' ? kind : undefined;
}
