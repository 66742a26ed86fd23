/** POST: what is stored; and dry runs. */

import { created, invalid, matching, ok, refused } from '../support/answers.ts';
import {
  configMap,
  credential,
  gadget,
  lease,
  namespace,
  plain,
  serviceAccount,
} from '../support/objects.ts';
import { get, json, post, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const HELD = { finalizers: ['conformance.example/hold'] };

export const stored: readonly Row[] = [
  {
    name: 'a built-in object gets uid, time and version, and no generation',
    request: post('configmaps', configMap('a', { data: { k: 'v' } })),
    answer: ({ ns }) =>
      created(
        {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: {
            name: 'a',
            namespace: ns,
            uid: matching(/^[0-9a-f-]{36}$/),
            resourceVersion: matching(/^[1-9]\d*$/),
            creationTimestamp: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          },
          data: { k: 'v' },
        },
        { lacks: ['metadata.generation', 'metadata.selfLink'] },
      ),
  },
  {
    name: 'a custom object gets generation 1, its defaults, and no fields that its schema does not know',
    request: post('gadgets', gadget('a', { bogus: 1, parts: [{ name: 'p' }] }), {
      fieldValidation: 'Ignore',
    }),
    answer: created(
      {
        metadata: { generation: 1 },
        spec: { size: 1, mood: 'calm', parts: [{ name: 'p', count: 1 }] },
        status: { observedGeneration: -1 },
      },
      { lacks: ['spec.bogus'] },
    ),
  },
  {
    name: 'the status that a client sends with a creation is dropped where it is a subresource',
    request: post('gadgets', { ...gadget('a'), status: { word: 'sent' } }),
    answer: created({ status: { observedGeneration: -1 } }, { lacks: ['status.word'] }),
  },
  {
    name: 'the status that a client sends is kept where it is no subresource',
    request: ({ ns }) => post('plains', plain(ns, { status: { word: 'sent' } })),
    answer: created({ status: { word: 'sent' } }),
  },
  {
    name: 'what only the server may set is not taken from a client',
    request: post('gadgets', {
      ...gadget('a'),
      metadata: {
        name: 'a',
        uid: 'mine',
        generation: 7,
        creationTimestamp: '2001-01-01T00:00:00Z',
        deletionTimestamp: '2001-01-01T00:00:00Z',
        deletionGracePeriodSeconds: 9,
        selfLink: '/mine',
      },
    }),
    answer: created(
      {
        metadata: {
          uid: matching(/^[0-9a-f-]{36}$/),
          generation: 1,
          creationTimestamp: matching(/^20[2-9]\d-/),
        },
      },
      { lacks: ['metadata.deletionTimestamp', 'metadata.deletionGracePeriodSeconds', 'metadata.selfLink'] },
    ),
  },
  {
    name: 'a generated name is the prefix and five characters',
    request: post('configmaps', { ...configMap(''), metadata: { generateName: 'made-' } }),
    answer: created({ metadata: { name: matching(/^made-[a-z0-9]{5}$/), generateName: 'made-' } }),
  },
  {
    name: 'a namespace is Active, carries its name as a label and the finalizer of the server',
    request: ({ ns }) => post('namespaces', namespace(`${ns}-more`)),
    answer: ({ ns }) =>
      created({
        metadata: { labels: { 'kubernetes.io/metadata.name': `${ns}-more` } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      }),
  },
  {
    name: 'labels, annotations and finalizers are kept',
    request: post(
      'clientcredentials',
      credential('a', {}, { labels: { l: '1' }, annotations: { 'x/y': '{}' }, ...HELD }),
    ),
    answer: created({ metadata: { labels: { l: '1' }, annotations: { 'x/y': '{}' }, ...HELD } }),
  },
  {
    name: 'empty labels and annotations are not kept',
    request: post('configmaps', configMap('a', {}, { labels: {}, annotations: {}, finalizers: [] })),
    answer: created({}, { lacks: ['metadata.labels', 'metadata.annotations', 'metadata.finalizers'] }),
  },
  {
    name: 'a lease may hold nothing',
    request: post('leases', lease('a')),
    answer: created({ kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', spec: {} }),
  },
  {
    name: 'a service account is stored',
    request: post('serviceaccounts', serviceAccount('a', { automountServiceAccountToken: false })),
    answer: created({ kind: 'ServiceAccount', automountServiceAccountToken: false }),
  },
  {
    name: 'a built-in body may leave out what it is',
    request: post('configmaps', { metadata: { name: 'a' } }),
    answer: created({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } }),
  },
  {
    name: 'a namespace in the body may repeat that of the path',
    request: ({ ns }) => post('gadgets', gadget('a', {}, { namespace: ns })),
    answer: created({ metadata: { name: 'a' } }),
  },
  {
    name: 'a finalizer without a domain is taken with a warning',
    request: post('gadgets', gadget('a', {}, { finalizers: ['hold'] })),
    answer: created(
      {},
      {
        warnings: [
          'metadata.finalizers: "hold": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
        ],
      },
    ),
  },
];

export const dryRuns: readonly Row[] = [
  {
    name: 'a dry run answers with the object and stores nothing',
    request: post('gadgets', gadget('a'), { dryRun: 'All' }),
    answer: created({
      metadata: { name: 'a', generation: 1, uid: matching(/^[0-9a-f-]{36}$/) },
      spec: { mood: 'calm' },
    }),
    then: [
      {
        request: get('gadgets/a'),
        answer: refused(404, 'NotFound', 'gadgets.conformance.example "a" not found', {
          name: 'a',
          group: 'conformance.example',
          kind: 'gadgets',
        }),
      },
    ],
  },
  {
    name: 'a dry run has no version to show',
    request: post('configmaps', configMap('a'), { dryRun: 'All' }),
    answer: created({}, { lacks: ['metadata.resourceVersion'] }),
  },
  {
    name: 'a dry run finds out that the name is taken',
    given: [post('configmaps', configMap('a'))],
    request: post('configmaps', configMap('a'), { dryRun: 'All' }),
    answer: refused(409, 'AlreadyExists', 'configmaps "a" already exists', { name: 'a', kind: 'configmaps' }),
  },
  {
    name: 'a dry run of another name than All',
    request: post('configmaps', configMap('a'), { dryRun: 'Some' }),
    answer: invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, [
      'dryRun',
      'FieldValueNotSupported',
      'Unsupported value: ["Some"]: supported values: "All"',
    ]),
  },
  {
    name: 'a dry run of a patch and of a deletion change nothing',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'replace', path: '/spec/size', value: 5 }], { dryRun: 'All' }),
    answer: ({ first }) =>
      ok({
        metadata: { generation: 2, resourceVersion: first.metadata.resourceVersion },
        spec: { size: 5 },
      }),
    then: [
      {
        request: remove('gadgets/a', { dryRun: ['All'] }),
        answer: ok({ kind: 'Status', status: 'Success' }),
      },
      {
        request: get('gadgets/a'),
        answer: ({ first }) => ok({ metadata: first.metadata, spec: { size: 1 } }),
      },
    ],
  },
];
