/** The keywords that say how lists and maps merge, and what they ask of items and keys. */
import { type Cause, child, forbidden, invalid, key, notSupported, required } from './causes.ts';
import type { SchemaNode } from './node.ts';

function needsType(node: SchemaNode, at: string, keyword: string, type: string): readonly Cause[] {
  if (node.type === type) return [];
  const detail = `must be ${type} if ${keyword} is specified`;
  return node.type === undefined
    ? [required(child(at, 'type'), detail)]
    : [invalid(child(at, 'type'), node.type, detail)];
}

export function checkMapType(node: SchemaNode, at: string): readonly Cause[] {
  const type = node['x-kubernetes-map-type'];
  if (type === undefined) return [];
  const known = ['atomic', 'granular'];
  return [
    ...needsType(node, at, 'x-kubernetes-map-type', 'object'),
    ...(known.includes(type) ? [] : [notSupported(child(at, 'x-kubernetes-map-type'), type, known)]),
  ];
}

function setItems(node: SchemaNode, at: string): readonly Cause[] {
  const { items } = node;
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const itemList = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && itemList !== undefined && itemList !== 'atomic') {
    return [invalid(child(at, 'items.x-kubernetes-list-type'), itemList, detail)];
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalid(child(at, 'items.x-kubernetes-map-type'), itemList ?? null, detail)];
  }
  return [];
}

function mapKey(node: SchemaNode, items: SchemaNode, name: string, at: string): readonly Cause[] {
  const property = items.properties?.[name];
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  if (property === undefined) {
    const path = child(at, 'x-kubernetes-list-map-keys');
    return [invalid(path, keys, 'entries must all be names of item properties')];
  }
  const path = key(child(at, 'items.properties'), name);
  const causes: Cause[] = [];
  if (property.type === 'array' || property.type === 'object') {
    const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
    causes.push(invalid(child(path, 'type'), items.type, detail));
  }
  if (items.required?.includes(name) !== true && property.default === undefined) {
    const detail =
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    causes.push(required(child(path, 'default'), detail));
  }
  if (property.nullable === true) {
    const detail = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
    causes.push(forbidden(child(path, 'nullable'), detail));
  }
  return causes;
}

function mapItems(node: SchemaNode, at: string): readonly Cause[] {
  const { items } = node;
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  const causes: Cause[] = [];
  if (keys.length === 0) {
    const detail = 'must not be empty if x-kubernetes-list-type is map';
    causes.push(required(child(at, 'x-kubernetes-list-map-keys'), detail));
  }
  if (items === undefined) {
    causes.push(required(child(at, 'items'), 'must have a schema if x-kubernetes-list-type is map'));
  } else if (items.type !== 'object') {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    causes.push(invalid(child(at, 'items.type'), items.type ?? '', detail));
  } else {
    causes.push(...keys.flatMap((name) => mapKey(node, items, name, at)));
  }
  if (new Set(keys).size < keys.length) {
    causes.push(invalid(child(at, 'x-kubernetes-list-map-keys'), keys, 'must not contain duplicate entries'));
  }
  return causes;
}

export function checkListType(node: SchemaNode, at: string): readonly Cause[] {
  const type = node['x-kubernetes-list-type'];
  const keys = node['x-kubernetes-list-map-keys'] ?? [];
  const path = child(at, 'x-kubernetes-list-type');
  const needsMap = 'must be map if x-kubernetes-list-map-keys is non-empty';
  if (type === undefined) return keys.length > 0 ? [required(path, needsMap)] : [];
  const causes = [...needsType(node, at, 'x-kubernetes-list-type', 'array')];
  if (!['atomic', 'set', 'map'].includes(type))
    causes.push(notSupported(path, type, ['atomic', 'set', 'map']));
  if (keys.length > 0 && type !== 'map') causes.push(invalid(path, type, needsMap));
  if (type === 'set' && node.type === 'array') causes.push(...setItems(node, at));
  if (type === 'map') causes.push(...mapItems(node, at));
  if (type !== 'atomic' && node.items?.nullable === true) {
    causes.push(
      forbidden(child(at, 'items.nullable'), `cannot be nullable when x-kubernetes-list-type is ${type}`),
    );
  }
  return causes;
}
