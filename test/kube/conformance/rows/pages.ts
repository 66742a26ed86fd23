/** Lists in pages. */

import { created, matching, ok, refused } from '../support/answers.ts';
import { gadget, secret } from '../support/objects.ts';
import { get, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const names = (...of: readonly string[]) => ({ items: of.map((name) => ({ metadata: { name } })) });

const five = ['a', 'b', 'c', 'd', 'e'].map((name) =>
  post('gadgets', gadget(name, {}, { labels: { five: 'yes' } })),
);

export const pages: readonly Row[] = [
  {
    name: 'a page says where it goes on and how many remain; all pages show one version',
    given: five,
    request: get('gadgets', { limit: '2' }),
    answer: ok({ ...names('a', 'b'), metadata: { continue: matching(/./), remainingItemCount: 3 } }),
    then: [
      {
        request: ({ last }) => get('gadgets', { limit: '2', continue: last.metadata.continue }),
        answer: ({ last }) =>
          ok({
            ...names('c', 'd'),
            metadata: { resourceVersion: last.metadata.resourceVersion, remainingItemCount: 1 },
          }),
      },
      {
        request: ({ last }) => get('gadgets', { limit: '2', continue: last.metadata.continue }),
        answer: ({ last }) =>
          ok(
            { ...names('e'), metadata: { resourceVersion: last.metadata.resourceVersion } },
            { lacks: ['metadata.remainingItemCount'] },
          ),
      },
    ],
  },
  {
    name: 'a later page does not show what came after the first',
    given: five,
    request: get('gadgets', { limit: '4' }),
    answer: ok(names('a', 'b', 'c', 'd')),
    then: [
      {
        request: ({ last }) => post('gadgets', gadget('f', { note: last.metadata.continue })),
        answer: created(),
      },
      {
        request: ({ last }) => get('gadgets', { continue: last.spec.note }),
        answer: ok(names('e')),
      },
    ],
  },
  {
    name: 'a selected page does not say how many remain',
    given: five,
    request: get('gadgets', { limit: '2', labelSelector: 'five=yes' }),
    answer: ok(
      { ...names('a', 'b'), metadata: { continue: matching(/./) } },
      { lacks: ['metadata.remainingItemCount'] },
    ),
  },
  {
    name: 'a page of a selection skips what does not match',
    given: [post('gadgets', gadget('a0')), ...five],
    request: get('gadgets', { limit: '1', labelSelector: 'five=yes' }),
    answer: ok(names('a')),
    then: [
      {
        request: ({ last }) =>
          get('gadgets', { limit: '9', labelSelector: 'five=yes', continue: last.metadata.continue }),
        answer: ok(names('b', 'c', 'd', 'e')),
      },
    ],
  },
  {
    name: 'a token that is none',
    request: get('gadgets', { limit: '1', continue: 'nonsense' }),
    answer: refused(
      400,
      'BadRequest',
      matching(
        /^invalid continue token: continue key is not valid: invalid character '.+' looking for beginning of value$/,
      ),
    ),
  },
  {
    name: 'a token and a version',
    given: five,
    request: get('gadgets', { limit: '1' }),
    answer: ok(names('a')),
    then: [
      {
        request: ({ last }) => get('gadgets', { continue: last.metadata.continue, resourceVersion: '1' }),
        answer: refused(400, 'BadRequest', 'specifying resource version is not allowed when using continue'),
      },
    ],
  },
  {
    name: 'a limit that is as long as the list',
    given: five,
    request: get('gadgets', { limit: '5' }),
    answer: ok(names('a', 'b', 'c', 'd', 'e'), { lacks: ['metadata.remainingItemCount'] }),
  },
  {
    name: 'a page of a built-in kind',
    given: ['a', 'b'].map((name) => post('secrets', secret(name))),
    request: get('secrets', { limit: '1' }),
    answer: ok({ kind: 'SecretList', ...names('a'), metadata: { remainingItemCount: 1 } }),
  },
];
