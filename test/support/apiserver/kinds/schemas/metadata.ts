/** What every object carries: its type, in the server's own words, and its metadata. */

import {
  atomic,
  fields,
  flag,
  keyed,
  long,
  META,
  merged,
  mergedBy,
  named,
  needing,
  type Schema,
  text,
  texts,
  time,
} from './fields.ts';

const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

export const API_VERSION = text(
  `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${CONVENTIONS}#resources`,
);

export const KIND = text(
  `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
);

export const METADATA_DESCRIPTION = `Standard object's metadata. More info: ${CONVENTIONS}#metadata`;
export const LIST_METADATA_DESCRIPTION = `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`;

export const LIST_CONVENTIONS = CONVENTIONS;

const OWNER_REFERENCE = named(`${META}.OwnerReference`, {
  ...needing(
    ['apiVersion', 'kind', 'name', 'uid'],
    fields('Names the object without which this one is to go.', {
      apiVersion: text('API version of the owner.'),
      blockOwnerDeletion: flag('Whether a foreground deletion of the owner waits for this object.'),
      controller: flag('Whether the owner is the one that manages this object; one at most is.'),
      kind: text('Kind of the owner.'),
      name: text('Name of the owner, in the same namespace or in none.'),
      uid: text('UID of the owner.'),
    }),
  ),
  'x-kubernetes-map-type': 'atomic',
});

const MANAGED_FIELDS_ENTRY = named(
  `${META}.ManagedFieldsEntry`,
  fields('Which fields one manager set, and how.', {
    apiVersion: text('The version of the object in which the fields are named.'),
    fieldsType: text('The form of the set of fields: FieldsV1.'),
    fieldsV1: named(`${META}.FieldsV1`, { type: 'object', description: 'The set of fields.' }),
    manager: text('Who set them.'),
    operation: text('Apply or Update.'),
    subresource: text('The subresource through which they were set; none is the object itself.'),
    time: time('When the set, or a field in it, changed last.'),
  }),
);

export const OBJECT_META = named(
  `${META}.ObjectMeta`,
  fields('What every stored object carries beside its own fields.', {
    annotations: texts('Data of tools that keep it with the object. It is not searched by.'),
    creationTimestamp: time('When the object was created. Set by the server.'),
    deletionGracePeriodSeconds: long(
      'How long the object is given to end. Set by the server at the deletion.',
    ),
    deletionTimestamp: time(
      'When the object was asked to go. It goes once its finalizers are gone. Set by the server.',
    ),
    finalizers: merged(
      'Who has something to do before the object may go. Each removes its own entry when done.',
    ),
    generateName: text('The beginning of a name that the server completes, where no name is given.'),
    generation: long('Counts the changes of what is wanted. Set by the server.'),
    labels: texts('What the object is found and grouped by.'),
    managedFields: atomic('Who set which fields. Kept by the server.', MANAGED_FIELDS_ENTRY),
    name: text('What the object is called within its namespace. It cannot be changed.'),
    namespace: text('The namespace that the object lives in. It cannot be changed.'),
    ownerReferences: mergedBy(
      'uid',
      keyed(
        'The objects without which this one is to go: when the last of them is gone, it is collected.',
        'uid',
        OWNER_REFERENCE,
      ),
    ),
    resourceVersion: text(
      'The version of the object, good for comparing and for watching from. Set by the server.',
    ),
    selfLink: text('No longer used.'),
    uid: text('Tells the object from every other of any name or time. Set by the server.'),
  }),
);

export const LIST_META = named(
  `${META}.ListMeta`,
  fields('What a list carries beside its items.', {
    continue: text('Where the next page begins; empty on the last.'),
    remainingItemCount: long('How many items follow on later pages, where that is known.'),
    resourceVersion: text('The version that the list shows, good for watching from.'),
    selfLink: text('No longer used.'),
  }),
);

/** The schema of metadata within an object. */
export const METADATA: Schema = { ...OBJECT_META, description: METADATA_DESCRIPTION };
