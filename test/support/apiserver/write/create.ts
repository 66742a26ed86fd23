import { randomInt, randomUUID } from 'node:crypto';
import { admitted } from '../admission/admitted.ts';
import type { Kind } from '../kinds/kind.ts';
import { isTerminating, namespaces } from '../kinds/namespaces.ts';
import { type ApiObject, type Draft, type Json, storedKey, timestamp } from '../objects.ts';
import { alreadyExists, forbidden, notFound, unnamed, warned } from '../status.ts';
import type { World } from '../world.ts';
import { accept } from './admit.ts';
import { type Address, draftOf } from './draft.ts';
import type { WriteOptions } from './options.ts';
import { withOwners } from './owners.ts';

/** What a write answers with. */
export type Written = Readonly<{ status: 200 | 201; object: ApiObject; warnings: readonly string[] }>;

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export function create(
  world: World,
  kind: Kind,
  address: Address,
  body: Json,
  options: WriteOptions,
): Written {
  const draft = draftOf(kind, address, body);
  const name = nameOf(draft, address.name);
  if (kind.refusesCreate !== undefined) throw forbidden(kind, name, kind.refusesCreate);
  if (address.namespace !== undefined) admitToNamespace(world, kind, address.namespace, name);
  if (Number(draft.metadata.resourceVersion ?? 0) !== 0) {
    throw unnamed('resourceVersion should not be set on objects to be created');
  }
  const object = born(world, kind, draft, { ...address, ...(name === '' ? {} : { name }) });
  const { fieldValidation, strictErrors } = options;
  const accepted = admitted(world, accept(kind, { object, fieldValidation, strictErrors, subresource: '' }), {
    ...address,
    operation: 'CREATE',
    kind,
    name,
    subresource: '',
    dryRun: options.dryRun,
  });
  const key = storedKey(address.namespace, name);
  const existing = world.storage.get(kind.bucket, key);
  if (existing !== undefined) {
    const isLeaving = existing.metadata.deletionTimestamp !== undefined;
    throw warned(alreadyExists(kind, name, isLeaving), accepted.warnings);
  }
  const whole = withOwners(
    world,
    {
      kind,
      subresource: '',
      after: withoutDefaultStatus(kind, accepted.object) as ApiObject,
      sent: draft.metadata.managedFields,
    },
    options,
  );
  const stored = options.dryRun ? whole : world.storage.put(kind.bucket, key, whole);
  return { status: 201, object: stored, warnings: accepted.warnings };
}

/** Empty where there is none: that is found out together with whatever else is wrong. */
function nameOf({ metadata }: Draft, fromPath: string | undefined): string {
  const given = metadata.name ?? fromPath;
  if (given !== undefined) return given;
  if (metadata.generateName === undefined) return '';
  const letters = Array.from({ length: 5 }, () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)]);
  return `${metadata.generateName.slice(0, 58)}${letters.join('')}`;
}

/** A custom object is stored without the default of its status: reads fill it in, and the first update stores it. */
function withoutDefaultStatus(kind: Kind, object: Draft): Draft {
  if (kind.builtIn || !kind.status) return object;
  const { status: _default, ...rest } = object;
  return rest as Draft;
}

/** Throws unless the namespace exists and is not on its way out. */
function admitToNamespace(world: World, kind: Kind, namespace: string, name: string): void {
  const found = world.storage.get(namespaces.bucket, namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (!isTerminating(found)) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  throw forbidden(kind, name, why, [
    { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' },
  ]);
}

/** The object with the metadata that only the server gives. The status, decoded like the rest, is no client's to set. */
function born(world: World, kind: Kind, draft: Draft, { namespace, name }: Address): Draft {
  const { labels, annotations, ownerReferences, finalizers, generateName } = draft.metadata;
  return {
    ...draft,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(generateName === undefined ? {} : { generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      uid: randomUUID(),
      creationTimestamp: timestamp(world.now()),
      ...(kind.generation ? { generation: 1 } : {}),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
  };
}
