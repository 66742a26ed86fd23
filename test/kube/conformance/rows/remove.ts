/** DELETE: preconditions, propagation, finalizers; one object or a collection. */

import { invalid, matching, notFound, ok, refused } from '../support/answers.ts';
import { configMap, gadget, lease, secret, serviceAccount } from '../support/objects.ts';
import { get, merge, post, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const HELD = { finalizers: ['conformance.example/hold'] };
/** A failed precondition names the kind where other refusals name the resource. */
const KIND = { name: 'a', group: 'conformance.example', kind: 'Gadget' };
const DETAILS = { name: 'a', group: 'conformance.example', kind: 'gadgets' };

export const single: readonly Row[] = [
  {
    name: 'a custom object without finalizers goes at once, and a Status says so',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets/a'),
    answer: ({ first }) => ({
      status: 200,
      equals: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { ...DETAILS, uid: first.metadata.uid },
      },
    }),
    then: [{ request: get('gadgets/a'), answer: notFound(DETAILS) }],
  },
  {
    name: 'a Secret goes with a Status',
    given: [post('secrets', secret('a'))],
    request: remove('secrets/a'),
    answer: ({ first }) =>
      ok({
        kind: 'Status',
        status: 'Success',
        details: { name: 'a', kind: 'secrets', uid: first.metadata.uid },
      }),
  },
  {
    name: 'a service account goes and is shown once more',
    given: [post('serviceaccounts', serviceAccount('a'))],
    request: remove('serviceaccounts/a'),
    answer: ({ first }) => ok({ kind: 'ServiceAccount', metadata: { uid: first.metadata.uid } }),
  },
  {
    name: 'a lease goes with a Status',
    given: [post('leases', lease('a'))],
    request: remove('leases/a'),
    answer: ok({ kind: 'Status', status: 'Success' }),
  },
  {
    name: 'what is not there',
    request: remove('gadgets/a'),
    answer: notFound(DETAILS),
  },
  {
    name: 'a held object is marked, one generation on',
    given: [post('gadgets', gadget('a', {}, HELD))],
    request: remove('gadgets/a'),
    answer: ok({
      kind: 'Gadget',
      metadata: {
        deletionTimestamp: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        deletionGracePeriodSeconds: 0,
        generation: 2,
        ...HELD,
      },
    }),
  },
  {
    name: 'a second deletion changes nothing',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a')],
    request: remove('gadgets/a'),
    answer: ({ last }) =>
      ok({
        metadata: {
          resourceVersion: last.metadata.resourceVersion,
          deletionTimestamp: last.metadata.deletionTimestamp,
          generation: 2,
        },
      }),
  },
  {
    name: 'a held Secret has no generation to raise',
    given: [post('secrets', secret('a', {}, HELD))],
    request: remove('secrets/a'),
    answer: ok({ metadata: { deletionGracePeriodSeconds: 0 } }, { lacks: ['metadata.generation'] }),
  },
  {
    name: 'the right uid and version',
    given: [post('gadgets', gadget('a'))],
    request: ({ first: { metadata } }) =>
      remove('gadgets/a', {
        preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion },
      }),
    answer: ok({ kind: 'Status', status: 'Success' }),
  },
  {
    name: 'another uid',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets/a', { preconditions: { uid: 'other' } }),
    answer: ({ first }) =>
      refused(
        409,
        'Conflict',
        `Operation cannot be fulfilled on Gadget.conformance.example "a": the UID in the precondition (other) does not match the UID in record (${first.metadata.uid}). The object might have been deleted and then recreated`,
        KIND,
      ),
  },
  {
    name: 'another version',
    given: [post('configmaps', configMap('a'))],
    request: remove('configmaps/a', { preconditions: { resourceVersion: '1' } }),
    answer: ({ first }) =>
      refused(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${first.metadata.resourceVersion}). The object might have been modified`,
        { name: 'a', kind: 'ConfigMap' },
      ),
  },
  {
    name: 'a version that another write made stale',
    given: [post('gadgets', gadget('a')), merge('gadgets/a', { spec: { size: 2 } })],
    request: ({ first, last }) =>
      remove('gadgets/a', {
        preconditions: { uid: last.metadata.uid, resourceVersion: first.metadata.resourceVersion },
      }),
    answer: ({ given: [before, after] }) =>
      refused(
        409,
        'Conflict',
        `Operation cannot be fulfilled on Gadget.conformance.example "a": the ResourceVersion in the precondition (${before.metadata.resourceVersion}) does not match the ResourceVersion in record (${after.metadata.resourceVersion}). The object might have been modified`,
        KIND,
      ),
  },
  {
    name: 'foreground adds its finalizer',
    given: [post('gadgets', gadget('a', {}, HELD))],
    request: remove('gadgets/a', { propagationPolicy: 'Foreground' }),
    answer: ok({ metadata: { finalizers: [...HELD.finalizers, 'foregroundDeletion'], generation: 2 } }),
  },
  {
    name: 'orphan adds its finalizer',
    given: [post('gadgets', gadget('a', {}, HELD))],
    request: remove('gadgets/a', undefined, { propagationPolicy: 'Orphan' }),
    answer: ok({ metadata: { finalizers: [...HELD.finalizers, 'orphan'] } }),
  },
  {
    name: 'another policy changes the mark of a deleted object',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a', { propagationPolicy: 'Foreground' })],
    request: remove('gadgets/a', { propagationPolicy: 'Background' }),
    answer: ok({ metadata: HELD }),
  },
  {
    name: 'a policy that is none',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets/a', { propagationPolicy: 'Sideways' }),
    answer: invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, [
      'propagationPolicy',
      'FieldValueNotSupported',
      'Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
    ]),
  },
  {
    name: 'a policy and orphanDependents at once',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets/a', { propagationPolicy: 'Background', orphanDependents: true }),
    answer: invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, [
      'propagationPolicy',
      'FieldValueInvalid',
      'Invalid value: "Background": orphanDependents and deletionPropagation cannot be both set',
    ]),
  },
  {
    name: 'options that cannot be decoded',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets/a', { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 'x' }),
    answer: refused(
      400,
      'BadRequest',
      'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    ),
  },
  {
    name: 'a grace period does not delay what has none',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets/a', { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 30 }),
    answer: ok({ kind: 'Status', status: 'Success' }),
    then: [{ request: get('gadgets/a'), answer: notFound(DETAILS) }],
  },
  {
    name: 'the namespace default stays',
    request: remove('namespaces/default'),
    answer: refused(
      403,
      'Forbidden',
      'namespaces "default" is forbidden: this namespace may not be deleted',
      {
        name: 'default',
        kind: 'namespaces',
      },
    ),
  },
];

export const many: readonly Row[] = [
  {
    name: 'a collection goes by label, and is shown as it was',
    given: [
      post('gadgets', gadget('a', {}, { labels: { go: 'yes' } })),
      post('gadgets', gadget('b', {}, { labels: { go: 'yes' } })),
      post('gadgets', gadget('c')),
    ],
    request: remove('gadgets', undefined, { labelSelector: 'go=yes' }),
    answer: ok({ kind: 'GadgetList', items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] }),
    then: [{ request: get('gadgets'), answer: ok({ items: [{ metadata: { name: 'c' } }] }) }],
  },
  {
    name: 'a collection of built-in objects goes',
    given: [post('configmaps', configMap('a')), post('configmaps', configMap('b'))],
    request: remove('configmaps', undefined, { fieldSelector: 'metadata.name=b' }),
    answer: ok({ kind: 'ConfigMapList', items: [{ metadata: { name: 'b' } }] }),
    then: [{ request: get('configmaps'), answer: ok({ items: [{ metadata: { name: 'a' } }] }) }],
  },
  {
    name: 'a dry run of a collection removes nothing',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets', undefined, { dryRun: 'All' }),
    answer: ok({ items: [{ metadata: { name: 'a' } }] }),
    then: [{ request: get('gadgets'), answer: ok({ items: [{ metadata: { name: 'a' } }] }) }],
  },
  {
    name: 'held objects of a collection are marked',
    given: [post('gadgets', gadget('a', {}, HELD))],
    request: remove('gadgets'),
    answer: ok({ items: [{ metadata: { name: 'a' } }] }),
    then: [
      { request: get('gadgets/a'), answer: ok({ metadata: { deletionTimestamp: matching(/Z$/), ...HELD } }) },
    ],
  },
  {
    name: 'namespaces cannot be deleted as a collection',
    request: remove('namespaces'),
    answer: refused(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  },
];
