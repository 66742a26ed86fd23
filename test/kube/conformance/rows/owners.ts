/** Dependents by owner references: background, foreground, orphaned, and owners that are not there. */

import { matching, notFound, ok } from '../support/answers.ts';
import type { History } from '../support/history.ts';
import { type Body, credential, secret } from '../support/objects.ts';
import { get, merge, post, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';
import { event } from '../support/seen.ts';

const HELD = { finalizers: ['conformance.example/hold'] };
const CREDENTIAL = { group: 'alm-operator.dev', kind: 'clientcredentials', name: 'a' };

const ownedBy = (owner: Body, more: object = {}) => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...more,
});
/** A Secret of the first object given. */
const owned =
  (more: object = {}) =>
  ({ first }: Readonly<{ first: Body }>) =>
    post('secrets', secret('s', {}, { ownerReferences: [ownedBy(first, more)] }));
const secretsFrom = ({ last }: Readonly<{ last: Body }>) =>
  get('secrets', { resourceVersion: last.metadata.resourceVersion });
const deleted = (propagationPolicy: string) => remove('clientcredentials/a', { propagationPolicy });

export const dependents: readonly History[] = [
  {
    name: 'in the background the dependent goes after its owner',
    given: [post('clientcredentials', credential('a')), owned()],
    watch: secretsFrom,
    deeds: [deleted('Background')],
    events: [event('DELETED', 's')],
  },
  {
    name: 'without a policy it is the same',
    given: [post('clientcredentials', credential('a')), owned()],
    watch: secretsFrom,
    deeds: [remove('clientcredentials/a')],
    events: [event('DELETED', 's')],
  },
  {
    name: 'in the foreground the dependent goes first, although its owner is held',
    given: [post('clientcredentials', credential('a', {}, HELD)), owned({ blockOwnerDeletion: true })],
    watch: secretsFrom,
    deeds: [deleted('Foreground')],
    events: [event('DELETED', 's')],
  },
  {
    name: 'orphaned, the dependent is set free',
    given: [post('clientcredentials', credential('a')), owned()],
    watch: secretsFrom,
    deeds: [deleted('Orphan')],
    events: [event('MODIFIED', 's', {}, ['metadata.ownerReferences', 'metadata.deletionTimestamp'])],
  },
  {
    name: 'in the foreground the owner is marked, and goes last',
    given: [post('clientcredentials', credential('a')), owned({ blockOwnerDeletion: true })],
    watch: ({ last }) => get('clientcredentials', { resourceVersion: last.metadata.resourceVersion }),
    deeds: [deleted('Foreground')],
    events: [
      event('MODIFIED', 'a', {
        metadata: { finalizers: ['foregroundDeletion'], deletionTimestamp: matching(/Z$/) },
      }),
      event('DELETED', 'a'),
    ],
  },
  {
    name: 'orphaning, the owner is marked, and goes',
    given: [post('clientcredentials', credential('a')), owned()],
    watch: ({ last }) => get('clientcredentials', { resourceVersion: last.metadata.resourceVersion }),
    deeds: [deleted('Orphan')],
    events: [event('MODIFIED', 'a', { metadata: { finalizers: ['orphan'] } }), event('DELETED', 'a')],
  },
  {
    name: 'a dependent of an owner that never was goes at once',
    given: [post('clientcredentials', credential('a'))],
    watch: get('secrets'),
    deeds: [
      ({ first }) =>
        post(
          'secrets',
          secret(
            's',
            {},
            { ownerReferences: [ownedBy(first, { uid: '00000000-0000-0000-0000-000000000000' })] },
          ),
        ),
    ],
    events: [event('ADDED', 's'), event('DELETED', 's')],
  },
  {
    name: 'of two owners one goes: the dependent stays with the other',
    given: [
      post('clientcredentials', credential('a')),
      post('clientcredentials', credential('b', { clientId: 'other' })),
      ({ given: [a, b] }) => post('secrets', secret('s', {}, { ownerReferences: [ownedBy(a), ownedBy(b)] })),
    ],
    watch: secretsFrom,
    deeds: [remove('clientcredentials/a')],
    events: [event('MODIFIED', 's', { metadata: { ownerReferences: [{ name: 'b' }] } })],
  },
  {
    name: 'a held dependent is marked, and stays until it is let go',
    given: [
      post('clientcredentials', credential('a')),
      ({ first }) => post('secrets', secret('s', {}, { ...HELD, ownerReferences: [ownedBy(first)] })),
    ],
    watch: secretsFrom,
    deeds: [remove('clientcredentials/a')],
    events: [event('MODIFIED', 's', { metadata: { deletionTimestamp: matching(/Z$/), ...HELD } })],
  },
  {
    name: 'an owner of a kind that nobody serves proves nothing',
    given: [post('secrets', secret('s'))],
    watch: secretsFrom,
    deeds: [
      merge('secrets/s', {
        metadata: {
          ownerReferences: [{ apiVersion: 'nowhere.example/v1', kind: 'Thing', name: 'x', uid: 'u-1' }],
        },
      }),
      merge('secrets/s', { metadata: { labels: { still: 'here' } } }),
    ],
    events: [
      event('MODIFIED', 's', { metadata: { ownerReferences: [{ kind: 'Thing' }] } }),
      event('MODIFIED', 's', { metadata: { labels: { still: 'here' } } }),
    ],
  },
];

export const outcomes: readonly Row[] = [
  {
    name: 'in the foreground a held owner is left with its own finalizer alone',
    given: [
      post('clientcredentials', credential('a', {}, HELD)),
      owned({ blockOwnerDeletion: true }),
      deleted('Foreground'),
    ],
    request: get('clientcredentials/a'),
    answer: ok({ metadata: { deletionTimestamp: matching(/Z$/), ...HELD } }),
    then: [
      { request: get('secrets/s'), answer: notFound({ kind: 'secrets', name: 's' }) },
      { request: merge('clientcredentials/a', { metadata: { finalizers: null } }), answer: ok() },
      { request: get('clientcredentials/a'), answer: notFound(CREDENTIAL) },
    ],
  },
  {
    name: 'in the foreground a dependent that does not block holds nobody up',
    given: [
      post('clientcredentials', credential('a')),
      ({ first }) => post('secrets', secret('s', {}, { ...HELD, ownerReferences: [ownedBy(first)] })),
      deleted('Foreground'),
    ],
    request: get('clientcredentials/a'),
    answer: notFound(CREDENTIAL),
    then: [
      { request: get('secrets/s'), answer: ok({ metadata: { deletionTimestamp: matching(/Z$/), ...HELD } }) },
    ],
  },
  {
    name: 'in the foreground a held dependent that blocks holds its owner up',
    given: [
      post('clientcredentials', credential('a')),
      ({ first }) =>
        post(
          'secrets',
          secret('s', {}, { ...HELD, ownerReferences: [ownedBy(first, { blockOwnerDeletion: true })] }),
        ),
      deleted('Foreground'),
    ],
    request: get('secrets/s'),
    answer: ok({ metadata: { deletionTimestamp: matching(/Z$/), ...HELD } }),
    then: [
      {
        request: get('clientcredentials/a'),
        answer: ok({ metadata: { finalizers: ['foregroundDeletion'] } }),
      },
      { request: merge('secrets/s', { metadata: { finalizers: null } }), answer: ok() },
      { request: get('clientcredentials/a'), answer: notFound(CREDENTIAL) },
    ],
  },
];
