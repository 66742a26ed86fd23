/** Watches: how they begin and end, and which are refused. */

import { invalid, matching, notBefore, refused } from '../support/answers.ts';
import type { History, Refusal } from '../support/history.ts';
import { configMap, gadget, lease, secret } from '../support/objects.ts';
import { get, merge, post, remove } from '../support/requests.ts';
import { event, fromLast, INITIAL_END, META, tiered, versionOf, WATCH_LIST } from '../support/seen.ts';

const EXPIRED = {
  kind: 'Status',
  status: 'Failure',
  code: 410,
  reason: 'Expired',
  message: matching(/^too old resource version: \d+ \(\d+\)$/),
};

export const beginnings: readonly History[] = [
  {
    name: 'without a version: everything there is as ADDED, then changes',
    given: [post('gadgets', gadget('a')), post('gadgets', gadget('b'))],
    watch: get('gadgets'),
    deeds: [remove('gadgets/b')],
    events: [event('ADDED', 'a'), event('ADDED', 'b'), event('DELETED', 'b')],
  },
  {
    name: 'from version 0: the same',
    given: [
      post('configmaps', configMap('a')),
      ({ last }) => get('configmaps/a', { resourceVersion: versionOf(last) }),
    ],
    watch: get('configmaps', { resourceVersion: '0' }),
    deeds: [merge('configmaps/a', { data: { k: 'v' } })],
    events: [event('ADDED', 'a'), event('MODIFIED', 'a', { data: { k: 'v' } })],
  },
  {
    name: 'from version 0 with bookmarks: a WatchList, although it was not asked for',
    given: [
      post('configmaps', configMap('a')),
      ({ last }) => get('configmaps/a', { resourceVersion: versionOf(last) }),
    ],
    watch: get('configmaps', { resourceVersion: '0', allowWatchBookmarks: 'true' }),
    deeds: [merge('configmaps/a', { data: { k: 'v' } })],
    events: [event('ADDED', 'a'), ['BOOKMARK', INITIAL_END], event('MODIFIED', 'a', { data: { k: 'v' } })],
  },
  {
    name: 'WatchList: everything there is, a bookmark that ends it, then changes',
    given: [post('gadgets', gadget('a')), post('gadgets', gadget('b'))],
    watch: get('gadgets', WATCH_LIST),
    deeds: [merge('gadgets/a', { spec: { size: 2 } })],
    events: ({ given: [, b] }) => [
      event('ADDED', 'a'),
      event('ADDED', 'b'),
      [
        'BOOKMARK',
        {
          kind: 'Gadget',
          apiVersion: 'conformance.example/v1',
          metadata: { ...INITIAL_END.metadata, resourceVersion: notBefore(versionOf(b)) },
        },
      ],
      event('MODIFIED', 'a', { spec: { size: 2 } }),
    ],
  },
  {
    name: 'WatchList of nothing: the bookmark at once',
    watch: get('leases', WATCH_LIST),
    deeds: [post('leases', lease('a'))],
    events: [['BOOKMARK', { kind: 'Lease', ...INITIAL_END }], event('ADDED', 'a')],
  },
  {
    name: 'WatchList through a selector',
    given: [tiered('a', 'gold'), tiered('b', 'silver')],
    watch: get('gadgets', { ...WATCH_LIST, labelSelector: 'tier=gold' }),
    deeds: [merge('gadgets/b', { metadata: { labels: { tier: 'gold' } } })],
    events: [event('ADDED', 'a'), ['BOOKMARK', INITIAL_END], event('ADDED', 'b')],
  },
  {
    name: 'WatchList of metadata ends with a bookmark of metadata',
    given: [post('secrets', secret('a', { data: { k: 'dg==' } }))],
    watch: get('secrets', WATCH_LIST, META),
    deeds: [remove('secrets/a')],
    events: [
      event('ADDED', 'a', { kind: 'PartialObjectMetadata' }, ['data']),
      ['BOOKMARK', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', ...INITIAL_END }],
      event('DELETED', 'a'),
    ],
  },
  {
    name: 'WatchList without bookmarks has no end mark',
    given: [post('gadgets', gadget('a'))],
    watch: get('gadgets', { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }),
    deeds: [remove('gadgets/a')],
    events: [event('ADDED', 'a'), event('DELETED', 'a')],
  },
  {
    name: 'without initial events: changes alone',
    given: [post('gadgets', gadget('a')), post('gadgets', gadget('b'))],
    watch: get('gadgets', { sendInitialEvents: 'false', resourceVersionMatch: 'NotOlderThan' }),
    deeds: [remove('gadgets/a')],
    events: [event('DELETED', 'a')],
  },
];

export const ends: readonly History[] = [
  {
    name: 'a time limit ends a watch cleanly',
    given: [post('gadgets', gadget('a'))],
    watch: get('gadgets', { timeoutSeconds: '1' }),
    events: [event('ADDED', 'a')],
    ends: true,
  },
  {
    name: 'shortly before its end a watch gets a bookmark of what happened out of its view',
    given: [post('gadgets', gadget('a'))],
    watch: fromLast({ fieldSelector: 'metadata.name=b', timeoutSeconds: '5', allowWatchBookmarks: 'true' }),
    deeds: [merge('gadgets/a', { spec: { size: 2 } })],
    events: ({ last }) => [
      [
        'BOOKMARK',
        {
          kind: 'Gadget',
          apiVersion: 'conformance.example/v1',
          metadata: { resourceVersion: notBefore(versionOf(last)) },
        },
      ],
    ],
  },
  {
    name: 'a version of the future is silence',
    watch: get('gadgets', { resourceVersion: '900000000', timeoutSeconds: '3', allowWatchBookmarks: 'true' }),
    deeds: [post('gadgets', gadget('a'))],
    events: [],
    ends: true,
  },
  {
    name: 'a version that is forgotten: one error, 410, and the end',
    given: [post('gadgets', gadget('a')), merge('gadgets/a', { spec: { size: 2 } })],
    compacted: true,
    watch: ({ first }) => get('gadgets', { resourceVersion: versionOf(first) }),
    events: [['ERROR', EXPIRED]],
    ends: true,
  },
  {
    name: 'a forgotten version of a built-in kind',
    given: [post('secrets', secret('a'))],
    compacted: true,
    watch: ({ first }) => get('secrets', { resourceVersion: versionOf(first) }),
    events: [['ERROR', EXPIRED]],
    ends: true,
  },
  {
    name: 'after the history is forgotten a WatchList begins anew',
    given: [post('gadgets', gadget('a'))],
    compacted: true,
    watch: get('gadgets', WATCH_LIST),
    deeds: [remove('gadgets/a')],
    events: [event('ADDED', 'a'), ['BOOKMARK', INITIAL_END], event('DELETED', 'a')],
  },
];

const LIST_OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions' };

export const refusals: readonly Refusal[] = [
  {
    name: 'initial events without a match',
    watch: get('gadgets', { sendInitialEvents: 'true' }),
    answer: invalid(LIST_OPTIONS, [
      'resourceVersionMatch',
      'FieldValueForbidden',
      'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ]),
  },
  {
    name: 'a match without initial events',
    watch: get('gadgets', { resourceVersion: '1', resourceVersionMatch: 'NotOlderThan' }),
    answer: invalid(LIST_OPTIONS, [
      'resourceVersionMatch',
      'FieldValueForbidden',
      'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ]),
  },
  {
    name: 'an exact match',
    watch: get('gadgets', { resourceVersion: '1', sendInitialEvents: 'true', resourceVersionMatch: 'Exact' }),
    answer: invalid(
      LIST_OPTIONS,
      [
        'resourceVersionMatch',
        'FieldValueForbidden',
        'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      ],
      [
        'resourceVersionMatch',
        'FieldValueNotSupported',
        'Unsupported value: "Exact": supported values: "NotOlderThan"',
      ],
    ),
  },
  {
    name: 'a version that is no number',
    watch: get('gadgets', { resourceVersion: 'x' }),
    answer: refused(
      500,
      '',
      'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ),
  },
  {
    name: 'a field that is not offered',
    watch: get('gadgets', { fieldSelector: 'spec.mood=calm' }),
    answer: refused(400, 'BadRequest', 'field label not supported: spec.mood'),
  },
  {
    name: 'a kind that is not there',
    watch: get('/apis/conformance.example/v1/widgets'),
    answer: { status: 404, equals: '404 page not found\n' },
  },
];
