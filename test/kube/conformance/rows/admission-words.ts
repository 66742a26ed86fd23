/** In which words policies refuse, and what they do with errors. */

import { created } from '../support/answers.ts';
import { gadget } from '../support/objects.ts';
import { BIG, BROKEN, big, denied, deniedBy, FAILED, make, NOPE, policed } from '../support/policies.ts';
import { post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

export const words: readonly Row[] = [
  policed({
    name: 'by the expression that failed',
    spec: big({}),
    as: denied(FAILED),
    then: [{ request: make(6), answer: created() }],
  }),
  policed({ name: 'by a message', spec: big({ message: ' small ' }), as: denied('small') }),
  policed({
    name: 'as forbidden',
    spec: big({ message: 'small', reason: 'Forbidden' }),
    as: denied('small', 403, 'Forbidden'),
  }),
  policed({
    name: 'as too large',
    spec: big({ message: 'small', reason: 'RequestEntityTooLarge' }),
    as: denied('small', 413, 'RequestEntityTooLarge'),
  }),
  policed({
    name: 'by an expression of words',
    spec: big({ message: 'small', messageExpression: "' is ' + string(object.spec.size)" }),
    as: denied('is 5'),
  }),
  ...[
    ['fails', 'string(object.spec.nope)'],
    ['is blank', "' '"],
    ['has two lines', "'a\\nb'"],
    ['is long', `[1, 2, 3, 4, 5, 6].map(i, '${'y'.repeat(1000)}').join('')`],
  ].map(([what, messageExpression]) =>
    policed({
      name: `by the message where the expression of words ${what}`,
      spec: big({ message: 'small', messageExpression }),
      as: denied('small'),
    }),
  ),
  policed({
    name: 'by the failed expression where words fail and there is no message',
    spec: big({ messageExpression: 'string(object.spec.nope)' }),
    as: denied(FAILED),
  }),
  policed({
    name: 'by the first of several validations',
    spec: { validations: [{ expression: 'true' }, { ...BIG, message: 'one' }, { ...BIG, message: 'two' }] },
    as: denied('one'),
  }),
];

export const errors: readonly Row[] = [
  policed({
    name: 'an expression that cannot be evaluated',
    spec: { validations: [{ expression: NOPE, message: 'm', reason: 'Forbidden' }] },
    as: denied(BROKEN),
  }),
  policed({
    name: 'unless failures are ignored: then the next validation decides',
    spec: { failurePolicy: 'Ignore', validations: [{ expression: NOPE }, { ...BIG, message: 'small' }] },
    as: denied('small'),
    then: [{ request: make(6), answer: created() }],
  }),
  policed({
    name: 'a variable that cannot be evaluated',
    spec: {
      variables: [{ name: 'a', expression: 'object.spec.nope' }],
      validations: [{ expression: 'variables.a == 1' }],
    },
    as: denied(
      `expression 'variables.a == 1' resulted in error: composited variable "a" fails to evaluate: no such key: nope`,
    ),
  }),
  policed({
    name: 'but not one that nobody asks for',
    spec: {
      variables: [
        { name: 'a', expression: 'object.spec.nope' },
        { name: 'limit', expression: '2 + 3' },
        { name: 'big', expression: 'object.spec.size > variables.limit' },
      ],
      validations: [{ expression: 'variables.big || variables.a == 1' }],
    },
    refuses: make(5),
    as: denied(
      `expression 'variables.big || variables.a == 1' resulted in error: composited variable "a" fails to evaluate: no such key: nope`,
    ),
    then: [{ request: make(6), answer: created() }],
  }),
  policed({
    name: 'a condition that cannot be evaluated',
    spec: { matchConditions: [{ name: 'c', expression: NOPE }], ...big({}) },
    as: denied(BROKEN),
  }),
  policed({
    name: 'parameters of a kind that is not there',
    spec: { paramKind: { apiVersion: 'nope.example/v1', kind: 'Nope' }, ...big({}) },
    bound: { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' } },
    as: ({ ns }) =>
      deniedBy(
        `ValidatingAdmissionPolicy '${ns}' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'nope.example/v1, Kind=Nope'`,
        422,
        'Invalid',
        'a',
      ),
  }),
];

export const actions: readonly Row[] = [
  policed({
    name: 'a binding that only warns',
    spec: {
      validations: [
        { ...BIG, message: 'one' },
        { ...BIG, message: 'two' },
      ],
    },
    bound: { validationActions: ['Warn', 'Audit'] },
    as: ({ ns }) =>
      created(
        {},
        {
          warnings: ['one', 'two'].map(
            (message) =>
              `Validation failed for ValidatingAdmissionPolicy '${ns}' with binding '${ns}': ${message}`,
          ),
        },
      ),
  }),
  policed({
    name: 'and warnings of the decoder beside a refusal',
    spec: big({}),
    refuses: post('gadgets', gadget('a', { size: 5, nope: 1 }), { dryRun: 'All', fieldValidation: 'Warn' }),
    as: (scene) => ({ ...denied(FAILED)(scene), warnings: ['unknown field "spec.nope"'] }),
  }),
];
