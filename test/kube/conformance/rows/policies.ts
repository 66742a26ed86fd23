/** ValidatingAdmissionPolicies and their bindings as objects: what is stored, and what is refused. */

import { type Cause, created, invalid } from '../support/answers.ts';
import { binding, policy } from '../support/policies.ts';
import { post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICY = { group: GROUP, kind: 'ValidatingAdmissionPolicy', name: 'bad' };
const BINDING = { group: GROUP, kind: 'ValidatingAdmissionPolicyBinding', name: 'bad' };
const NOTHING = 'Required value: validations or auditAnnotations must contain at least one item';

const bad = (name: string, spec: object, ...causes: readonly Cause[]): Row => ({
  name: `a policy ${name}`,
  request: ({ ns }) => post('validatingadmissionpolicies', policy(ns, spec, 'bad')),
  answer: invalid(POLICY, ...causes),
});

const badBinding = (name: string, spec: object, ...causes: readonly Cause[]): Row => ({
  name: `a binding ${name}`,
  request: ({ ns }) => post('validatingadmissionpolicybindings', binding(ns, spec, 'bad')),
  answer: invalid(BINDING, ...causes),
});

const required = (field: string, why = ''): Cause => [
  field,
  'FieldValueRequired',
  `Required value${why === '' ? '' : `: ${why}`}`,
];
const unfit = (field: string, shown: string, why: string): Cause => [
  field,
  'FieldValueInvalid',
  `Invalid value: "${shown}": ${why}`,
];
const unknown = (field: string, shown: string, known: string): Cause => [
  field,
  'FieldValueNotSupported',
  `Unsupported value: "${shown}": supported values: ${known}`,
];
const undeclared = (source: string, name: string) =>
  `compilation failed: ERROR: <input>:1:1: undeclared reference to '${name}' (in container '')\n | ${source}\n | ^`;

export const stored: readonly Row[] = [
  {
    name: 'a policy with its defaults',
    request: ({ ns }) =>
      post('validatingadmissionpolicies', policy(ns, { matchConstraints: { resourceRules: [rule({})] } })),
    answer: created({
      metadata: { generation: 1 },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          resourceRules: [rule({ scope: '*' })],
        },
        validations: [{ expression: 'true' }],
      },
      status: {},
    }),
  },
  {
    name: 'a binding with its defaults',
    request: ({ ns }) =>
      post('validatingadmissionpolicybindings', binding(ns, { policyName: 'none', matchResources: {} })),
    answer: created({
      metadata: { generation: 1 },
      spec: {
        policyName: 'none',
        matchResources: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} },
        validationActions: ['Deny'],
      },
    }),
  },
];

function rule(more: object): object {
  const apiGroups = ['never.example'];
  return { operations: ['CREATE'], apiGroups, apiVersions: ['v1'], resources: ['gadgets'], ...more };
}

const first = (fields: object) => ({ validations: [{ expression: 'true', ...fields }] });

