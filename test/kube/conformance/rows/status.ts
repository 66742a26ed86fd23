/** The status subresource, and what else of an object only the server may change. */

import { invalid, matching, notFound, ok, refused, UNFINISHED } from '../support/answers.ts';
import { type Body, configMap, gadget, namespace } from '../support/objects.ts';
import { get, post, put, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const HELD = { finalizers: ['conformance.example/hold'] };

const GADGET = { group: 'conformance.example', kind: 'Gadget', name: 'a' };

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

const DETAILS = { name: 'a', group: 'conformance.example', kind: 'gadgets' };

const DUPLICATE_READY = ['{"type":"Ready"}', 'map[string]interface {}{"type":"Ready"}'].map(
  (shown) => `Duplicate value: ${shown}`,
);

const unsupported = (verb: string) =>
  refused(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "gadgets.conformance.example"`,
    { group: 'conformance.example', kind: 'gadgets' },
  );

/** A stored object with changed metadata. */
const withMeta = (object: Body, metadata: object) => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

export const status: readonly Row[] = [
  {
    name: 'a status is stored and nothing else of the body',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      put('gadgets/a/status', {
        ...withMeta(first, { labels: { l: '1' }, annotations: { n: '1' } }),
        spec: { size: 50 },
        status: { word: 'done', observedGeneration: 1 },
      }),
    answer: ok(
      { metadata: { generation: 1 }, spec: { size: 1 }, status: { word: 'done', observedGeneration: 1 } },
      { lacks: ['metadata.labels', 'metadata.annotations'] },
    ),
  },
  {
    name: 'a small body does: what it is, name, version and status',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      put('gadgets/a/status', {
        apiVersion: first.apiVersion,
        kind: first.kind,
        metadata: { name: 'a', resourceVersion: first.metadata.resourceVersion },
        status: { word: 'done' },
      }),
    answer: ok({ spec: { size: 1, mood: 'calm' }, status: { word: 'done', observedGeneration: -1 } }),
  },
  {
    name: 'no status in the body is the default again',
    given: [
      post('gadgets', gadget('a')),
      ({ last }) => put('gadgets/a/status', { ...last, status: { word: 'done', observedGeneration: 4 } }),
    ],
    request: ({ last: { status: _gone, ...rest } }) => put('gadgets/a/status', rest),
    answer: ok({ status: { observedGeneration: -1 } }, { lacks: ['status.word'] }),
  },
  {
    name: 'an equal status keeps the version',
    given: [
      post('gadgets', gadget('a')),
      ({ last }) => put('gadgets/a/status', { ...last, status: { word: 'done' } }),
    ],
    request: ({ last }) =>
      put('gadgets/a/status', { ...last, status: { word: 'done', observedGeneration: -1 } }),
    answer: ({ last }) => ok({ metadata: { resourceVersion: last.metadata.resourceVersion } }),
  },
  {
    name: 'a stale version is a conflict, even of an equal status',
    given: [
      post('gadgets', gadget('a')),
      ({ last }) => put('gadgets/a', withMeta(last, { labels: { l: '1' } })),
    ],
    request: ({ first }) => put('gadgets/a/status', first),
    answer: refused(
      409,
      'Conflict',
      `Operation cannot be fulfilled on gadgets.conformance.example "a": ${MODIFIED}`,
      DETAILS,
    ),
  },
  {
    name: 'a status that breaks the schema',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      put('gadgets/a/status', {
        ...first,
        status: {
          conditions: [
            { type: 'Ready', status: 'True' },
            { type: 'Ready', status: 'False' },
          ],
        },
      }),
    answer: invalid(GADGET, ['status.conditions[1]', 'FieldValueDuplicate', ...DUPLICATE_READY]),
  },
  {
    name: 'a status without a required field',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      put('gadgets/a/status', { ...first, status: { conditions: [{ type: 'Ready' }] } }),
    answer: invalid(
      GADGET,
      ['status.conditions[0].status', 'FieldValueRequired', 'Required value'],
      UNFINISHED,
    ),
  },
  {
    name: 'a status is read at its own address',
    given: [post('gadgets', gadget('a'))],
    request: get('gadgets/a/status'),
    answer: ok({ kind: 'Gadget', spec: { size: 1 }, status: { observedGeneration: -1 } }),
  },
  {
    name: 'there is no status where the kind has no such subresource',
    given: [
      ({ ns }) =>
        post('plains', { apiVersion: 'conformance.example/v1', kind: 'Plain', metadata: { name: ns } }),
    ],
    request: ({ ns }) => get(`plains/${ns}/status`),
    answer: ({ ns }) => notFound({ group: 'conformance.example', kind: 'plains', name: ns }),
  },
  {
    name: 'there is no status of a ConfigMap',
    given: [post('configmaps', configMap('a'))],
    request: get('configmaps/a/status'),
    answer: refused(404, 'NotFound', 'the server could not find the requested resource', {}),
  },
  {
    name: 'a status cannot be created',
    given: [post('gadgets', gadget('a'))],
    request: post('gadgets/a/status', gadget('a')),
    answer: unsupported('create'),
  },
  {
    name: 'a status cannot be deleted',
    given: [post('gadgets', gadget('a'))],
    request: remove('gadgets/a/status'),
    answer: unsupported('delete'),
  },
  {
    name: 'a status works while deleting',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a')],
    request: ({ last }) => put('gadgets/a/status', { ...last, status: { word: 'dying' } }),
    answer: ok({ metadata: { deletionTimestamp: matching(/Z$/), generation: 2 }, status: { word: 'dying' } }),
  },
  {
    name: 'a namespace keeps what only the server may change',
    given: [({ ns }) => get(`namespaces/${ns}`)],
    request: ({ ns }) => put(`namespaces/${ns}`, namespace(ns, {}, { labels: { tier: 'gold' } })),
    answer: ({ ns }) =>
      ok({
        metadata: { labels: { tier: 'gold', 'kubernetes.io/metadata.name': ns } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      }),
  },
];
