/** What one value must satisfy by itself: type, text, number, count, enum; in the words of kube-openapi. */
import { type Cause, child, invalid, notSupported, tooLong, tooMany, typeInvalid } from './causes.ts';
import { formatCheck } from './formats.ts';
import { deepEqual, goQuote, type Json, typeOf } from './json.ts';
import type { SchemaNode } from './node.ts';
import type { Matcher } from './regexp.ts';

/** Where a value stands: `name` is its path as messages spell it, `prefix` what precedes it in a cause's field. */
export type Site = Readonly<{ prefix: string; name: string }>;

export function fieldOf({ prefix, name }: Site): string {
  const path = name.replace(/^\./, '');
  return path === '' ? prefix : child(prefix, path);
}

export function typesOf(node: SchemaNode): readonly string[] {
  if (node['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return node.type === undefined ? [] : [node.type];
}

/** The format, where the server enforces it for this type. */
function enforcedFormat(node: SchemaNode): string {
  const { format } = node;
  if (format === undefined) return '';
  const [type = ''] = typesOf(node).length === 1 ? typesOf(node) : [];
  if (type === 'integer') return ['int32', 'int64'].includes(format) ? format : '';
  if (type === 'number') return ['float', 'double'].includes(format) ? format : '';
  return (type === '' || type === 'string') && formatCheck(format) !== undefined ? format : '';
}

function wrongType(site: Site, wanted: string, got: string): readonly Cause[] {
  const message = `${site.name} in body must be of type ${wanted}: ${goQuote(got)}`;
  return [typeInvalid(fieldOf(site), got, message)];
}

/** A value of another type than the schema's, told by the schema's format where text could not have that format. */
function mismatch(node: SchemaNode, actual: string, site: Site): readonly Cause[] {
  const types = typesOf(node);
  const format = enforcedFormat(node);
  const numeric = types.includes('number') || types.includes('integer');
  if (actual === 'string' || actual === 'array') {
    return format !== '' && !numeric ? [] : wrongType(site, types.join(','), actual);
  }
  if (format === '') return wrongType(site, types.join(','), actual);
  return wrongType(site, format, { integer: 'int64', number: 'float64' }[actual] ?? '');
}

/** The type check, which is all that a null undergoes beside enum. */
export function checkType(node: SchemaNode, value: Json, site: Site): readonly Cause[] {
  const types = typesOf(node);
  const actual = typeOf(value);
  if (actual === 'null') {
    return types.length > 0 && node.nullable !== true ? wrongType(site, types.join(','), 'null') : [];
  }
  const fits = types.includes(actual) || (actual === 'integer' && types.includes('number'));
  if (fits || (types.length === 0 && enforcedFormat(node) === '')) return [];
  return mismatch(node, actual, site);
}

/** Characters, as Unicode code points. */
const lengthOf = (text: string): number => [...text].length;

export function checkString(node: SchemaNode, value: string, site: Site, matches: Matcher): readonly Cause[] {
  const { maxLength, minLength, pattern } = node;
  if (maxLength !== undefined && lengthOf(value) > maxLength) return [tooLong(fieldOf(site), maxLength)];
  if (minLength !== undefined && lengthOf(value) < minLength) {
    return [invalid(fieldOf(site), value, `${site.name} in body should be at least ${minLength} chars long`)];
  }
  if (pattern !== undefined && pattern !== '' && !matches(pattern, value)) {
    return [invalid(fieldOf(site), value, `${site.name} in body should match '${pattern}'`)];
  }
  return [];
}

export function checkFormat(node: SchemaNode, value: string, site: Site): readonly Cause[] {
  if (node.format === undefined) return [];
  const format = enforcedFormat(node);
  const check = typesOf(node).includes('integer') ? undefined : formatCheck(format);
  return check === undefined || check(value) ? [] : wrongType(site, format, value);
}

/** A fraction is, too. */
function outOfRange(node: SchemaNode, value: number): boolean {
  const format = enforcedFormat(node);
  if (node.type !== 'integer') return false;
  if (!Number.isInteger(value)) return true;
  const limit = format === 'int32' ? 2 ** 31 : 2 ** 63;
  return value >= limit || value < -limit;
}

function limits(node: SchemaNode, value: number): readonly string[] {
  const { maximum, minimum, multipleOf, exclusiveMaximum = false, exclusiveMinimum = false } = node;
  const rules: string[] = [];
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    rules.push(`a multiple of ${multipleOf}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    rules.push(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    rules.push(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  return rules;
}

export function checkNumber(node: SchemaNode, value: number, site: Site): readonly Cause[] {
  const broken = limits(node, value).map((rule) =>
    invalid(fieldOf(site), value, `${site.name} in body should be ${rule}`),
  );
  if (!outOfRange(node, value)) return broken;
  const format = enforcedFormat(node);
  const what = format === '' ? 'integer (default format)' : `integer with format ${format}`;
  return [invalid(site.prefix, '', `Checked value must be of type ${what} in ${site.name}`), ...broken];
}

type Bounds = Readonly<{ min: number | undefined; max: number | undefined; unit: string }>;

function checkCount(count: number, { min, max, unit }: Bounds, site: Site): readonly Cause[] {
  const causes: Cause[] = [];
  if (min !== undefined && count < min) {
    causes.push(invalid(fieldOf(site), count, `${site.name} in body should have at least ${min} ${unit}`));
  }
  if (max !== undefined && count > max) causes.push(tooMany(fieldOf(site), count, max));
  return causes;
}

export function checkItemCount(node: SchemaNode, count: number, site: Site): readonly Cause[] {
  return checkCount(count, { min: node.minItems, max: node.maxItems, unit: 'items' }, site);
}

export function checkPropertyCount(node: SchemaNode, count: number, site: Site): readonly Cause[] {
  return checkCount(count, { min: node.minProperties, max: node.maxProperties, unit: 'properties' }, site);
}

export function checkEnum(node: SchemaNode, value: Json, site: Site): readonly Cause[] {
  const { enum: allowed } = node;
  if (allowed === undefined || allowed.length === 0 || allowed.some((entry) => deepEqual(entry, value)))
    return [];
  return [notSupported(fieldOf(site), value, allowed)];
}