export const refusals: readonly Row[] = [
  bad('about nothing', { matchConstraints: undefined }, required('spec.matchConstraints')),
  bad('about no requests', { matchConstraints: {} }, required('spec.matchConstraints.resourceRules')),
  bad(
    'with an unfinished rule',
    { matchConstraints: { resourceRules: [{}] } },
    ...['operations', 'apiGroups', 'apiVersions', 'resources'].map((field) =>
      required(`spec.matchConstraints.resourceRules[0].${field}`),
    ),
  ),
  bad(
    'about an unknown operation',
    { matchConstraints: { resourceRules: [rule({ operations: ['WRITE'], scope: 'x' })] } },
    unknown(
      'spec.matchConstraints.resourceRules[0].operations[0]',
      'WRITE',
      '"*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ),
    unknown('spec.matchConstraints.resourceRules[0].scope', 'x', '"*", "Cluster", "Namespaced"'),
  ),
  bad(
    'without validations',
    { validations: undefined },
    ['spec.validations', 'FieldValueRequired', NOTHING],
    ['spec.auditAnnotations', 'FieldValueRequired', NOTHING],
  ),
  bad(
    'without an expression',
    first({ expression: ' ' }),
    required('spec.validations[0].expression', 'expression is not specified'),
  ),
  bad(
    'of a name that nobody declared',
    first({ expression: 'self.a == 1' }),
    unfit('spec.validations[0].expression', 'self.a == 1', undeclared('self.a == 1', 'self')),
  ),
  bad(
    'of parameters that it has not',
    first({ expression: 'params.a == 1' }),
    unfit('spec.validations[0].expression', 'params.a == 1', undeclared('params.a == 1', 'params')),
  ),
  bad(
    'of variables that it has not',
    first({ expression: 'variables.a == 1' }),
    unfit('spec.validations[0].expression', 'variables.a == 1', undeclared('variables.a == 1', 'variables')),
  ),
  bad(
    'of a variable that comes later',
    {
      variables: [
        { name: 'a', expression: 'variables.b' },
        { name: 'b', expression: '1' },
      ],
    },
    unfit(
      'spec.variables[0].expression',
      'variables.b',
      "compilation failed: ERROR: <input>:1:10: undefined field 'b'\n | variables.b\n | .........^",
    ),
  ),
  bad(
    'with a variable that has no name',
    { variables: [{ name: '', expression: '' }] },
    required('spec.variables[0].name', 'name is not specified'),
    required('spec.variables[0].expression', 'expression is not specified'),
  ),
  bad(
    'with a variable that no expression can name',
    { variables: [{ name: 'a-b', expression: '1' }] },
    unfit('spec.variables[0].name', 'a-b', 'must be a valid CEL identifier'),
  ),
  ...['1', '"a"', 'object.spec.size'].map((expression, i) =>
    bad(
      `whose expression is ${expression}`,
      first({ expression }),
      unfit(
        'spec.validations[0].expression',
        expression.replaceAll('"', '\\"'),
        `must evaluate to bool but got ${['int', 'string', 'dyn'][i]}`,
      ),
    ),
  ),
  bad(
    'whose message is no text',
    first({ messageExpression: 'object.spec.size' }),
    unfit('spec.validations[0].messageExpression', 'object.spec.size', 'must evaluate to string but got dyn'),
  ),
  bad(
    'whose message has two lines',
    first({ message: 'a\nb' }),
    unfit('spec.validations[0].message', 'a\\nb', 'must not contain line breaks'),
  ),
  bad(
    'whose message is blank',
    first({ message: ' ' }),
    unfit('spec.validations[0].message', ' ', 'must be non-empty if specified'),
  ),
  bad(
    'with an unknown failurePolicy',
    { failurePolicy: 'Maybe' },
    unknown('spec.failurePolicy', 'Maybe', '"Fail", "Ignore"'),
  ),
  bad(
    'with parameters of no kind',
    { paramKind: {} },
    required('spec.paramKind.apiVersion'),
    required('spec.paramKind.kind'),
  ),
  bad(
    'with conditions that are none',
    {
      variables: [{ name: 'a', expression: 'true' }],
      matchConditions: [
        { name: 'x', expression: '1' },
        { name: 'y', expression: 'variables.a' },
      ],
    },
    unfit('spec.matchConditions[0].expression', '1', 'must evaluate to bool but got int'),
    unfit('spec.matchConditions[1].expression', 'variables.a', undeclared('variables.a', 'variables')),
  ),
  badBinding('of no policy', { policyName: undefined }, required('spec.policyName')),
  badBinding(
    'that does nothing',
    { validationActions: [] },
    required('spec.validationActions', 'at least one validation action is required'),
  ),
  badBinding('that denies and warns', { validationActions: ['Deny', 'Warn'] }, [
    'spec.validationActions',
    'FieldValueInvalid',
    'Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ]),
  badBinding(
    'that does what nobody knows',
    { validationActions: ['Shout'] },
    unknown('spec.validationActions[0]', 'Shout', '"Audit", "Deny", "Warn"'),
  ),
  badBinding(
    'to parameters without a name',
    { paramRef: {} },
    required('spec.paramRef', 'one of name or selector must be specified'),
    required('spec.paramRef.parameterNotFoundAction'),
  ),
  badBinding(
    'to parameters by name and labels',
    { paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Allow' } },
    ...['name', 'selector'].map(
      (field): Cause => [
        `spec.paramRef.${field}`,
        'FieldValueForbidden',
        'Forbidden: name and selector are mutually exclusive',
      ],
    ),
  ),
];
