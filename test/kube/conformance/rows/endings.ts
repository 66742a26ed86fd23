/** What may be done in a namespace that is being deleted, and how it ends. */

import { matching, notFound, ok, refused } from '../support/answers.ts';
import type { History } from '../support/history.ts';
import { claim, configMap, credential, event, gadget, lease, secret } from '../support/objects.ts';
import { apply, get, merge, post, put, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';
import { event as seen } from '../support/seen.ts';

const HELD = { finalizers: ['conformance.example/hold'] };
const end = ({ ns }: Readonly<{ ns: string }>) => remove(`namespaces/${ns}`);

const terminating =
  (group: string, kind: string, name: string) =>
  ({ ns }: Readonly<{ ns: string }>) => {
    const details = { name, ...(group === '' ? {} : { group }), kind };
    const who = group === '' ? kind : `${kind}.${group}`;
    return refused(
      403,
      'Forbidden',
      `${who} "${name}" is forbidden: unable to create new content in namespace ${ns} because it is being terminated`,
      {
        ...details,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${ns} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      },
    );
  };

/** Content is left in peace for five seconds: these are asked at once. */
export const meanwhile: readonly Row[] = [
  {
    name: 'the deletion of a namespace answers with it, Terminating',
    request: end,
    answer: ok({
      kind: 'Namespace',
      metadata: { deletionTimestamp: matching(/Z$/) },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Terminating' },
    }),
  },
  {
    name: 'a second deletion of a namespace changes nothing',
    given: [end],
    request: end,
    answer: ({ last }) =>
      ok({ metadata: { resourceVersion: last.metadata.resourceVersion }, status: { phase: 'Terminating' } }),
  },
  {
    name: 'no Secret may be created',
    given: [end],
    request: post('secrets', secret('a')),
    answer: terminating('', 'secrets', 'a'),
  },
  {
    name: 'no custom object may be created',
    given: [end],
    request: post('almclientclaims', claim('a')),
    answer: terminating('alm-operator.dev', 'almclientclaims', 'a'),
  },
  {
    name: 'no event may be created',
    given: [end],
    request: ({ ns }) => post('events', event('e', ns)),
    answer: terminating('events.k8s.io', 'events', 'e'),
  },
  {
    name: 'no lease may be created by PUT',
    given: [end],
    request: put('leases/a', lease('a')),
    answer: terminating('coordination.k8s.io', 'leases', 'a'),
  },
  {
    name: 'nothing may be created by apply',
    given: [end],
    request: apply('gadgets/a', gadget('a')),
    answer: terminating('conformance.example', 'gadgets', 'a'),
  },
  {
    name: 'a dry run of a creation is refused too',
    given: [end],
    request: post('configmaps', configMap('a'), { dryRun: 'All' }),
    answer: terminating('', 'configmaps', 'a'),
  },
  {
    name: 'what is there may be changed, finalizers included',
    given: [post('gadgets', gadget('a')), end],
    request: merge('gadgets/a', { spec: { size: 2 }, metadata: HELD }),
    answer: ok({ metadata: { generation: 2, ...HELD }, spec: { size: 2 } }),
  },
  {
    name: 'a status may be written',
    given: [post('gadgets', gadget('a')), end],
    request: merge('gadgets/a/status', { status: { word: 'done' } }),
    answer: ok({ status: { word: 'done' } }),
  },
  {
    name: 'an object may be deleted',
    given: [post('gadgets', gadget('a')), end],
    request: remove('gadgets/a'),
    answer: ok({ kind: 'Status', status: 'Success' }),
  },
  {
    name: 'a namespace that is being deleted may be labelled',
    given: [end],
    request: ({ ns }) => merge(`namespaces/${ns}`, { metadata: { labels: { l: '1' } } }),
    answer: ok({ metadata: { labels: { l: '1' } }, status: { phase: 'Terminating' } }),
  },
];

export const later: readonly Row[] = [
  {
    name: 'a namespace goes with all that is in it',
    given: [
      post('secrets', secret('a')),
      post('configmaps', configMap('a')),
      post('leases', lease('a')),
      post('clientcredentials', credential('a')),
      ({ ns }) => post('events', event('e', ns)),
      end,
    ],
    request: ({ ns }) => get(`namespaces/${ns}`),
    answer: ({ ns }) => notFound({ kind: 'namespaces', name: ns }),
    then: ['secrets', 'configmaps', 'leases', 'clientcredentials', 'events'].map((plural) => ({
      request: get(plural),
      answer: ok({ items: [] }),
    })),
  },
  {
    name: 'what is held holds the namespace, which says so; let go, both go',
    given: [
      post('clientcredentials', credential('a', {}, HELD)),
      post('clientcredentials', credential('b', {}, HELD)),
      post('configmaps', configMap('c', {}, HELD)),
      post('secrets', secret('a')),
      end,
    ],
    request: ({ ns }) => get(`namespaces/${ns}`),
    answer: ok({
      status: {
        phase: 'Terminating',
        conditions: [
          { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered' },
          {
            type: 'NamespaceDeletionGroupVersionParsingFailure',
            status: 'False',
            reason: 'ParsedGroupVersions',
          },
          { type: 'NamespaceDeletionContentFailure', status: 'False', reason: 'ContentDeleted' },
          {
            type: 'NamespaceContentRemaining',
            status: 'True',
            reason: 'SomeResourcesRemain',
            message:
              'Some resources are remaining: clientcredentials.alm-operator.dev has 2 resource instances, configmaps. has 1 resource instances',
          },
          {
            type: 'NamespaceFinalizersRemaining',
            status: 'True',
            reason: 'SomeFinalizersRemain',
            message:
              'Some content in the namespace has finalizers remaining: conformance.example/hold in 3 resource instances',
          },
        ],
      },
    }),
    then: [
      { request: get('secrets'), answer: ok({ items: [] }) },
      {
        request: get('clientcredentials/a'),
        answer: ok({ metadata: { deletionTimestamp: matching(/Z$/), generation: 2 } }),
      },
      { request: merge('clientcredentials/a', { metadata: { finalizers: null } }), answer: ok() },
      { request: merge('clientcredentials/b', { metadata: { finalizers: null } }), answer: ok() },
      { request: merge('configmaps/c', { metadata: { finalizers: null } }), answer: ok() },
      {
        request: ({ ns }) => get(`namespaces/${ns}`),
        answer: ({ ns }) => notFound({ kind: 'namespaces', name: ns }),
      },
    ],
  },
];

export const told: readonly History[] = [
  {
    name: 'an empty namespace is marked, and goes',
    given: [({ ns }) => get(`namespaces/${ns}`)],
    watch: ({ ns, last }) =>
      get('namespaces', {
        fieldSelector: `metadata.name=${ns}`,
        resourceVersion: last.metadata.resourceVersion,
      }),
    deeds: [end],
    events: ({ ns }) => [
      seen('MODIFIED', ns, { status: { phase: 'Terminating' }, spec: { finalizers: ['kubernetes'] } }),
      seen('MODIFIED', ns, {
        status: {
          conditions: [
            { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered' },
            {
              type: 'NamespaceDeletionGroupVersionParsingFailure',
              status: 'False',
              reason: 'ParsedGroupVersions',
            },
            { type: 'NamespaceDeletionContentFailure', status: 'False', reason: 'ContentDeleted' },
            {
              type: 'NamespaceContentRemaining',
              status: 'False',
              reason: 'ContentRemoved',
              message: 'All content successfully removed',
            },
            {
              type: 'NamespaceFinalizersRemaining',
              status: 'False',
              reason: 'ContentHasNoFinalizers',
              message: 'All content-preserving finalizers finished',
            },
          ],
        },
      }),
      seen('DELETED', ns),
    ],
  },
];
