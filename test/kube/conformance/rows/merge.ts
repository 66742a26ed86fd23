/** Merge patches (RFC 7386), each with what can go wrong. */

import { type Cause, invalid, matching, notFound, ok, refused } from '../support/answers.ts';
import { base64, configMap, credential, gadget, secret } from '../support/objects.ts';
import { get, merge, post, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const HELD = { finalizers: ['conformance.example/hold'] };

const GADGET = { group: 'conformance.example', kind: 'Gadget', name: 'a' };

const DETAILS = { name: 'a', group: 'conformance.example', kind: 'gadgets' };

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

const STALE = refused(
  409,
  'Conflict',
  `Operation cannot be fulfilled on gadgets.conformance.example "a": ${MODIFIED}`,
  DETAILS,
);

/** The server looks at metadata twice and tells both findings. */
const OTHER_UID: Cause = ['metadata.uid', 'FieldValueInvalid', 'Invalid value: "other": field is immutable'];

/** The whole Secret, of which one value is no base64. */
const ECHO = /Y2FuYXJ5LTdmM2E5.*illegal base64 data at input byte 0$/;

export const merges: readonly Row[] = [
  {
    name: 'a merge patch changes what it names, and null removes',
    given: [post('gadgets', gadget('a', { colour: 'blue', note: 'x', labels: { p: '1', q: '2' } }))],
    request: merge('gadgets/a', { spec: { size: 3, colour: null, labels: { p: null, r: '3' } } }),
    answer: ok(
      { metadata: { generation: 2 }, spec: { size: 3, note: 'x', labels: { q: '2', r: '3' } } },
      { lacks: ['spec.colour', 'spec.labels.p'] },
    ),
  },
  {
    name: 'a merge patch replaces lists as a whole',
    given: [post('gadgets', gadget('a', { tags: ['x', 'y'] }))],
    request: merge('gadgets/a', { spec: { tags: ['z'] } }),
    answer: ok({ spec: { tags: ['z'] } }),
  },
  {
    name: 'a merge patch that changes nothing keeps the version',
    given: [post('gadgets', gadget('a')), merge('gadgets/a', { spec: { size: 2 } })],
    request: merge('gadgets/a', { spec: { size: 2 }, metadata: { labels: null } }),
    answer: ({ last }) => ok({ metadata: { resourceVersion: last.metadata.resourceVersion } }),
  },
  {
    name: 'a default comes back after its value was removed',
    given: [post('gadgets', gadget('a', { mood: 'wild' }))],
    request: merge('gadgets/a', { spec: { mood: null } }),
    answer: ok({ spec: { mood: 'calm' } }),
  },
  {
    name: 'the right version',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      merge('gadgets/a', {
        metadata: { resourceVersion: first.metadata.resourceVersion, ...HELD },
      }),
    answer: ok({ metadata: { ...HELD, generation: 1 } }),
  },
  {
    name: 'a stale version is a conflict',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', { metadata: { resourceVersion: '1', ...HELD } }),
    answer: STALE,
  },
  {
    name: 'a stale version is a conflict, of a built-in kind',
    given: [post('configmaps', configMap('a'))],
    request: merge('configmaps/a', { metadata: { resourceVersion: '1' }, data: { k: 'v' } }),
    answer: refused(409, 'Conflict', `Operation cannot be fulfilled on configmaps "a": ${MODIFIED}`, {
      name: 'a',
      kind: 'configmaps',
    }),
  },
  {
    name: 'another uid',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', { metadata: { uid: 'other' } }),
    answer: invalid(GADGET, OTHER_UID, OTHER_UID),
  },
  {
    name: 'another name',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', { metadata: { name: 'b' } }),
    answer: refused(400, 'BadRequest', 'the name of the object (b) does not match the name on the URL (a)'),
  },
  {
    name: 'a merge patch of what is not there',
    request: merge('gadgets/a', { spec: { size: 2 } }),
    answer: notFound(DETAILS),
  },
  {
    name: 'a merge patch of a built-in object that is not there',
    request: merge('secrets/a', { data: {} }),
    answer: notFound({ kind: 'secrets', name: 'a' }),
  },
  {
    name: 'a merge patch that is not JSON',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', '{"spec":'),
    answer: refused(400, 'BadRequest', 'error decoding patch: unexpected end of JSON input'),
  },
  {
    name: 'a merge patch that is a list',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', []),
    answer: refused(
      400,
      'BadRequest',
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ),
  },
  {
    name: 'a merge patch that breaks a rule of the schema',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', { spec: { size: 101 } }),
    answer: invalid(GADGET, [
      'spec.size',
      'FieldValueInvalid',
      'Invalid value: 101: spec.size in body should be less than or equal to 100',
    ]),
  },
  {
    name: 'a merge patch of the status leaves the spec alone',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a/status', { spec: { size: 5 }, status: { word: 'done' } }),
    answer: ok({
      metadata: { generation: 1 },
      spec: { size: 1 },
      status: { word: 'done', observedGeneration: -1 },
    }),
  },
  {
    name: 'a merge patch of the main resource leaves the status alone',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', { status: { word: 'done' } }),
    answer: ok({ metadata: { generation: 1 } }, { lacks: ['status.word'] }),
  },
  {
    name: 'a finalizer that goes takes a deleted object with it',
    given: [post('clientcredentials', credential('a', {}, HELD)), remove('clientcredentials/a')],
    request: merge('clientcredentials/a', { metadata: { finalizers: null } }),
    answer: ({ last }) => ok({ metadata: { resourceVersion: last.metadata.resourceVersion } }),
    then: [
      {
        request: get('clientcredentials/a'),
        answer: notFound({ group: 'alm-operator.dev', kind: 'clientcredentials', name: 'a' }),
      },
    ],
  },
  {
    name: 'a Secret whose value is not base64: the message holds the whole Secret',
    given: [post('secrets', secret('a', { data: { k: 'dg==', other: base64('canary-7f3a9') } }))],
    request: merge('secrets/a', { data: { k: '%' } }),
    answer: {
      status: 422,
      holds: {
        reason: 'Invalid',
        message: matching(ECHO),
        details: {
          causes: [{ reason: 'FieldValueInvalid', field: 'patch', message: matching(ECHO) }],
        },
      },
    },
  },
];
