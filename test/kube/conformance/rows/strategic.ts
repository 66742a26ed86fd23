/** Strategic merge patches, which built-in kinds alone take. */

import { ok, refused } from '../support/answers.ts';
import { configMap, gadget, namespace, serviceAccount } from '../support/objects.ts';
import { get, post, strategic } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const HELD = { finalizers: ['conformance.example/hold'] };

export const strategics: readonly Row[] = [
  {
    name: 'a strategic merge patch merges maps',
    given: [post('configmaps', configMap('a', { data: { k: 'v', l: 'w' } }))],
    request: strategic('configmaps/a', { data: { k: null, m: 'x' }, metadata: { labels: { l: '1' } } }),
    answer: ok({ data: { l: 'w', m: 'x' }, metadata: { labels: { l: '1' } } }, { lacks: ['data.k'] }),
  },
  {
    name: 'a strategic merge patch merges finalizers as a set, new ones first',
    given: [post('configmaps', configMap('a', {}, HELD))],
    request: strategic('configmaps/a', { metadata: { finalizers: ['conformance.example/more'] } }),
    answer: ok({ metadata: { finalizers: ['conformance.example/more', 'conformance.example/hold'] } }),
  },
  {
    name: 'a strategic merge patch takes one entry out of a set',
    given: [post('configmaps', configMap('a', {}, { finalizers: ['x.example/a', 'x.example/b'] }))],
    request: strategic('configmaps/a', {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['x.example/a'] },
    }),
    answer: ok({ metadata: { finalizers: ['x.example/b'] } }),
  },
  {
    name: 'a strategic merge patch merges lists by their key',
    given: [post('serviceaccounts', serviceAccount('a', { secrets: [{ name: 'x' }] }))],
    request: strategic('serviceaccounts/a', { secrets: [{ name: 'y' }] }),
    answer: ok({ secrets: [{ name: 'y' }, { name: 'x' }] }),
  },
  {
    name: 'a strategic merge patch deletes by key',
    given: [post('serviceaccounts', serviceAccount('a', { secrets: [{ name: 'x' }, { name: 'y' }] }))],
    request: strategic('serviceaccounts/a', { secrets: [{ $patch: 'delete', name: 'x' }] }),
    answer: ok({ secrets: [{ name: 'y' }] }),
  },
  {
    name: 'a strategic merge patch replaces lists that have no key',
    given: [post('serviceaccounts', serviceAccount('a', { imagePullSecrets: [{ name: 'x' }] }))],
    request: strategic('serviceaccounts/a', { imagePullSecrets: [{ name: 'y' }] }),
    answer: ok({ imagePullSecrets: [{ name: 'y' }] }),
  },
  {
    name: 'a strategic merge patch replaces a map that says so',
    given: [post('configmaps', configMap('a', { data: { k: 'v' } }))],
    request: strategic('configmaps/a', { data: { $patch: 'replace', m: 'x' } }),
    answer: ok({ data: { m: 'x' } }, { lacks: ['data.k'] }),
  },
  {
    name: 'a strategic merge patch labels a namespace',
    given: [({ ns }) => get(`namespaces/${ns}`)],
    request: ({ ns }) => strategic(`namespaces/${ns}`, { metadata: { labels: { tier: 'gold' } } }),
    answer: ({ ns }) =>
      ok({
        metadata: namespace(ns, {}, { labels: { tier: 'gold', 'kubernetes.io/metadata.name': ns } }).metadata,
      }),
  },
  {
    name: 'a strategic merge patch of a custom kind',
    given: [post('gadgets', gadget('a'))],
    request: strategic('gadgets/a', { spec: { size: 2 } }),
    answer: refused(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ),
  },
  {
    name: 'a patch of a type that is none',
    given: [post('configmaps', configMap('a'))],
    request: { method: 'PATCH', path: 'configmaps/a', body: {}, contentType: 'application/json' },
    answer: refused(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}),
  },
];
