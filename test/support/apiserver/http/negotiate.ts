/** Which form the Accept header asks for. */

import type { Form } from '../read/represent.ts';
import { notAcceptable } from '../status.ts';

/** What the answer holds: one object, a list of them, or a stream of single objects. */
export type Shape = 'item' | 'list' | 'watch';

type MediaType = Readonly<{ type: string; parameters: ReadonlyMap<string, string> }>;

const JSON_TYPES = ['application/json', 'application/*', '*/*'];

/** The first media type that can be given; throws 406 where there is none. */
export function formFor(accept: string | undefined, shape: Shape): Form {
  const offers = (accept ?? 'application/json').split(',').map(mediaType);
  const forms = offers.map((offer) => formOf(offer, shape));
  const found = forms.find((form) => form !== undefined);
  if (found !== undefined) return found;
  const misfit = offers.map(metadataKind).find((kind) => kind !== undefined);
  if (misfit === undefined) {
    throw notAcceptable('only the following media types are accepted: application/json');
  }
  const is = shape === 'list' ? 'a list' : 'not a list';
  throw notAcceptable(`you requested ${misfit}, but the requested object is ${is}`);
}

function mediaType(text: string): MediaType {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const pairs = parameters.map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=');
    return [name, value];
  });
  return { type, parameters: new Map(pairs) };
}

function formOf(offer: MediaType, shape: Shape): Form | undefined {
  if (!JSON_TYPES.includes(offer.type)) return undefined;
  if (!offer.parameters.has('as')) return 'object';
  const fitting = shape === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return metadataKind(offer) === fitting ? 'metadata' : undefined;
}

function metadataKind({ parameters }: MediaType): string | undefined {
  const kind = parameters.get('as') ?? '';
  const known = /^PartialObjectMetadata(List)?$/.test(kind) && parameters.get('g') === 'meta.k8s.io';
  return known && parameters.get('v') === 'v1' ? kind : undefined;
}
