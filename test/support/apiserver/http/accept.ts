/** The media types of an Accept header, in the order in which they stand. */

export type MediaType = Readonly<{ type: string; parameters: ReadonlyMap<string, string> }>;

/** Quality values are not looked at: no client of this API sends them in another order than they stand. */
export function mediaTypes(accept: string | undefined): readonly MediaType[] {
  return (accept === undefined || accept === '' ? 'application/json' : accept).split(',').map(mediaType);
}

function mediaType(text: string): MediaType {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const pairs = parameters.map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=');
    return [name, value];
  });
  return { type, parameters: new Map(pairs.filter(([name]) => name !== 'q')) };
}
