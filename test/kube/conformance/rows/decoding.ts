/** Strict decoding: fieldValidation, and what cannot be decoded at all. */

import { created, invalid, matching, ok, refused } from '../support/answers.ts';
import { configMap, gadget, secret } from '../support/objects.ts';
import { json, merge, post, put } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

/** A patch that cannot be decoded is refused with the whole patched object in the message. */
const refusedPatch = (message: RegExp) => ({
  status: 422,
  holds: {
    reason: 'Invalid',
    message: matching(/^ "" is invalid: patch: Invalid value: /),
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'patch', message: matching(message) }] },
  },
});

const unknown = gadget('a', { nope: 1 });

const TWICE = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v","k":"w"}}';

export const decoding: readonly Row[] = [
  {
    name: 'Strict refuses unknown fields of a custom kind',
    request: post('gadgets', unknown, { fieldValidation: 'Strict' }),
    answer: refused(
      400,
      'BadRequest',
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.nope"',
    ),
  },
  {
    name: 'Strict names every unknown field',
    request: post(
      'gadgets',
      { ...gadget('a', { nope: 1, parts: [{ name: 'x', odd: 1 }] }), more: 1 },
      { fieldValidation: 'Strict' },
    ),
    answer: refused(
      400,
      'BadRequest',
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "more", unknown field "spec.nope", unknown field "spec.parts[0].odd"',
    ),
  },
  {
    name: 'Strict refuses unknown metadata of a custom kind',
    request: post('gadgets', gadget('a', {}, { nope: 1 }), { fieldValidation: 'Strict' }),
    answer: refused(
      400,
      'BadRequest',
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "metadata.nope"',
    ),
  },
  {
    name: 'Strict refuses unknown fields of a built-in kind',
    request: post('configmaps', configMap('a', { nope: 1 }), { fieldValidation: 'Strict' }),
    answer: refused(
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "nope"',
    ),
  },
  {
    name: 'Strict refuses a field that is given twice',
    request: post('configmaps', TWICE, { fieldValidation: 'Strict' }),
    answer: refused(
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.k"',
    ),
  },
  {
    name: 'Warn tells unknown fields and drops them',
    request: post('gadgets', unknown, { fieldValidation: 'Warn' }),
    answer: created({}, { lacks: ['spec.nope'], warnings: ['unknown field "spec.nope"'] }),
  },
  {
    name: 'Warn is what holds where nothing is asked for',
    request: post('gadgets', unknown),
    answer: created({}, { lacks: ['spec.nope'], warnings: ['unknown field "spec.nope"'] }),
  },
  {
    name: 'Warn tells a field that is given twice; the last one counts',
    request: post('configmaps', TWICE, { fieldValidation: 'Warn' }),
    answer: created({ data: { k: 'w' } }, { warnings: ['duplicate field "data.k"'] }),
  },
  {
    name: 'Ignore says nothing',
    request: post('gadgets', unknown, { fieldValidation: 'Ignore' }),
    answer: created({}, { lacks: ['spec.nope'] }),
  },
  {
    name: 'a way of validation that is none',
    request: post('gadgets', unknown, { fieldValidation: 'Maybe' }),
    answer: invalid({ group: 'meta.k8s.io', kind: 'CreateOptions' }, [
      'fieldValidation',
      'FieldValueNotSupported',
      'Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
    ]),
  },
  {
    name: 'Strict refuses a PUT',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      put('gadgets/a', { ...first, spec: { size: 1, nope: 1 } }, { fieldValidation: 'Strict' }),
    answer: refused(
      400,
      'BadRequest',
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.nope"',
    ),
  },
  {
    name: 'Strict looks at the status that a POST may not set',
    request: post('gadgets', { ...gadget('a'), status: { nope: 1 } }, { fieldValidation: 'Strict' }),
    answer: refused(
      400,
      'BadRequest',
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "status.nope"',
    ),
  },
  {
    name: 'Strict looks at the spec that a PUT of the status may not change',
    given: [post('gadgets', gadget('a'))],
    request: ({ first }) =>
      put('gadgets/a/status', { ...first, spec: { size: 1, nope: 1 } }, { fieldValidation: 'Strict' }),
    answer: refused(
      400,
      'BadRequest',
      'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.nope"',
    ),
  },
  {
    name: 'Warn tells unknown fields of what is invalid',
    request: post('gadgets', gadget('a', { size: 0, nope: 1 }), { fieldValidation: 'Warn' }),
    answer: {
      ...invalid({ group: 'conformance.example', kind: 'Gadget', name: 'a' }, [
        'spec.size',
        'FieldValueInvalid',
        'Invalid value: 0: spec.size in body should be greater than or equal to 1',
      ]),
      warnings: ['unknown field "spec.nope"'],
    },
  },
  {
    name: 'Warn tells unknown fields of what is there already',
    given: [post('configmaps', configMap('a'))],
    request: post('configmaps', { ...configMap('a'), nope: 1 }, { fieldValidation: 'Warn' }),
    answer: {
      ...refused(409, 'AlreadyExists', 'configmaps "a" already exists', { name: 'a', kind: 'configmaps' }),
      warnings: ['unknown field "nope"'],
    },
  },
  {
    name: 'Strict refuses a merge patch',
    given: [post('gadgets', gadget('a'))],
    request: merge('gadgets/a', { spec: { nope: 1 } }, { fieldValidation: 'Strict' }),
    answer: refusedPatch(/"nope\\":1.*strict decoding error: unknown field "spec.nope"$/),
  },
  {
    name: 'Strict refuses a merge patch of a built-in kind',
    given: [post('secrets', secret('a'))],
    request: merge('secrets/a', { nope: 1 }, { fieldValidation: 'Strict' }),
    answer: refusedPatch(/"nope\\":1.*strict decoding error: unknown field "nope"$/),
  },
  {
    name: 'Warn tells unknown fields of a JSON patch',
    given: [post('gadgets', gadget('a'))],
    request: json('gadgets/a', [{ op: 'add', path: '/spec/nope', value: 1 }], { fieldValidation: 'Warn' }),
    answer: ok({}, { lacks: ['spec.nope'], warnings: ['unknown field "spec.nope"'] }),
  },
  {
    name: 'a value of another type in a built-in kind cannot be decoded',
    request: post('configmaps', configMap('a', { data: { k: 1 } })),
    answer: refused(
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ),
  },
  {
    name: 'a map that is a list in a built-in kind cannot be decoded',
    request: post('secrets', secret('a', { data: ['x'] })),
    answer: refused(
      400,
      'BadRequest',
      'Secret in version "v1" cannot be handled as a Secret: json: cannot unmarshal array into Go struct field Secret.data of type map[string][]uint8',
    ),
  },
];
