/** Which form the Accept header asks for. */

import type { Kind } from '../kinds/kind.ts';
import type { Form } from '../read/represent.ts';
import { MEDIA_TYPES, notAcceptable, unnamed } from '../status.ts';

/** What the answer holds: one object, a list of them, or a stream of single objects. */
export type Shape = 'item' | 'list' | 'watch';

type MediaType = Readonly<{ type: string; parameters: ReadonlyMap<string, string> }>;

const JSON_TYPES = ['application/json', 'application/*', '*/*'];

/**
 * What the first media type that can be understood asks for. Throws where there is none, and where it asks for
 * metadata in the other shape: no later media type mends that.
 */
export function formFor(kind: Kind, accept: string | undefined, shape: Shape): Form {
  const offers = (accept ?? 'application/json').split(',').map(mediaType);
  for (const offer of offers.filter(({ type }) => JSON_TYPES.includes(type))) {
    if (!offer.parameters.has('as')) return 'object';
    const asked = metadataKind(offer);
    if (asked !== undefined) return metadataForm(kind, asked, shape);
  }
  throw notAcceptable(`only the following media types are accepted: ${MEDIA_TYPES}`);
}

function metadataForm(kind: Kind, asked: string, shape: Shape): Form {
  const wantsList = asked === 'PartialObjectMetadataList';
  if (wantsList === (shape === 'list')) return 'metadata';
  if (wantsList) throw unnamed('content is not a list');
  const goType = kind.builtIn ? `*core.${kind.listKind}` : '*unstructured.UnstructuredList';
  throw notAcceptable(`you requested ${asked}, but the requested object is a list (${goType})`);
}

function mediaType(text: string): MediaType {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const pairs = parameters.map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=');
    return [name, value];
  });
  return { type, parameters: new Map(pairs) };
}

function metadataKind({ parameters }: MediaType): string | undefined {
  const kind = parameters.get('as') ?? '';
  const known = /^PartialObjectMetadata(List)?$/.test(kind) && parameters.get('g') === 'meta.k8s.io';
  return known && parameters.get('v') === 'v1' ? kind : undefined;
}
