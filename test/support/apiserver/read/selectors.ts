/** Label and field selectors of lists and watches. */

import type { Kind } from '../kinds/kind.ts';
import type { ApiObject } from '../objects.ts';
import { badRequest } from '../status.ts';

export type Matches = (object: ApiObject) => boolean;
type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

const KEY = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?';
const VALUE = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?';
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const ORDER = new RegExp(`^(${KEY})\\s*([<>])\\s*(-?[0-9]+)$`);
const PRESENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

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

export function labelSelector(text: string): Matches {
  // A comma inside parentheses separates values, not requirements.
  const requirements = text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .map(requirement);
  return ({ metadata }) => requirements.every((holds) => holds(metadata.labels ?? {}));
}

function requirement(part: string): Requirement {
  const found = equality(part) ?? membership(part) ?? order(part) ?? presence(part);
  if (found === undefined) {
    const [first = '', second = ''] = part.split(/\s+/);
    const expected = second === '' ? 'identifier' : 'in, notin, =, ==, !=, gt, lt';
    throw badRequest(`unable to parse requirement: found '${second || first}', expected: ${expected}`);
  }
  return found;
}

function equality(part: string): Requirement | undefined {
  const [, key, operator, value] = EQUALITY.exec(part) ?? [];
  if (key === undefined) return undefined;
  return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
}

function membership(part: string): Requirement | undefined {
  const [, key, operator, list] = SET.exec(part) ?? [];
  if (key === undefined || list === undefined) return undefined;
  const values = new Set(list.split(',').map((value) => value.trim()));
  const isIn = (labels: Labels) => labels[key] !== undefined && values.has(labels[key]);
  return operator === 'in' ? isIn : (labels) => !isIn(labels);
}

function order(part: string): Requirement | undefined {
  const [, key, operator, bound] = ORDER.exec(part) ?? [];
  if (key === undefined) return undefined;
  const sign = operator === '>' ? 1 : -1;
  return (labels) => {
    const value = labels[key];
    return value !== undefined && /^-?[0-9]+$/.test(value) && sign * (Number(value) - Number(bound)) > 0;
  };
}

function presence(part: string): Requirement | undefined {
  const [, not, key] = PRESENCE.exec(part) ?? [];
  if (key === undefined) return undefined;
  return not === '!' ? (labels) => !(key in labels) : (labels) => key in labels;
}

export function fieldSelector(kind: Kind, text: string): Matches {
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
  throw badRequest(`field label not supported: ${field}`);
}
