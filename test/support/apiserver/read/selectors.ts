/** Label and field selectors of lists and watches. */

import type { Kind } from '../kinds/kind.ts';
import type { ApiObject } from '../objects.ts';
import { type ApiError, badRequest } from '../status.ts';
import { parseLabelSelector } from './label-selector.ts';

export type Matches = (object: ApiObject) => boolean;

/** Throws 400 for a selector that does not parse or a field that the kind does not offer. */
export function selectorOf(kind: Kind, query: URLSearchParams): Matches | undefined {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const tests = [
    ...(labels.trim() === '' ? [] : [labelSelector(labels)]),
    ...(fields.trim() === '' ? [] : [fieldSelector(kind, fields)]),
  ];
  if (tests.length === 0) return undefined;
  return (object) => tests.every((matches) => matches(object));
}

function labelSelector(text: string): Matches {
  const holds = parseLabelSelector(text);
  return ({ metadata }) => holds(metadata.labels ?? {});
}

function fieldSelector(kind: Kind, text: string): Matches {
  const tests = text.split(',').map((part) => {
    const [, field, operator, value = ''] = /^\s*([^=!\s]+)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part) ?? [];
    if (field === undefined) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const read = fieldReader(kind, field);
    return (object: ApiObject) => (read(object) === value) === (operator !== '!=');
  });
  return (object) => tests.every((matches) => matches(object));
}

function fieldReader(kind: Kind, field: string): (object: ApiObject) => string {
  if (field === 'metadata.name') return ({ metadata }) => metadata.name;
  if (field === 'metadata.namespace') return ({ metadata }) => metadata.namespace ?? '';
  const read = Object.hasOwn(kind.fields, field) ? kind.fields[field] : undefined;
  if (read !== undefined) return read;
  throw unknownField(kind, field);
}

/** Kinds without fields of their own, and kinds with some, say it in different words. */
function unknownField(kind: Kind, field: string): ApiError {
  if (!kind.builtIn || Object.keys(kind.fields).length > 0) {
    return badRequest(`field label not supported: ${field}`);
  }
  return badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}
