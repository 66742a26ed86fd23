/** Which requests a policy or a binding is about. */

import type { Kind } from '../kinds/kind.ts';
import { type ApiObject, at, type Draft, isRecord, type Json } from '../objects.ts';
import { listOf } from './policies.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

export type Attributes = Readonly<{
  operation: Operation;
  kind: Kind;
  namespace?: string;
  name: string;
  subresource: '' | 'status';
  /** Absent for a deletion. */
  object?: Draft;
  /** Absent for a creation. */
  old?: ApiObject;
  dryRun: boolean;
}>;

/** `namespace` is the object of the request's namespace, or the namespace that the request is about. */
export function isAbout(resources: Json, attributes: Attributes, namespace: ApiObject | undefined): boolean {
  const rules = listOf(resources['resourceRules']);
  const excluded = listOf(resources['excludeResourceRules']);
  const covers = (rule: Json) => isCovered(rule, attributes);
  return (
    selects(resources['namespaceSelector'], namespace?.metadata.labels, namespace === undefined) &&
    selectsObject(resources['objectSelector'], attributes) &&
    !excluded.some(covers) &&
    (rules.length === 0 || rules.some(covers))
  );
}

function isCovered(rule: Json, { operation, kind, namespace, name, subresource }: Attributes): boolean {
  const names = wordsOf(rule['resourceNames']);
  const scope = rule['scope'] ?? '*';
  return (
    holds(rule['apiGroups'], kind.group) &&
    holds(rule['apiVersions'], kind.version) &&
    holds(rule['operations'], operation) &&
    wordsOf(rule['resources']).some((resource) => isNamed(resource, kind.plural, subresource)) &&
    (names.length === 0 || names.includes(name)) &&
    (scope === '*' || scope === (namespace === undefined ? 'Cluster' : 'Namespaced'))
  );
}

/** A plural or a star, alone or before a slash and a subresource or a star. */
function isNamed(resource: string, plural: string, subresource: string): boolean {
  const [name = '', sub = ''] = resource.split('/');
  return (name === '*' || name === plural) && (sub === '*' || sub === subresource);
}

function holds(value: unknown, wanted: string): boolean {
  return wordsOf(value).some((word) => word === '*' || word === wanted);
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** The object as it was, or as it will be. */
function selectsObject(selector: unknown, { object, old }: Attributes): boolean {
  if (!isRecord(selector) || Object.keys(selector).length === 0) return true;
  return [object, old].some((one) => one !== undefined && selects(selector, one.metadata.labels, false));
}

/** What has no labels at all, because it belongs to no namespace, is selected whatever the selector says. */
export function selects(
  selector: unknown,
  labels: Readonly<Record<string, string>> | undefined,
  isBeyond: boolean,
): boolean {
  if (isBeyond || !isRecord(selector)) return true;
  const given = labels ?? {};
  const labelOf = (key: unknown) => (Object.hasOwn(given, String(key)) ? given[String(key)] : undefined);
  const pairs = Object.entries(isRecord(selector['matchLabels']) ? selector['matchLabels'] : {});
  return (
    pairs.every(([key, value]) => labelOf(key) === value) &&
    listOf(selector['matchExpressions']).every((expression) => {
      const value = labelOf(expression['key']);
      const operator = at(expression, 'operator');
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      const isIn = value !== undefined && wordsOf(expression['values']).includes(value);
      return isIn === (operator === 'In');
    })
  );
}
