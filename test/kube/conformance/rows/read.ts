/** GET of one object, and lists by version. */

import { invalid, matching, notFound, ok, refused } from '../support/answers.ts';
import { configMap, gadget } from '../support/objects.ts';
import { get, post, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const LIST_OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions' };

const names = (...of: readonly string[]) => ({ items: of.map((name) => ({ metadata: { name } })) });

const NO_NUMBER = 'Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax';

const FUTURE = '900000000';

export const single: readonly Row[] = [
  {
    name: 'an object is read as it was stored',
    given: [post('configmaps', configMap('a', { data: { k: 'v' } }))],
    request: get('configmaps/a'),
    answer: ({ first }) => ok(first),
  },
  {
    name: 'what is not there, of a built-in kind',
    request: get('secrets/a'),
    answer: notFound({ kind: 'secrets', name: 'a' }),
  },
  {
    name: 'what is not there, of a custom kind',
    request: get('clientcredentials/a'),
    answer: notFound({ group: 'alm-operator.dev', kind: 'clientcredentials', name: 'a' }),
  },
  {
    name: 'what is not there in a namespace that is not there either',
    request: get('/api/v1/namespaces/nope/secrets/a'),
    answer: notFound({ kind: 'secrets', name: 'a' }),
  },
  {
    name: 'a namespace that is not there',
    request: get('namespaces/nope'),
    answer: notFound({ kind: 'namespaces', name: 'nope' }),
  },
  {
    name: 'a kind that is not there, in a group of definitions',
    request: get('/apis/conformance.example/v1/namespaces/default/widgets'),
    answer: { status: 404, equals: '404 page not found\n', contentType: 'text/plain' },
  },
  {
    name: 'a group that is not there',
    request: get('/apis/nowhere.example/v1/things'),
    answer: { status: 404, equals: '404 page not found\n', contentType: 'text/plain' },
  },
  {
    name: 'a kind that is not there, in a group of the server',
    request: get('/api/v1/namespaces/default/widgets'),
    answer: refused(404, 'NotFound', 'the server could not find the requested resource', {}),
  },
  {
    name: 'a read not older than a version',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) => get('gadgets/a', { resourceVersion: first.metadata.resourceVersion }),
    answer: ok({ metadata: { name: 'a' } }),
  },
  {
    name: 'version 0 reads what the server has seen so far',
    given: [
      post('gadgets', gadget('a')),
      ({ last }) => get('gadgets/a', { resourceVersion: last.metadata.resourceVersion }),
    ],
    request: get('gadgets/a', { resourceVersion: '0' }),
    answer: ok({ metadata: { name: 'a' } }),
  },
  {
    name: 'a version of the future is waited for, in vain',
    given: [post('gadgets', gadget('a'))],
    request: get('gadgets/a', { resourceVersion: FUTURE }),
    answer: refused(
      504,
      'Timeout',
      matching(new RegExp(`^Timeout: Too large resource version: ${FUTURE}, current: \\d+$`)),
      {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    ),
  },
  {
    name: 'a version that is no number',
    request: get('gadgets/a', { resourceVersion: 'x' }),
    answer: refused(500, '', `resourceVersion: ${NO_NUMBER}`),
  },
];

export const lists: readonly Row[] = [
  {
    name: 'an empty list says what it is and at which version',
    request: get('gadgets'),
    answer: ok({
      kind: 'GadgetList',
      apiVersion: 'conformance.example/v1',
      metadata: { resourceVersion: matching(/^[1-9]\d*$/) },
      items: [],
    }),
  },
  {
    name: 'items of a custom kind say what they are, in the order of names',
    given: ['c', 'a', 'b'].map((name) => post('gadgets', gadget(name))),
    request: get('gadgets'),
    answer: ok({
      items: ['a', 'b', 'c'].map((name) => ({
        kind: 'Gadget',
        apiVersion: 'conformance.example/v1',
        metadata: { name },
        spec: { mood: 'calm' },
        status: { observedGeneration: -1 },
      })),
    }),
  },
  {
    name: 'items of a built-in kind do not say what they are',
    given: [post('configmaps', configMap('a'))],
    request: get('configmaps'),
    answer: ok(
      { kind: 'ConfigMapList', apiVersion: 'v1', ...names('a') },
      { lacks: ['items.0.kind', 'items.0.apiVersion'] },
    ),
  },
  {
    name: 'a list of a namespace that is not there is empty',
    request: get('/api/v1/namespaces/nope/configmaps'),
    answer: ok({ kind: 'ConfigMapList', items: [] }),
  },
  {
    name: 'a list over all namespaces, by field',
    given: [({ ns }) => post('gadgets', gadget(`only-in-${ns}`))],
    request: ({ ns }) =>
      get('/apis/conformance.example/v1/gadgets', { fieldSelector: `metadata.name=only-in-${ns}` }),
    answer: ({ ns }) => ok({ items: [{ metadata: { name: `only-in-${ns}`, namespace: ns } }] }),
  },
  {
    name: 'a list not older than a version',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      get('gadgets', {
        resourceVersion: first.metadata.resourceVersion,
        resourceVersionMatch: 'NotOlderThan',
      }),
    answer: ok(names('a')),
  },
  {
    name: 'a list exactly at a version shows what was there then',
    given: [post('gadgets', gadget('a')), post('gadgets', gadget('b')), remove('gadgets/a')],
    request: ({ given: [, second] }) =>
      get('gadgets', {
        resourceVersion: second.metadata.resourceVersion,
        resourceVersionMatch: 'Exact',
      }),
    answer: ({ given: [, second] }) =>
      ok({ metadata: { resourceVersion: second.metadata.resourceVersion }, ...names('a', 'b') }),
  },
  {
    name: 'a list at a version of the future',
    request: get('gadgets', { resourceVersion: FUTURE }),
    answer: refused(
      504,
      'Timeout',
      matching(/^Timeout: Too large resource version: 900000000, current: \d+$/),
      {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    ),
  },
  {
    name: 'a match without a version',
    request: get('gadgets', { resourceVersionMatch: 'Exact' }),
    answer: invalid(LIST_OPTIONS, [
      'resourceVersionMatch',
      'FieldValueForbidden',
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ]),
  },
  {
    name: 'an exact match of version 0',
    request: get('gadgets', { resourceVersion: '0', resourceVersionMatch: 'Exact' }),
    answer: invalid(LIST_OPTIONS, [
      'resourceVersionMatch',
      'FieldValueForbidden',
      'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ]),
  },
  {
    name: 'a match that is none',
    request: get('gadgets', { resourceVersion: '1', resourceVersionMatch: 'Roughly' }),
    answer: invalid(LIST_OPTIONS, [
      'resourceVersionMatch',
      'FieldValueNotSupported',
      'Unsupported value: "Roughly": supported values: "Exact", "NotOlderThan", ""',
    ]),
  },
  {
    name: 'a list at a version that is no number',
    request: get('gadgets', { resourceVersion: 'x' }),
    answer: refused(400, 'BadRequest', `invalid resource version: resourceVersion: ${NO_NUMBER}`),
  },
  {
    name: 'initial events are for watches',
    request: get('gadgets', { sendInitialEvents: 'true' }),
    answer: invalid(LIST_OPTIONS, [
      'sendInitialEvents',
      'FieldValueForbidden',
      'Forbidden: sendInitialEvents is forbidden for list',
    ]),
  },
  {
    name: 'a limit that is no number',
    request: get('gadgets', { limit: 'x' }),
    answer: refused(400, 'BadRequest', 'strconv.ParseInt: parsing "x": invalid syntax'),
  },
  {
    name: 'a time limit that is no whole number',
    request: get('configmaps', { timeoutSeconds: '1.5' }),
    answer: refused(400, 'BadRequest', 'strconv.ParseInt: parsing "1.5": invalid syntax'),
  },
];
