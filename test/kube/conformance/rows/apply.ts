/** Server-side apply: who owns which field, and what a conflict says. */

import { created, invalid, ok, refused, sameInAnyOrder } from '../support/answers.ts';
import { configMap, gadget } from '../support/objects.ts';
import { apply, get, merge, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const OPTIONS = { group: 'meta.k8s.io', kind: 'PatchOptions' };
const APPLIED = { manager: 'rows', operation: 'Apply', fieldsType: 'FieldsV1' };

export const applies: readonly Row[] = [
  {
    name: 'an apply of what is not there creates it, and notes who owns what',
    request: apply('gadgets/a', gadget('a', { size: 3 })),
    answer: created({
      metadata: {
        generation: 1,
        managedFields: [
          {
            ...APPLIED,
            apiVersion: 'conformance.example/v1',
            fieldsV1: { 'f:spec': { 'f:size': {} } },
          },
        ],
      },
      spec: { size: 3, mood: 'calm' },
    }),
  },
  {
    name: 'the same apply again keeps the version',
    given: [apply('gadgets/a', gadget('a')), apply('gadgets/a', gadget('a', { size: 2 }))],
    request: apply('gadgets/a', gadget('a', { size: 2 })),
    answer: ({ last }) => ok({ metadata: { resourceVersion: last.metadata.resourceVersion } }),
  },
  {
    name: 'a field that is no longer applied goes',
    given: [apply('gadgets/a', gadget('a', { colour: 'blue' }, { labels: { l: '1' } }))],
    request: apply('gadgets/a', gadget('a')),
    answer: ok({ metadata: { generation: 2 } }, { lacks: ['spec.colour', 'metadata.labels'] }),
  },
  {
    name: 'a field that somebody else owns is a conflict',
    given: [apply('gadgets/a', gadget('a'), { fieldManager: 'first' })],
    request: apply('gadgets/a', gadget('a', { size: 2 }), { fieldManager: 'second' }),
    answer: refused(409, 'Conflict', 'Apply failed with 1 conflict: conflict with "first": .spec.size', {
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "first"', field: '.spec.size' }],
    }),
  },
  {
    name: 'force takes the field over',
    given: [apply('gadgets/a', gadget('a'), { fieldManager: 'first' })],
    request: apply('gadgets/a', gadget('a', { size: 2 }), { fieldManager: 'second', force: 'true' }),
    answer: ok({ spec: { size: 2 }, metadata: { generation: 2 } }),
  },
  {
    name: 'the same value from another manager is shared without a conflict',
    given: [apply('gadgets/a', gadget('a'), { fieldManager: 'first' })],
    request: apply('gadgets/a', gadget('a'), { fieldManager: 'second' }),
    answer: ok({ metadata: { generation: 1 }, spec: { size: 1 } }),
    then: [
      {
        request: apply('gadgets/a', gadget('a', { size: 2 }), { fieldManager: 'third' }),
        answer: refused(
          409,
          'Conflict',
          'Apply failed with 2 conflicts: conflicts with "first":\n- .spec.size\nconflicts with "second":\n- .spec.size',
          {
            causes: sameInAnyOrder(
              ['first', 'second'].map((manager) => ({
                reason: 'FieldManagerConflict',
                message: `conflict with "${manager}"`,
                field: '.spec.size',
              })),
            ),
          },
        ),
      },
    ],
  },
  {
    name: 'entries of a list by key are owned one by one',
    given: [apply('gadgets/a', gadget('a', { parts: [{ name: 'x', count: 2 }] }), { fieldManager: 'first' })],
    request: apply('gadgets/a', gadget('a', { parts: [{ name: 'y' }] }), { fieldManager: 'second' }),
    answer: ok({
      spec: {
        parts: [
          { name: 'x', count: 2 },
          { name: 'y', count: 1 },
        ],
      },
    }),
  },
  {
    name: 'a conflict with a writer that did not apply names its way of writing',
    given: [post('configmaps', configMap('a', { data: { k: 'v' } }), { fieldManager: 'writer' })],
    request: apply('configmaps/a', configMap('a', { data: { k: 'w' } })),
    answer: refused(
      409,
      'Conflict',
      'Apply failed with 1 conflict: conflict with "writer" using v1: .data.k',
      {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "writer" using v1', field: '.data.k' },
        ],
      },
    ),
  },
  {
    name: 'finalizers are a set that managers share',
    given: [apply('gadgets/a', gadget('a', {}, { finalizers: ['x.example/a'] }), { fieldManager: 'first' })],
    request: apply('gadgets/a', {
      ...gadget('a'),
      spec: undefined,
      metadata: { name: 'a', finalizers: ['x.example/b'] },
    }),
    answer: ok({ metadata: { finalizers: ['x.example/a', 'x.example/b'] } }),
  },
  {
    name: 'no field manager',
    request: { ...apply('gadgets/a', gadget('a')), query: {} },
    answer: invalid(OPTIONS, [
      'fieldManager',
      'FieldValueRequired',
      'Required value: is required for apply patch',
    ]),
  },
  {
    name: 'managed fields in the body',
    request: apply('gadgets/a', gadget('a', {}, { managedFields: [{ manager: 'x' }] })),
    answer: refused(400, 'BadRequest', 'metadata.managedFields must be nil'),
  },
  {
    name: 'force in a merge patch',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', {}, { force: 'true' }),
    answer: invalid(OPTIONS, [
      'force',
      'FieldValueForbidden',
      'Forbidden: may not be specified for non-apply patch',
    ]),
  },
  {
    name: 'an apply without what it is',
    request: apply('gadgets/a', { metadata: { name: 'a' } }),
    answer: refused(400, 'BadRequest', 'invalid object type: /, Kind='),
  },
  {
    name: 'a dry run of an apply stores nothing',
    request: apply('gadgets/a', gadget('a'), { dryRun: 'All' }),
    answer: created({ metadata: { managedFields: [APPLIED] } }),
    then: [
      {
        request: get('gadgets'),
        answer: ok({ items: [] }),
      },
    ],
  },
  {
    name: 'an apply of the status',
    given: [post('gadgets', gadget('a'))],
    request: apply('gadgets/a/status', {
      apiVersion: 'conformance.example/v1',
      kind: 'Gadget',
      metadata: { name: 'a' },
      status: { word: 'done' },
    }),
    answer: ok({ status: { word: 'done', observedGeneration: -1 } }),
  },
];

