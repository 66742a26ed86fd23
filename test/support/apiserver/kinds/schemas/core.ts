/** The kinds of the core group that this server has, Events apart. */

import {
  always,
  atomic,
  bytes,
  CORE,
  fields,
  flag,
  keyed,
  mergedBy,
  named,
  needing,
  type Schema,
  text,
  texts,
  time,
} from './fields.ts';

export const OBJECT_REFERENCE = {
  ...named(
    `${CORE}.ObjectReference`,
    fields('Names another object.', {
      apiVersion: text('API version of the object.'),
      fieldPath: text('The part of the object that is meant, such as spec.roles[1].'),
      kind: text('Kind of the object.'),
      name: text('Name of the object.'),
      namespace: text('Namespace of the object.'),
      resourceVersion: text('The version of the object that is meant.'),
      uid: text('UID of the object.'),
    }),
  ),
  'x-kubernetes-map-type': 'atomic',
};

const LOCAL_OBJECT_REFERENCE = {
  ...named(
    `${CORE}.LocalObjectReference`,
    fields('Names an object in the same namespace.', { name: text('Name of the object.') }),
  ),
  'x-kubernetes-map-type': 'atomic',
};

type Properties = Readonly<Record<string, Schema>>;

export const SECRET: Properties = {
  data: bytes('The values, in base64. Keys are made of letters, digits, -, _ and . alone.'),
  immutable: flag('Whether data may never change again.'),
  stringData: texts(
    'Values as they are, for writing only: they are stored in data, over values of the same key.',
  ),
  type: text('What the Secret is for; Opaque when absent.'),
};

export const CONFIG_MAP: Properties = {
  binaryData: bytes('Values that are not UTF-8, in base64. No key may be in data as well.'),
  data: texts('The values. Keys are made of letters, digits, -, _ and . alone.'),
  immutable: flag('Whether data and binaryData may never change again.'),
};

export const SERVICE_ACCOUNT: Properties = {
  automountServiceAccountToken: flag('Whether pods that run as this account get a token of it.'),
  imagePullSecrets: atomic('Secrets with which images are pulled.', LOCAL_OBJECT_REFERENCE),
  secrets: mergedBy(
    'name',
    keyed('Secrets that pods that run as this account may use.', 'name', OBJECT_REFERENCE),
  ),
};

const NAMESPACE_CONDITION = named(
  `${CORE}.NamespaceCondition`,
  needing(
    ['type', 'status'],
    fields('What is known of the end of the namespace.', {
      lastTransitionTime: time('When the status changed last.'),
      message: text('What is the matter, for people.'),
      reason: text('What is the matter, in one word.'),
      status: always(text('True, False or Unknown.')),
      type: text('What the condition is about.'),
    }),
  ),
);

export const NAMESPACE: Properties = {
  spec: always(
    named(
      `${CORE}.NamespaceSpec`,
      fields('How the namespace behaves.', {
        finalizers: atomic('Who has something to do before the namespace may go.', { type: 'string' }),
      }),
    ),
  ),
  status: named(
    `${CORE}.NamespaceStatus`,
    fields('What has become of the namespace.', {
      conditions: mergedBy('type', keyed('How far its end has come.', 'type', NAMESPACE_CONDITION)),
      phase: { ...text('Whether it is in use or on its way out.'), enum: ['Active', 'Terminating'] },
    }),
  ),
};
