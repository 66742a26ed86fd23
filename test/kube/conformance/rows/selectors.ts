/** Lists by label and by field. */

import { ok, refused } from '../support/answers.ts';
import { claim, credential, gadget, secret } from '../support/objects.ts';
import { get, merge, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const names = (...of: readonly string[]) => ({ items: of.map((name) => ({ metadata: { name } })) });

const three = [
  post('gadgets', gadget('a', { colour: 'blue' }, { labels: { tier: 'gold', n: '1' } })),
  post('gadgets', gadget('b', { colour: 'red' }, { labels: { tier: 'silver', n: '2' } })),
  post('gadgets', gadget('c')),
];

const byLabel = (name: string, labelSelector: string, ...found: readonly string[]): Row => ({
  name: `labels: ${name}`,
  given: three,
  request: get('gadgets', { labelSelector }),
  answer: ok(names(...found)),
});

const byField = (name: string, fieldSelector: string, ...found: readonly string[]): Row => ({
  name: `fields: ${name}`,
  given: three,
  request: get('gadgets', { fieldSelector }),
  answer: ok(names(...found)),
});

export const selectors: readonly Row[] = [
  byLabel('equality', 'tier=gold', 'a'),
  byLabel('equality with two signs', 'tier==gold', 'a'),
  byLabel('inequality, absence included', 'tier!=gold', 'b', 'c'),
  byLabel('a set', 'tier in (gold, silver)', 'a', 'b'),
  byLabel('outside a set, absence included', 'tier notin (gold)', 'b', 'c'),
  byLabel('presence', 'tier', 'a', 'b'),
  byLabel('absence', '!tier', 'c'),
  byLabel('greater than', 'n>1', 'b'),
  byLabel('several at once', 'tier in (gold,silver),n<2', 'a'),
  byLabel('none at all', '', 'a', 'b', 'c'),
  byField('a name', 'metadata.name=b', 'b'),
  byField('every other name', 'metadata.name!=b', 'a', 'c'),
  byField('a field that the definition offers', 'spec.colour=blue', 'a'),
  byField('an absent field is empty', 'spec.colour=', 'c'),
  byField('a number', 'spec.size=1,metadata.name!=a', 'b', 'c'),
  {
    name: 'a label selector that does not parse',
    request: get('gadgets', { labelSelector: 'tier in gold' }),
    answer: refused(400, 'BadRequest', `unable to parse requirement: found 'gold' expected: '('`),
  },
  {
    name: 'a label selector with a bad value',
    request: get('gadgets', { labelSelector: 'tier=a b' }),
    answer: refused(400, 'BadRequest', `found 'b', expected: ',' or 'end of string'`),
  },
  {
    name: 'a field that the definition does not offer',
    request: get('gadgets', { fieldSelector: 'spec.mood=calm' }),
    answer: refused(400, 'BadRequest', 'field label not supported: spec.mood'),
  },
  {
    name: 'a field that a built-in kind does not offer',
    request: get('configmaps', { fieldSelector: 'data.k=v' }),
    answer: refused(
      400,
      'BadRequest',
      '"data.k" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ),
  },
  {
    name: 'a field selector that does not parse',
    request: get('gadgets', { fieldSelector: 'metadata.name' }),
    answer: refused(400, 'BadRequest', `invalid selector: 'metadata.name'; can't understand 'metadata.name'`),
  },
  {
    name: 'Secrets by type',
    given: [post('secrets', secret('a')), post('secrets', secret('b', { type: 'x.example/y' }))],
    request: get('secrets', { fieldSelector: 'type=x.example/y' }),
    answer: ok(names('b')),
  },
  {
    name: 'namespaces by phase',
    given: [({ ns }) => merge(`namespaces/${ns}`, { metadata: { labels: { row: ns } } })],
    request: ({ ns }) =>
      get('namespaces', { fieldSelector: 'status.phase=Active', labelSelector: `row=${ns}` }),
    answer: ({ ns }) => ok(names(ns)),
  },
  {
    name: 'ClientCredentials by client id and by Secret',
    given: [
      post('clientcredentials', credential('a', { clientId: 'one' })),
      post('clientcredentials', credential('b', { clientId: 'two' })),
    ],
    request: get('clientcredentials', { fieldSelector: 'spec.clientId=two,spec.clientSecretRef.name=pay' }),
    answer: ok(names('b')),
  },
  {
    name: 'claims by owner',
    given: [
      post('almclientclaims', claim('a')),
      post('almclientclaims', claim('b', { owner: { namespace: 'pay', name: 'other', uid: 'u-2' } })),
    ],
    request: get('almclientclaims', { fieldSelector: 'spec.owner.namespace=pay,spec.owner.name=other' }),
    answer: ok(names('b')),
  },
];
