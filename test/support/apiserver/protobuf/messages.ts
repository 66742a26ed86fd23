/**
 * The messages that clients send in protobuf: what kubectl creates by name, what it asks about access, and how helm
 * deletes. Field numbers are those of the generated.proto of each API group.
 */

export type FieldType = 'text' | 'bytes' | 'integer' | 'flag' | 'time' | Message;

export type Field = Readonly<{
  name: string;
  type: FieldType;
  /** `map`: entries of key 1 and value 2. */
  many?: 'list' | 'map';
}>;

export type Message = Readonly<{ fields: Readonly<Record<number, Field>> }>;

const message = (fields: Readonly<Record<number, Field>>): Message => ({ fields });
const one = (name: string, type: FieldType = 'text'): Field => ({ name, type });
const list = (name: string, type: FieldType = 'text'): Field => ({ name, type, many: 'list' });
const map = (name: string, type: FieldType = 'text'): Field => ({ name, type, many: 'map' });

const OWNER_REFERENCE = message({
  1: one('kind'),
  3: one('name'),
  4: one('uid'),
  5: one('apiVersion'),
  6: one('controller', 'flag'),
  7: one('blockOwnerDeletion', 'flag'),
});

const METADATA = one(
  'metadata',
  message({
    1: one('name'),
    2: one('generateName'),
    3: one('namespace'),
    5: one('uid'),
    6: one('resourceVersion'),
    7: one('generation', 'integer'),
    8: one('creationTimestamp', 'time'),
    9: one('deletionTimestamp', 'time'),
    10: one('deletionGracePeriodSeconds', 'integer'),
    11: map('labels'),
    12: map('annotations'),
    13: list('ownerReferences', OWNER_REFERENCE),
    14: list('finalizers'),
  }),
);

const SECRET = message({
  1: METADATA,
  2: map('data', 'bytes'),
  3: one('type'),
  4: map('stringData'),
  5: one('immutable', 'flag'),
});

const CONFIG_MAP = message({
  1: METADATA,
  2: map('data'),
  3: map('binaryData', 'bytes'),
  4: one('immutable', 'flag'),
});

const NAMESPACE = message({
  1: METADATA,
  2: one('spec', message({ 1: list('finalizers') })),
  3: one('status', message({ 1: one('phase') })),
});

const OBJECT_REFERENCE = message({
  1: one('kind'),
  2: one('namespace'),
  3: one('name'),
  4: one('uid'),
  5: one('apiVersion'),
  6: one('resourceVersion'),
  7: one('fieldPath'),
});

const SERVICE_ACCOUNT = message({
  1: METADATA,
  2: list('secrets', OBJECT_REFERENCE),
  3: list('imagePullSecrets', message({ 1: one('name') })),
  4: one('automountServiceAccountToken', 'flag'),
});

const RESOURCE_ATTRIBUTES = message({
  1: one('namespace'),
  2: one('verb'),
  3: one('group'),
  4: one('version'),
  5: one('resource'),
  6: one('subresource'),
  7: one('name'),
});

const ACCESS_REVIEW = message({
  1: METADATA,
  2: one(
    'spec',
    message({
      1: one('resourceAttributes', RESOURCE_ATTRIBUTES),
      2: one('nonResourceAttributes', message({ 1: one('path'), 2: one('verb') })),
    }),
  ),
});

/** Of every group and version. */
export const DELETE_OPTIONS = message({
  1: one('gracePeriodSeconds', 'integer'),
  2: one('preconditions', message({ 1: one('uid'), 2: one('resourceVersion') })),
  3: one('orphanDependents', 'flag'),
  4: one('propagationPolicy'),
  5: list('dryRun'),
});

/** By `apiVersion/kind`. */
export const MESSAGES: Readonly<Record<string, Message>> = {
  'v1/Secret': SECRET,
  'v1/ConfigMap': CONFIG_MAP,
  'v1/Namespace': NAMESPACE,
  'v1/ServiceAccount': SERVICE_ACCOUNT,
  'authentication.k8s.io/v1/SelfSubjectReview': message({ 1: METADATA }),
  'authorization.k8s.io/v1/SelfSubjectAccessReview': ACCESS_REVIEW,
  'authorization.k8s.io/v1/SelfSubjectRulesReview': message({
    1: METADATA,
    2: one('spec', message({ 1: one('namespace') })),
  }),
};
