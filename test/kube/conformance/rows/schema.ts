/** What the schema of a custom kind takes, fills in, drops and refuses. */

import { type Cause, created, including, invalid, ok, UNFINISHED } from '../support/answers.ts';
import { gadget } from '../support/objects.ts';
import { json, merge, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const GADGET = { group: 'conformance.example', kind: 'Gadget', name: 'a' };

/** One spec, and the causes that it is refused for. */
const bad = (name: string, spec: object, ...causes: readonly Cause[]): Row => ({
  name,
  request: post('gadgets', gadget('a', spec)),
  answer: invalid(GADGET, ...causes),
});

const good = (name: string, spec: object, stored: object, more: object = {}): Row => ({
  name,
  request: post('gadgets', gadget('a', spec), { fieldValidation: 'Ignore' }),
  answer: created({ spec: stored }, more),
});

const valued = (field: string, value: string, why: string): Cause => [
  field,
  'FieldValueInvalid',
  `Invalid value: ${value}: ${why}`,
];

export const refusals: readonly Row[] = [
  bad(
    'too small',
    { size: 0 },
    valued('spec.size', '0', 'spec.size in body should be greater than or equal to 1'),
  ),
  bad(
    'too big',
    { size: 101 },
    valued('spec.size', '101', 'spec.size in body should be less than or equal to 100'),
  ),
  bad('missing', { size: undefined }, ['spec.size', 'FieldValueRequired', 'Required value'], UNFINISHED),
  bad(
    'of another type',
    { size: 'x' },
    [
      'spec.size',
      'FieldValueTypeInvalid',
      'Invalid value: "string": spec.size in body must be of type integer: "string"',
    ],
    UNFINISHED,
  ),

  bad(
    'a fraction',
    { size: 1.5 },
    [
      'spec.size',
      'FieldValueTypeInvalid',
      'Invalid value: "number": spec.size in body must be of type integer: "number"',
    ],
    [
      '<nil>',
      'FieldValueInvalid',
      'Invalid value: "": Checked value must be of type integer (default format) in spec.size',
    ],
    UNFINISHED,
  ),
  bad(
    'against the pattern',
    { colour: 'Blue' },
    valued('spec.colour', '"Blue"', "spec.colour in body should match '^[a-z]+$'"),
  ),
  bad(
    'too long',
    { colour: 'bbbbbbbbb' },
    ['spec.colour', 'FieldValueTooLong', 'Too long: may not be more than 8 bytes'],
    UNFINISHED,
  ),
  bad(
    'none of the listed',
    { mood: 'odd' },
    ['spec.mood', 'FieldValueNotSupported', 'Unsupported value: "odd": supported values: "calm", "wild"'],
    UNFINISHED,
  ),
  bad('twice in a set', { tags: ['x', 'x'] }, [
    'spec.tags[1]',
    'FieldValueDuplicate',
    'Duplicate value: "x"',
  ]),
  bad(
    'too many',
    { tags: ['x', 'y', 'z', 'w'] },
    ['spec.tags', 'FieldValueTooMany', 'Too many: 4: must have at most 3 items'],
    UNFINISHED,
  ),
  bad(
    'too short an item',
    { tags: [''] },
    valued('spec.tags[0]', '""', 'spec.tags[0] in body should be at least 1 chars long'),
  ),
  bad('the same key twice', { parts: [{ name: 'x' }, { name: 'x' }] }, [
    'spec.parts[1]',
    'FieldValueDuplicate',
    'Duplicate value: {"name":"x"}',
    'Duplicate value: map[string]interface {}{"name":"x"}',
  ]),
  bad('no key', { parts: [{}] }, ['spec.parts[0].name', 'FieldValueRequired', 'Required value'], UNFINISHED),
  bad(
    'too many properties',
    { labels: { a: '1', b: '2', c: '3' } },
    ['spec.labels', 'FieldValueTooMany', 'Too many: 3: must have at most 2 items'],
    UNFINISHED,
  ),
  bad(
    'neither integer nor string',
    { port: true },
    [
      'spec.port',
      'FieldValueTypeInvalid',
      'Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ],
    UNFINISHED,
  ),
  bad(
    'no date',
    { when: 'today' },
    [
      'spec.when',
      'FieldValueTypeInvalid',
      'Invalid value: "today": spec.when in body must be of type date-time: "today"',
    ],
    UNFINISHED,
  ),
  bad(
    'null for what may not be null',
    { size: null },
    ['spec.size', 'FieldValueRequired', 'Required value'],
    UNFINISHED,
  ),
  bad('a rule of CEL', { colour: 'red', size: 10 }, [
    'spec',
    'FieldValueInvalid',
    'Invalid value: red gadgets are small',
    'Invalid value: "object": red gadgets are small',
  ]),
  bad(
    'several at once',
    { size: 0, colour: 'B', mood: 'odd' },
    valued('spec.size', '0', 'spec.size in body should be greater than or equal to 1'),
    valued('spec.colour', '"B"', "spec.colour in body should match '^[a-z]+$'"),
    ['spec.mood', 'FieldValueNotSupported', 'Unsupported value: "odd": supported values: "calm", "wild"'],
    UNFINISHED,
  ),
  {
    name: 'a fraction',
    request: post('gadgets', gadget('a', { size: 1.5 })),
    answer: {
      status: 422,
      holds: {
        details: {
          causes: including({
            reason: 'FieldValueTypeInvalid',
            message: 'Invalid value: "number": spec.size in body must be of type integer: "number"',
            field: 'spec.size',
          }),
        },
      },
    },
  },
  {
    name: 'a spec that is no object',
    request: post('gadgets', { ...gadget('a'), spec: 'x' }),
    answer: invalid(
      GADGET,
      [
        'spec',
        'FieldValueTypeInvalid',
        'Invalid value: "string": spec in body must be of type object: "string"',
      ],
      UNFINISHED,
    ),
  },
];

export const acceptances: readonly Row[] = [
  good(
    'defaults are filled in, deeply',
    { parts: [{ name: 'x' }] },
    { mood: 'calm', parts: [{ name: 'x', count: 1 }] },
  ),
  good('null where a default stands gives the default', { mood: null }, { mood: 'calm' }),
  good('null where null may stand is kept', { note: null }, { note: null }),
  good('null elsewhere is dropped', { colour: null }, { size: 1 }, { lacks: ['spec.colour'] }),
  good(
    'unknown fields are dropped, deeply',
    { nope: 1, parts: [{ name: 'x', nope: 1 }] },
    {},
    { lacks: ['spec.nope', 'spec.parts.0.nope'] },
  ),
  good(
    'unknown fields are kept where the schema says so',
    { free: { a: { b: [1] } } },
    { free: { a: { b: [1] } } },
  ),
  good('an integer or a string', { port: 'http' }, { port: 'http' }),
  good('an integer that is written as a fraction', { size: 2.0 }, { size: 2 }),
];

export const transitions: readonly Row[] = [
  {
    name: 'an immutable field',
    given: [post('gadgets', gadget('a', { id: 'x' }))],
    request: merge('gadgets/a', { spec: { id: 'y' } }),
    answer: invalid(GADGET, ['spec.id', 'FieldValueForbidden', 'Forbidden: id is immutable']),
  },
  {
    name: 'a rule on a field is not asked when the field is added or removed',
    given: [post('gadgets', gadget('a')), merge('gadgets/a', { spec: { id: 'x' } })],
    request: merge('gadgets/a', { spec: { id: null } }),
    answer: ok({}, { lacks: ['spec.id'] }),
  },
  {
    name: 'a rule one level up sees the field come',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', { spec: { lock: 'x' } }),
    answer: invalid(GADGET, ['spec.lock', 'FieldValueForbidden', 'Forbidden: lock is kept']),
  },
  {
    name: 'a rule one level up sees the field go',
    given: [post('gadgets', gadget('a', { lock: 'x' }))],
    request: json('gadgets/a', [{ op: 'remove', path: '/spec/lock' }]),
    answer: invalid(GADGET, ['spec.lock', 'FieldValueForbidden', 'Forbidden: lock is kept']),
  },
  {
    name: 'a label of an object is written whatever its status says',
    given: [post('gadgets', gadget('a')), merge('gadgets/a/status', { status: { word: 'x' } })],
    request: merge('gadgets/a', { metadata: { labels: { l: '1' } } }),
    answer: ok({ metadata: { labels: { l: '1' } }, status: { word: 'x' } }),
  },
];
