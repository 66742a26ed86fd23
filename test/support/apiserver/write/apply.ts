/** PATCH with a configuration: server-side apply. Creates what is not there. */

import { applyConfiguration } from '../fields/apply.ts';
import { misfits } from '../fields/check.ts';
import { compare, spokenFor } from '../fields/describe.ts';
import { type Entry, entriesOf, nonEmpty, owned, type Writer } from '../fields/managers.ts';
import { difference, type FieldSet, NOTHING } from '../fields/set.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { type ApiObject, at, isRecord, type Json, storedKey, timestamp } from '../objects.ts';
import { goJson } from '../schema/json.ts';
import { badRequest, conflict, notFound, unnamed } from '../status.ts';
import type { World } from '../world.ts';
import { create, type Written } from './create.ts';
import { type Address, draftOf } from './draft.ts';
import { unappliable } from './echo.ts';
import type { WriteOptions } from './options.ts';
import { reached } from './owners.ts';
import { revise, type Target } from './update.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function apply(world: World, target: Target, body: Json, options: WriteOptions): Written {
  const { kind, namespace, name, subresource } = target;
  checkType(kind, body);
  const address: Address = { name, ...(namespace === undefined ? {} : { namespace }) };
  const { metadata } = draftOf(kind, address, body);
  if (at(body, 'metadata', 'managedFields') !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const stored = world.storage.get(kind.bucket, storedKey(namespace, name));
  if (stored === undefined && subresource !== '') throw notFound(kind, name);
  if (stored === undefined && metadata.uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`;
    throw conflict(kind, name, why);
  }
  checkShape(kind, body);
  const applied = configurationOf(kind, subresource, body);
  try {
    if (stored === undefined) return createApplied(world, target, address, applied, options);
    return changeApplied(world, target, address, stored, applied, options);
  } catch (error) {
    throw unappliable(kind, error, body);
  }
}

function checkType(kind: Kind, body: Json): void {
  const [apiVersion, name] = [String(body['apiVersion'] ?? ''), String(body['kind'] ?? '')];
  if (apiVersion === apiVersionOf(kind) && name === kind.kind) return;
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
  throw badRequest(`invalid object type: ${version}, Kind=${name}`);
}

function checkShape(kind: Kind, body: Json): void {
  const wrong = misfits(body, kind.schema);
  if (wrong.length === 0) return;
  const [namespace, name] = ['namespace', 'name'].map((field) => at(body, 'metadata', field) ?? '');
  const who = `${namespace}/${name}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;
  const what = wrong.length === 1 ? wrong[0] : `errors:\n  ${wrong.join('\n  ')}`;
  throw unnamed(`failed to create typed patch object (${who}): ${what}`);
}

/** The part of the configuration that a write through the subresource reaches, with what tells the object. */
function configurationOf(kind: Kind, subresource: Target['subresource'], body: Json): Json {
  const { apiVersion, kind: name, metadata } = body;
  const { status, ...main } = body;
  if (subresource === '') return kind.status || status === undefined ? main : body;
  const told = Object.entries(isRecord(metadata) ? metadata : {});
  const identity = told.filter(([field]) => ['name', 'namespace', 'uid', 'resourceVersion'].includes(field));
  const kept = status === undefined ? {} : { status };
  return { apiVersion, kind: name, metadata: Object.fromEntries(identity), ...kept };
}

function writerOf({ kind, subresource }: Target, { manager }: WriteOptions): Writer {
  return { manager, operation: 'Apply', apiVersion: apiVersionOf(kind), subresource };
}

function createApplied(
  world: World,
  target: Target,
  address: Address,
  applied: Json,
  options: WriteOptions,
): Written {
  const { kind } = target;
  const { entries } = applyConfiguration({
    ...{ live: {}, applied, schema: kind.schema, entries: [], force: options.force },
    ...{ writer: writerOf(target, options), time: timestamp(world.now()) },
  });
  const metadata = { ...(applied['metadata'] as Json), resourceVersion: '' };
  return create(world, kind, address, { ...applied, metadata }, { ...options, owners: entries });
}

function changeApplied(
  world: World,
  target: Target,
  address: Address,
  stored: ApiObject,
  applied: Json,
  options: WriteOptions,
): Written {
  const { kind } = target;
  const live = { ...kind.show(kind.complete(stored)), apiVersion: apiVersionOf(kind) };
  const entries = entriesOf(stored.metadata.managedFields) ?? beforeFirstApply(world, target, stored);
  const isKubectl = options.manager === 'kubectl' && lastApplied(live) !== undefined;
  const { object, entries: owners } = applyConfiguration({
    ...{ live, applied, schema: kind.schema, entries, force: options.force },
    ...{ writer: writerOf(target, options), time: timestamp(world.now()) },
    allowed: isKubectl ? unchangedSinceApplied(kind, live) : NOTHING,
  });
  const next = isKubectl ? withLastApplied(object as Json, applied) : (object as Json);
  return revise(world, target, stored, draftOf(kind, address, next), { ...options, owners });
}

/** What nobody owned until now belongs to whoever wrote it, under a name of the server's. */
function beforeFirstApply(world: World, target: Target, stored: ApiObject): readonly Entry[] {
  const { kind, subresource } = target;
  const object = reached(kind, subresource, kind.complete(stored));
  const fields = owned(compare({}, object, kind.schema).changed);
  const writer: Writer = {
    ...writerOf(target, { manager: 'before-first-apply' } as WriteOptions),
    operation: 'Update',
  };
  return nonEmpty([{ ...writer, time: timestamp(world.now()), fields }]);
}

function lastApplied(object: Json): Json | undefined {
  const text = at(object, 'metadata', 'annotations', LAST_APPLIED);
  if (typeof text !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * kubectl, when it goes over from client-side to server-side apply, may take what it applied itself: the fields of the
 * annotation that nobody changed since.
 */
function unchangedSinceApplied(kind: Kind, live: Json): FieldSet {
  const former = lastApplied(live) ?? {};
  const { changed, removed } = compare(former, live, kind.schema);
  return difference(difference(spokenFor(former, kind.schema), changed), removed);
}

function withLastApplied(object: Json, applied: Json): Json {
  const metadata = at(object, 'metadata') as Json;
  const annotations = { ...(metadata['annotations'] as Json), [LAST_APPLIED]: `${goJson(applied)}\n` };
  return { ...object, metadata: { ...metadata, annotations } };
}
