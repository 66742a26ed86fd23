/** Watches: what they tell of changes and deletions. */

import { laterThan, matching } from '../support/answers.ts';
import type { History } from '../support/history.ts';
import { credential, gadget, secret } from '../support/objects.ts';
import { get, json, merge, post, put, remove } from '../support/requests.ts';
import { event, fromLast, HELD, versionOf } from '../support/seen.ts';

export const changes: readonly History[] = [
  {
    name: 'a creation, a change and a removal are told in order, each with its version',
    given: [post('gadgets', gadget('before'))],
    watch: fromLast(),
    deeds: [post('gadgets', gadget('a')), merge('gadgets/a', { spec: { size: 2 } }), remove('gadgets/a')],
    events: ({ given: [, created, changed] }) => [
      event('ADDED', 'a', {
        kind: 'Gadget',
        apiVersion: 'conformance.example/v1',
        metadata: { resourceVersion: versionOf(created) },
      }),
      event('MODIFIED', 'a', { metadata: { resourceVersion: versionOf(changed) }, spec: { size: 2 } }),
      event('DELETED', 'a', { spec: { size: 2 } }),
    ],
  },
  {
    name: 'a removal has a version of its own, later than the last change',
    given: [post('gadgets', gadget('a'))],
    watch: fromLast(),
    deeds: [remove('gadgets/a')],
    events: ({ first }) => [
      event('DELETED', 'a', { metadata: { resourceVersion: laterThan(versionOf(first)) } }),
    ],
  },
  {
    name: 'a built-in kind is told in the same way',
    given: [post('secrets', secret('before'))],
    watch: fromLast({}, 'secrets'),
    deeds: [
      post('secrets', secret('a', { data: { k: 'dg==' } })),
      merge('secrets/a', { data: { k: 'dw==' } }),
      remove('secrets/a'),
    ],
    events: [
      event('ADDED', 'a', { kind: 'Secret', apiVersion: 'v1', data: { k: 'dg==' } }),
      event('MODIFIED', 'a', { data: { k: 'dw==' } }),
      event('DELETED', 'a', { data: { k: 'dw==' } }),
    ],
  },
  {
    name: 'writes that change nothing are not told',
    given: [post('gadgets', gadget('a')), merge('gadgets/a', { spec: { size: 2 } })],
    watch: fromLast(),
    deeds: [
      merge('gadgets/a', { spec: { size: 2 } }),
      ({ last }) => put('gadgets/a', last),
      merge('gadgets/a/status', { status: { nope: 1 } }),
      post('gadgets', gadget('end')),
    ],
    events: [event('ADDED', 'end')],
  },
  {
    name: 'dry runs are not told',
    given: [post('gadgets', gadget('a'))],
    watch: fromLast(),
    deeds: [
      post('gadgets', gadget('b'), { dryRun: 'All' }),
      merge('gadgets/a', { spec: { size: 9 } }, { dryRun: 'All' }),
      remove('gadgets/a', { dryRun: ['All'] }),
      post('gadgets', gadget('end')),
    ],
    events: [event('ADDED', 'end')],
  },
  {
    name: 'a status is told like any change',
    given: [post('gadgets', gadget('a'))],
    watch: fromLast(),
    deeds: [merge('gadgets/a/status', { status: { word: 'done' } })],
    events: [event('MODIFIED', 'a', { status: { word: 'done' }, metadata: { generation: 1 } })],
  },
  {
    name: 'a resumed watch tells what came after its version, and no more',
    given: [
      post('gadgets', gadget('a')),
      post('gadgets', gadget('b')),
      merge('gadgets/a', { spec: { size: 2 } }),
      remove('gadgets/b'),
    ],
    watch: ({ given: [, b] }) => get('gadgets', { resourceVersion: versionOf(b) }),
    deeds: [post('gadgets', gadget('end'))],
    events: [event('MODIFIED', 'a', { spec: { size: 2 } }), event('DELETED', 'b'), event('ADDED', 'end')],
  },
  {
    name: 'a namespace does not hear of another',
    given: [post('gadgets', gadget('before'))],
    watch: fromLast(),
    deeds: [
      post('/apis/conformance.example/v1/namespaces/default/gadgets', {
        ...gadget(''),
        metadata: { generateName: 'elsewhere-' },
      }),
      post('gadgets', gadget('end')),
    ],
    events: [event('ADDED', 'end')],
  },
];

export const deletions: readonly History[] = [
  {
    name: 'a held object is marked, freed and gone: the last finalizer is not told as a change',
    given: [
      post('clientcredentials', credential('a', {}, { finalizers: [...HELD.finalizers, 'x.example/y'] })),
    ],
    watch: fromLast({}, 'clientcredentials'),
    deeds: [
      remove('clientcredentials/a'),
      merge('clientcredentials/a', { metadata: { finalizers: HELD.finalizers } }),
      merge('clientcredentials/a', { metadata: { finalizers: null, annotations: { last: 'word' } } }),
    ],
    events: [
      event('MODIFIED', 'a', { metadata: { generation: 2, deletionTimestamp: matching(/Z$/) } }),
      event('MODIFIED', 'a', { metadata: HELD }),
      event('DELETED', 'a', { metadata: HELD }),
    ],
  },
  {
    name: 'the DELETED event has a version of its own, and no last words',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a')],
    watch: fromLast(),
    deeds: [
      json('gadgets/a', [
        { op: 'remove', path: '/metadata/finalizers' },
        { op: 'add', path: '/metadata/annotations', value: { last: 'word' } },
      ]),
    ],
    events: ({ given: [, marked] }) => [
      event('DELETED', 'a', { metadata: { ...HELD, resourceVersion: laterThan(versionOf(marked)) } }, [
        'metadata.annotations',
      ]),
    ],
  },
  {
    name: 'a collection is deleted one by one',
    given: [post('gadgets', gadget('a')), post('gadgets', gadget('b'))],
    watch: fromLast(),
    deeds: [remove('gadgets')],
    events: [event('DELETED', 'a'), event('DELETED', 'b')],
  },
  {
    name: 'a namesake of what was deleted is another object',
    given: [post('gadgets', gadget('a'))],
    watch: fromLast(),
    deeds: [remove('gadgets/a'), post('gadgets', gadget('a'))],
    events: ({ first, last }) => [
      event('DELETED', 'a', { metadata: { uid: first.metadata.uid } }),
      event('ADDED', 'a', { metadata: { uid: last.metadata.uid } }),
    ],
  },
];
