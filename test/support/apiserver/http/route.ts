/** From a path to what it names. */

export type ResourcePath = Readonly<{
  group: string;
  version: string;
  plural: string;
  namespace?: string;
  name?: string;
  subresource?: string;
}>;

/** Undefined for a path that names no resource. */
export function resourcePath(path: string): ResourcePath | undefined {
  const segments = segmentsOf(path);
  if (segments?.[0] === 'api' && segments.length >= 3) return within('', segments.slice(1));
  if (segments?.[0] === 'apis' && segments.length >= 4) return within(segments[1] ?? '', segments.slice(2));
  return undefined;
}

function segmentsOf(path: string): readonly string[] | undefined {
  try {
    const segments = path.split('/').slice(1).map(decodeURIComponent);
    return segments.includes('') ? undefined : segments;
  } catch {
    return undefined;
  }
}

function within(group: string, [version = '', ...rest]: readonly string[]): ResourcePath | undefined {
  const [first, second, third] = rest;
  const isNamespaced = first === 'namespaces' && third !== undefined && third !== 'status';
  const [plural = '', name, subresource, ...more] = isNamespaced ? rest.slice(2) : rest;
  if (more.length > 0) return undefined;
  return {
    group,
    version,
    plural,
    ...(isNamespaced && second !== undefined ? { namespace: second } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
