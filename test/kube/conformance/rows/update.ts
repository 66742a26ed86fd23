/** PUT: versions, and what it may change. */

import { type Cause, invalid, notFound, ok, otherThan, refused } from '../support/answers.ts';
import { type Body, claim, configMap, credential, gadget, lease, secret } from '../support/objects.ts';
import { get, post, put, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const HELD = { finalizers: ['conformance.example/hold'] };

const GADGET = { group: 'conformance.example', kind: 'Gadget', name: 'a' };

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

const MISSING_VERSION = [
  'Invalid value: 0: must be specified for an update',
  'Invalid value: 0x0: must be specified for an update',
];

const DETAILS = { name: 'a', group: 'conformance.example', kind: 'gadgets' };

/** The server looks at metadata twice and tells both findings. */
const NEW_FINALIZER: Cause = [
  'metadata.finalizers',
  'FieldValueForbidden',
  'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"conformance.example/new"}',
];

/** A stored object with changed metadata. */
const withMeta = (object: Body, metadata: object) => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

export const main: readonly Row[] = [
  {
    name: 'a changed spec is stored under a new version and the next generation',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => put('gadgets/a', { ...first, spec: { size: 2 } }),
    answer: ({ first }) =>
      ok({
        metadata: {
          uid: first.metadata.uid,
          generation: 2,
          creationTimestamp: first.metadata.creationTimestamp,
        },
        spec: { size: 2, mood: 'calm' },
      }),
  },
  {
    name: 'an equal object keeps its version',
    given: [
      post('gadgets', gadget('a')),
      ({ last }) => put('gadgets/a', withMeta(last, { labels: { l: '1' } })),
    ],
    request: ({ last }) => put('gadgets/a', last),
    answer: ({ last }) => ok({ metadata: { resourceVersion: last.metadata.resourceVersion, generation: 1 } }),
  },
  {
    name: 'the first PUT of an equal object stores the default of its status, and so moves the version',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => put('gadgets/a', first),
    answer: ({ first }) =>
      ok({
        metadata: { resourceVersion: otherThan(first.metadata.resourceVersion), generation: 1 },
        status: { observedGeneration: -1 },
      }),
  },
  {
    name: 'metadata alone raises the version and not the generation',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      put('gadgets/a', withMeta(first, { labels: { l: '1' }, annotations: { n: '1' } })),
    answer: ok({ metadata: { generation: 1, labels: { l: '1' }, annotations: { n: '1' } } }),
  },
  {
    name: 'what is left out is gone',
    given: [post('configmaps', configMap('a', { data: { k: 'v' } }, { labels: { l: '1' } }))],
    request: put('configmaps/a', configMap('a')),
    answer: ok({}, { lacks: ['data', 'metadata.labels'] }),
  },
  {
    name: 'another order of a set is a change',
    given: [post('clientcredentials', credential('a', { roles: ['A', 'B'] }))],
    request: ({ first }) =>
      put('clientcredentials/a', { ...first, spec: { ...first.spec, roles: ['B', 'A'] } }),
    answer: ok({ metadata: { generation: 2 }, spec: { roles: ['B', 'A'] } }),
  },
  {
    name: 'the main resource takes no status',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => put('gadgets/a', { ...first, status: { word: 'sent' } }),
    answer: ok(
      { metadata: { generation: 1 }, status: { observedGeneration: -1 } },
      { lacks: ['status.word'] },
    ),
  },
  {
    name: 'a stale version is a conflict, of a custom kind',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => put('gadgets/a', withMeta(first, { labels: { l: '1' } })),
    answer: ok(),
    then: [
      {
        request: ({ first }) => put('gadgets/a', first),
        answer: refused(
          409,
          'Conflict',
          `Operation cannot be fulfilled on gadgets.conformance.example "a": ${MODIFIED}`,
          DETAILS,
        ),
      },
    ],
  },
  {
    name: 'a stale version is a conflict, of a built-in kind',
    given: [post('secrets', secret('a'))],
    request: put('secrets/a', secret('a', {}, { resourceVersion: '1' })),
    answer: refused(409, 'Conflict', `Operation cannot be fulfilled on secrets "a": ${MODIFIED}`, {
      name: 'a',
      kind: 'secrets',
    }),
  },
  {
    name: 'no version is refused for a custom kind',
    given: [post('gadgets', gadget('a'))],
    request: put('gadgets/a', gadget('a')),
    answer: invalid(DETAILS, ['metadata.resourceVersion', 'FieldValueInvalid', ...MISSING_VERSION]),
  },
  {
    name: 'no version overwrites a Secret',
    given: [post('secrets', secret('a', { data: { k: 'dg==' } }))],
    request: put('secrets/a', secret('a', { data: { k: 'dw==' } })),
    answer: ok({ data: { k: 'dw==' } }),
  },
  {
    name: 'no version is refused for a lease',
    given: [post('leases', lease('a'))],
    request: put('leases/a', lease('a', { spec: { holderIdentity: 'x' } })),
    answer: invalid({ group: 'coordination.k8s.io', kind: 'leases', name: 'a' }, [
      'metadata.resourceVersion',
      'FieldValueInvalid',
      ...MISSING_VERSION,
    ]),
  },
  {
    name: 'a version that is no number is an error of the server',
    given: [post('gadgets', gadget('a'))],
    request: put('gadgets/a', gadget('a', {}, { resourceVersion: 'x' })),
    answer: refused(500, '', 'strconv.ParseUint: parsing "x": invalid syntax'),
  },
  {
    name: 'another uid is a conflict',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => put('gadgets/a', withMeta(first, { uid: 'other' })),
    answer: ({ first, ns }) =>
      refused(
        409,
        'Conflict',
        `Operation cannot be fulfilled on gadgets.conformance.example "a": StorageError: invalid object, Code: 4, Key: /registry/conformance.example/gadgets/${ns}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ${first.metadata.uid}`,
        DETAILS,
      ),
  },
  {
    name: 'another name than that of the path',
    given: [post('gadgets', gadget('a'))],
    request: put('gadgets/a', gadget('b')),
    answer: refused(400, 'BadRequest', 'the name of the object (b) does not match the name on the URL (a)'),
  },
  {
    name: 'no name',
    given: [post('configmaps', configMap('a'))],
    request: put('configmaps/a', { metadata: {} }),
    answer: refused(
      400,
      'BadRequest',
      'the name of the object (a based on URL) was undeterminable: name must be provided',
    ),
  },
  {
    name: 'a custom object that is not there is not created',
    request: put('almclientclaims/a', claim('a')),
    answer: notFound({ group: 'alm-operator.dev', kind: 'almclientclaims', name: 'a' }),
  },
  {
    name: 'a Secret that is not there is not created',
    request: put('secrets/a', secret('a')),
    answer: notFound({ kind: 'secrets', name: 'a' }),
  },
  {
    name: 'a lease that is not there is created',
    request: put('leases/a', lease('a', { spec: { holderIdentity: 'me' } })),
    answer: { status: 201, holds: { metadata: { name: 'a' }, spec: { holderIdentity: 'me' } } },
  },
  {
    name: 'creationTimestamp is fixed',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => put('gadgets/a', withMeta(first, { creationTimestamp: '2001-01-01T00:00:00Z' })),
    answer: ok(),
  },
  {
    name: 'a new finalizer is refused while deleting',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a')],
    request: ({ last }) =>
      put('gadgets/a', withMeta(last, { finalizers: [...HELD.finalizers, 'conformance.example/new'] })),
    answer: invalid(GADGET, NEW_FINALIZER, NEW_FINALIZER),
  },
  {
    name: 'the last finalizer gone, the object goes',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a')],
    request: ({ last }) =>
      put('gadgets/a', withMeta(last, { finalizers: [], annotations: { last: 'word' } })),
    answer: ({ last }) =>
      ok(
        { metadata: { resourceVersion: last.metadata.resourceVersion, annotations: { last: 'word' } } },
        { lacks: ['metadata.finalizers'] },
      ),
    then: [{ request: get('gadgets/a'), answer: notFound(DETAILS) }],
  },
  {
    name: 'a spec may still change while deleting',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a')],
    request: ({ last }) => put('gadgets/a', { ...last, spec: { size: 9 } }),
    answer: ok({ metadata: { generation: 3, deletionGracePeriodSeconds: 0 }, spec: { size: 9 } }),
  },
  {
    name: 'a PUT to a collection, of a built-in kind',
    request: put('configmaps', configMap('a')),
    answer: refused(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  },
  {
    name: 'a PUT to a collection, of a custom kind',
    request: put('gadgets', gadget('a')),
    answer: refused(400, 'BadRequest', 'name must be provided'),
  },
  {
    name: 'a dry run of a PUT shows the new state and keeps the old one',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => put('gadgets/a', { ...first, spec: { size: 7 } }, { dryRun: 'All' }),
    answer: ok({ metadata: { generation: 2 }, spec: { size: 7 } }),
    then: [{ request: get('gadgets/a'), answer: ({ first }) => ok(first) }],
  },
];
