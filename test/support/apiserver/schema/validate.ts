/**
 * The walk over an object and its schema. An error below a value that did not change is dropped (ratcheting).
 * `matched` counts passed checks: among failed alternatives of anyOf and oneOf the best one speaks.
 */
import { type Cause, invalid, required } from './causes.ts';
import {
  checkEnum,
  checkFormat,
  checkItemCount,
  checkNumber,
  checkPropertyCount,
  checkString,
  checkType,
  fieldOf,
  type Site,
} from './checks.ts';
import type { Correlation } from './correlate.ts';
import { goQuote, type Json, type JsonObject, own } from './json.ts';
import type { SchemaNode } from './node.ts';
import type { Matcher } from './regexp.ts';

export type Verdict = Readonly<{ causes: readonly Cause[]; matched: number }>;

export type Walk = Readonly<{ matches: Matcher }>;

const FINE: Verdict = { causes: [], matched: 0 };

function merge(verdicts: readonly Verdict[]): Verdict {
  return {
    causes: verdicts.flatMap((v) => v.causes),
    matched: verdicts.reduce((sum, v) => sum + v.matched + 1, 0),
  };
}

const plain = (causes: readonly Cause[]): Verdict => ({ causes, matched: 0 });

function junctor(site: Site, what: string): Cause {
  return invalid(site.prefix, '', `${goQuote(site.name)} ${what}`);
}

function best(failures: readonly Verdict[]): readonly Cause[] {
  return failures.reduce((a, b) => (b.matched > a.matched ? b : a), failures[0] ?? FINE).causes;
}

function anyOf(alternatives: readonly Verdict[], site: Site): readonly Cause[] {
  if (alternatives.length === 0 || alternatives.some((v) => v.causes.length === 0)) return [];
  return [junctor(site, 'must validate at least one schema (anyOf)'), ...best(alternatives)];
}

function oneOf(alternatives: readonly Verdict[], site: Site): readonly Cause[] {
  const valid = alternatives.filter((v) => v.causes.length === 0).length;
  if (alternatives.length === 0 || valid === 1) return [];
  const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
  return [
    junctor(site, `must validate one and only one schema (oneOf). ${found}`),
    ...(valid === 0 ? best(alternatives) : []),
  ];
}

function allOf(parts: readonly Verdict[], site: Site): readonly Cause[] {
  const failed = parts.filter((v) => v.causes.length > 0);
  if (failed.length === 0) return [];
  const none = failed.length === parts.length ? '. None validated' : '';
  return [...failed.flatMap((v) => v.causes), junctor(site, `must validate all the schemas (allOf)${none}`)];
}

function checkJunctors(walk: Walk, node: SchemaNode, value: Json, site: Site, pair?: Correlation): Verdict {
  const each = (nodes: readonly SchemaNode[] = []) =>
    nodes.map((n) => checkValue(walk, n, value, site, pair));
  const refused = node.not !== undefined && checkValue(walk, node.not, value, site, pair).causes.length === 0;
  return plain([
    ...anyOf(each(node.anyOf), site),
    ...oneOf(each(node.oneOf), site),
    ...allOf(each(node.allOf), site),
    ...(refused ? [junctor(site, 'must not validate the schema (not)')] : []),
  ]);
}

/** One value inside another: judged, and forgiven if it is what it was. */
export function checkInner(
  walk: Walk,
  node: SchemaNode,
  value: Json,
  site: Site,
  pair?: Correlation,
): Verdict {
  const verdict = checkValue(walk, node, value, site, pair);
  return verdict.causes.length > 0 && pair?.unchanged === true ? { ...verdict, causes: [] } : verdict;
}

function checkItems(
  walk: Walk,
  node: SchemaNode,
  value: readonly Json[],
  site: Site,
  pair?: Correlation,
): Verdict {
  const { items } = node;
  const inner =
    items === undefined
      ? []
      : value.map((item, i) =>
          checkInner(walk, items, item, { ...site, name: `${site.name}[${i}]` }, pair?.index(i)),
        );
  return merge([...inner, plain(checkItemCount(node, value.length, site))]);
}

function checkProperties(
  walk: Walk,
  node: SchemaNode,
  value: JsonObject,
  site: Site,
  pair?: Correlation,
): Verdict {
  const { properties = {}, additionalProperties, required: names = [] } = node;
  const verdicts = [plain(checkPropertyCount(node, Object.keys(value).length, site))];
  const visit = (name: string, entry: Json, inner: SchemaNode, path: string) =>
    verdicts.push(checkInner(walk, inner, entry, { ...site, name: path }, pair?.key(name)));
  for (const [name, entry] of Object.entries(value)) {
    if (typeof additionalProperties === 'object' && own(properties, name) === undefined) {
      visit(name, entry, additionalProperties, `${site.name}.${name}`);
    }
  }
  for (const [name, inner] of Object.entries(properties)) {
    const entry = own(value, name);
    if (entry !== undefined) visit(name, entry, inner, site.name === '' ? name : `${site.name}.${name}`);
  }
  const missing = names.filter((name) => own(value, name) === undefined);
  const causes = missing.map((name) => required(fieldOf({ ...site, name: `${site.name}.${name}` })));
  return merge([...verdicts, plain(causes)]);
}

function checkContent(
  walk: Walk,
  node: SchemaNode,
  value: Json,
  site: Site,
  pair?: Correlation,
): readonly Verdict[] {
  if (typeof value === 'string') {
    return [plain(checkString(node, value, site, walk.matches)), plain(checkFormat(node, value, site))];
  }
  if (typeof value === 'number') return [plain(checkNumber(node, value, site))];
  if (Array.isArray(value)) return [checkItems(walk, node, value, site, pair)];
  if (typeof value === 'object' && value !== null) return [checkProperties(walk, node, value, site, pair)];
  return [];
}

/** Judges a value and everything in it; `pair` correlates it with the value that it replaces. */
export function checkValue(
  walk: Walk,
  node: SchemaNode,
  value: Json,
  site: Site,
  pair?: Correlation,
): Verdict {
  const type = plain(checkType(node, value, site));
  const allowed = plain(checkEnum(node, value, site));
  if (value === null) return merge([type, allowed]);
  return merge([
    type,
    checkJunctors(walk, node, value, site, pair),
    ...checkContent(walk, node, value, site, pair),
    allowed,
  ]);
}
