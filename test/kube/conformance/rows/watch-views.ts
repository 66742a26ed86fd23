/** Watches: what they show through selectors and in other forms. */

import { matching } from '../support/answers.ts';
import type { History } from '../support/history.ts';
import { gadget, lease, secret } from '../support/objects.ts';
import { get, merge, post, remove } from '../support/requests.ts';
import { event, fromLast, META, tiered, versionOf } from '../support/seen.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

export const views: readonly History[] = [
  {
    name: 'through a label selector, coming is ADDED and leaving is DELETED, with the labels of before',
    given: [tiered('a', 'silver'), tiered('b', 'gold')],
    watch: fromLast({ labelSelector: 'tier=gold' }),
    deeds: [
      merge('gadgets/a', { metadata: { labels: { tier: 'gold' } } }),
      merge('gadgets/a', { spec: { size: 2 } }),
      merge('gadgets/a', { metadata: { labels: { tier: 'silver' } } }),
      merge('gadgets/a', { spec: { size: 3 } }),
      remove('gadgets/b'),
    ],
    events: ({ given: [, , came, , left] }) => [
      event('ADDED', 'a', { metadata: { resourceVersion: versionOf(came) } }),
      event('MODIFIED', 'a', { spec: { size: 2 } }),
      event('DELETED', 'a', { metadata: { labels: { tier: 'gold' }, resourceVersion: versionOf(left) } }),
      event('DELETED', 'b'),
    ],
  },
  {
    name: 'through a field selector on a name',
    given: [post('leases', lease('a'))],
    watch: fromLast({ fieldSelector: 'metadata.name=b' }, 'leases'),
    deeds: [merge('leases/a', { spec: { holderIdentity: 'x' } }), post('leases', lease('b'))],
    events: [event('ADDED', 'b')],
  },
  {
    name: 'through a field selector on a spec',
    given: [post('gadgets', gadget('a', { colour: 'blue' })), post('gadgets', gadget('b'))],
    watch: fromLast({ fieldSelector: 'spec.colour=red' }),
    deeds: [
      merge('gadgets/b', { spec: { size: 2 } }),
      merge('gadgets/a', { spec: { colour: 'red' } }),
      merge('gadgets/a', { spec: { colour: null } }),
    ],
    events: [
      event('ADDED', 'a', { spec: { colour: 'red' } }),
      event('DELETED', 'a', { spec: { colour: 'red' } }),
    ],
  },
  {
    name: 'replayed changes go through the selector too',
    given: [
      tiered('a', 'gold'),
      merge('gadgets/a', { metadata: { labels: { tier: 'silver' } } }),
      tiered('b', 'gold'),
    ],
    watch: ({ first }) => get('gadgets', { resourceVersion: versionOf(first), labelSelector: 'tier=gold' }),
    events: [event('DELETED', 'a', { metadata: { labels: { tier: 'gold' } } }), event('ADDED', 'b')],
  },
  {
    name: 'metadata alone: what it is, and no data',
    given: [post('secrets', secret('before'))],
    watch: ({ last }) => get('secrets', { resourceVersion: versionOf(last) }, META),
    deeds: [post('secrets', secret('a', { data: { k: 'dg==' } })), remove('secrets/a')],
    events: [
      event('ADDED', 'a', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' }, ['data', 'type']),
      event('DELETED', 'a', { kind: 'PartialObjectMetadata' }, ['data']),
    ],
  },
  {
    name: 'tables: one row an event, the columns with the first alone',
    given: [post('gadgets', gadget('before'))],
    watch: ({ last }) => get('gadgets', { resourceVersion: versionOf(last) }, TABLE),
    deeds: [post('gadgets', gadget('a')), merge('gadgets/a', { spec: { size: 2 } })],
    events: [
      [
        'ADDED',
        {
          kind: 'Table',
          columnDefinitions: [{ name: 'Name' }, {}, {}, {}, {}],
          rows: [{ cells: ['a', 1, null, null, matching(/s$/)] }],
        },
      ],
      [
        'MODIFIED',
        { kind: 'Table', columnDefinitions: null, rows: [{ cells: ['a', 2, null, null, matching(/s$/)] }] },
      ],
    ],
  },
];