export const managers: readonly Row[] = [
  {
    name: 'a creation is noted under the name that the client gives',
    request: post('configmaps', configMap('a', { data: { k: 'v' } }), { fieldManager: 'maker' }),
    answer: created({
      metadata: {
        managedFields: [
          {
            manager: 'maker',
            operation: 'Update',
            apiVersion: 'v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { '.': {}, 'f:k': {} } },
          },
        ],
      },
    }),
  },
  {
    name: 'a status has an entry of its own',
    given: [post('gadgets', gadget('a'), { fieldManager: 'maker' })],
    request: merge('gadgets/a/status', { status: { word: 'done' } }, { fieldManager: 'worker' }),
    answer: ok({
      metadata: {
        managedFields: [
          { manager: 'maker', operation: 'Update' },
          {
            manager: 'worker',
            operation: 'Update',
            subresource: 'status',
            fieldsV1: { 'f:status': { 'f:word': {} } },
          },
        ],
      },
    }),
  },
  {
    name: 'a change moves the field to who made it',
    given: [post('gadgets', gadget('a', { colour: 'blue' }), { fieldManager: 'maker' })],
    request: merge('gadgets/a', { spec: { size: 2 } }, { fieldManager: 'other' }),
    answer: ok({
      metadata: {
        managedFields: [
          { manager: 'maker', fieldsV1: { 'f:spec': { 'f:colour': {} } } },
          { manager: 'other', fieldsV1: { 'f:spec': { 'f:size': {} } } },
        ],
      },
    }),
  },
  {
    name: 'the start of a name is owned, the name is not',
    request: apply('configmaps/a', configMap('a', {}, { generateName: 'b', labels: { l: 'm' } })),
    answer: created({
      metadata: {
        managedFields: [
          {
            operation: 'Apply',
            fieldsV1: { 'f:metadata': { 'f:generateName': {}, 'f:labels': { 'f:l': {} } } },
          },
        ],
      },
    }),
  },
  {
    name: 'a name that is too long',
    request: post('configmaps', configMap('a'), { fieldManager: 'x'.repeat(129) }),
    answer: invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, [
      'fieldManager',
      'FieldValueTooLong',
      'Too long: may not be more than 128 bytes',
    ]),
  },
];
