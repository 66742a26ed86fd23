/** JSON patches (RFC 6902), each with what can go wrong. */

import { invalid, notFound, ok, refused, UNFINISHED } from '../support/answers.ts';
import { configMap, gadget } from '../support/objects.ts';
import { json, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const HELD = { finalizers: ['conformance.example/hold'] };

const GADGET = { group: 'conformance.example', kind: 'Gadget', name: 'a' };

const DETAILS = { name: 'a', group: 'conformance.example', kind: 'gadgets' };

/** The one answer to a JSON patch that cannot be carried out: it names no path. */
const UNPROCESSABLE = refused(
  422,
  'Invalid',
  'the server rejected our request due to an error in our request',
  {},
);

export const patches: readonly Row[] = [
  {
    name: 'a JSON patch adds, replaces and removes',
    given: [post('gadgets', gadget('a', { colour: 'blue', tags: ['x'] }))],
    request: json('gadgets/a', [
      { op: 'replace', path: '/spec/size', value: 4 },
      { op: 'remove', path: '/spec/colour' },
      { op: 'add', path: '/spec/tags/-', value: 'y' },
      { op: 'add', path: '/metadata/annotations', value: { 'x/y': '1' } },
      { op: 'add', path: '/metadata/annotations/x~1z', value: '2' },
    ]),
    answer: ok(
      {
        metadata: { generation: 2, annotations: { 'x/y': '1', 'x/z': '2' } },
        spec: { size: 4, tags: ['x', 'y'] },
      },
      { lacks: ['spec.colour'] },
    ),
  },
  {
    name: 'a JSON patch copies and moves',
    given: [post('gadgets', gadget('a', { colour: 'blue' }))],
    request: json('gadgets/a', [
      { op: 'copy', from: '/spec/colour', path: '/spec/note' },
      { op: 'move', from: '/spec/colour', path: '/spec/lock' },
      { op: 'remove', path: '/spec/lock' },
    ]),
    answer: ok({ spec: { note: 'blue' } }, { lacks: ['spec.colour', 'spec.lock'] }),
  },
  {
    name: 'a test that holds',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      json('gadgets/a', [
        { op: 'test', path: '/metadata/resourceVersion', value: first.metadata.resourceVersion },
        { op: 'add', path: '/metadata/finalizers', value: HELD.finalizers },
      ]),
    answer: ok({ metadata: HELD }),
  },
  {
    name: 'a test for null holds where the path leads nowhere',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [
      { op: 'test', path: '/metadata/finalizers', value: null },
      { op: 'add', path: '/metadata/finalizers', value: HELD.finalizers },
    ]),
    answer: ok({ metadata: HELD }),
  },
  {
    name: 'a test that fails',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'test', path: '/spec/size', value: 2 }]),
    answer: UNPROCESSABLE,
  },
  {
    name: 'a test of a version that is stale is no conflict',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]),
    answer: UNPROCESSABLE,
  },
  {
    name: 'a path that leads nowhere',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'remove', path: '/spec/colour' }]),
    answer: UNPROCESSABLE,
  },
  {
    name: 'a replacement of what is not there adds it',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'replace', path: '/spec/colour', value: 'blue' }]),
    answer: ok({ spec: { colour: 'blue' } }),
  },
  {
    name: 'an addition to a list that is not there',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'add', path: '/spec/tags/-', value: 'x' }]),
    answer: UNPROCESSABLE,
  },
  {
    name: 'an index beyond the end',
    given: [post('gadgets', gadget('a', { tags: ['x'] }))],
    request: json('gadgets/a', [{ op: 'remove', path: '/spec/tags/7' }]),
    answer: UNPROCESSABLE,
  },
  {
    name: 'an operation that is none',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'shuffle', path: '/spec' }]),
    answer: UNPROCESSABLE,
  },
  {
    name: 'a JSON patch that is no list',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', { op: 'remove', path: '/spec/size' }),
    answer: refused(
      400,
      'BadRequest',
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ),
  },
  {
    name: 'a JSON patch that removes a required field',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'remove', path: '/spec/size' }]),
    answer: invalid(GADGET, ['spec.size', 'FieldValueRequired', 'Required value'], UNFINISHED),
  },
  {
    name: 'a JSON patch of a built-in object that leads nowhere',
    given: [post('configmaps', configMap('a'))],
    request: json('configmaps/a', [{ op: 'remove', path: '/data/k' }]),
    answer: UNPROCESSABLE,
  },
  {
    name: 'a JSON patch of the status',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a/status', [{ op: 'add', path: '/status/word', value: 'done' }]),
    answer: ok({ status: { word: 'done', observedGeneration: -1 } }),
  },
  {
    name: 'a JSON patch of what is not there',
    request: json('gadgets/a', []),
    answer: notFound(DETAILS),
  },
  {
    name: 'the same finalizer twice is stored twice',
    given: [post('gadgets', gadget('a', {}, HELD))],
    request: json('gadgets/a', [{ op: 'add', path: '/metadata/finalizers/-', value: HELD.finalizers[0] }]),
    answer: ok({ metadata: { finalizers: [...HELD.finalizers, ...HELD.finalizers] } }),
  },
];
