/**
 * What policies admit, and in which words they refuse. A policy is in force about a second after it was made, so that the
 * first request of a row is one that it refuses.
 */

import { type Answer, created, invalid, ok, refused } from '../support/answers.ts';
import { gadget } from '../support/objects.ts';
import { binding, inside, policy } from '../support/policies.ts';
import { apply, json, merge, post, remove } from '../support/requests.ts';
import type { Row, Scene, Step, Told } from '../support/row.ts';

type Case = Readonly<{
  name: string;
  spec: Told<object>;
  bound?: Told<object>;
  /** What is there before. */
  there?: Row['given'];
  refuses?: Step['request'];
  as: Told<Answer>;
  then?: readonly Step[];
}>;

const of = <T>(value: Told<T>, scene: Scene): T =>
  typeof value === 'function' ? (value as (scene: Scene) => T)(scene) : value;

const row = ({ name, spec, bound = {}, there = [], refuses = make(5), as, then = [] }: Case): Row => ({
  name,
  given: [
    ...there,
    (scene) => post('validatingadmissionpolicies', policy(scene.ns, of(spec, scene))),
    (scene) => post('validatingadmissionpolicybindings', binding(scene.ns, of(bound, scene))),
  ],
  request: refuses,
  answer: as,
  then,
});

const make = (size: number, name = 'a', more: object = {}) =>
  post('gadgets', gadget(name, { size, ...more }), { dryRun: 'All' });

/** The refusal of gadget `name` by the policy of the row. */
const denied =
  (message: string, code = 422, reason = 'Invalid', name = 'a') =>
  ({ ns }: Scene): Answer => {
    const by = `ValidatingAdmissionPolicy '${ns}' with binding '${ns}' denied request: ${message}`;
    return refusedWith(by, code, reason, name);
  };

function refusedWith(by: string, code: number, reason: string, name: string): Answer {
  const details = { name, group: 'conformance.example', kind: 'gadgets', causes: [{ message: by }] };
  return refused(code, reason, `gadgets.conformance.example "${name}" is forbidden: ${by}`, details);
}

const BIG = { expression: 'object.spec.size > 5' };
const big = (more: object) => ({ validations: [{ ...BIG, ...more }] });
const no = (messageExpression: string) => ({ validations: [{ expression: 'false', messageExpression }] });
const FAILED = 'failed expression: object.spec.size > 5';

const told: readonly Row[] = [
  row({
    name: 'by the expression that failed',
    spec: big({}),
    as: denied(FAILED),
    then: [{ request: make(6), answer: created() }],
  }),
  row({ name: 'by a message', spec: big({ message: ' small ' }), as: denied('small') }),
  row({
    name: 'as forbidden',
    spec: big({ message: 'small', reason: 'Forbidden' }),
    as: denied('small', 403, 'Forbidden'),
  }),
  row({
    name: 'as too large',
    spec: big({ message: 'small', reason: 'RequestEntityTooLarge' }),
    as: denied('small', 413, 'RequestEntityTooLarge'),
  }),
  row({
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
    row({
      name: `by the message where the expression of words ${what}`,
      spec: big({ message: 'small', messageExpression }),
      as: denied('small'),
    }),
  ),
  row({
    name: 'by the failed expression where words fail and there is no message',
    spec: big({ messageExpression: 'string(object.spec.nope)' }),
    as: denied(FAILED),
  }),
  row({
    name: 'by the first of several validations',
    spec: { validations: [{ expression: 'true' }, { ...BIG, message: 'one' }, { ...BIG, message: 'two' }] },
    as: denied('one'),
  }),
];

const NOPE = 'object.spec.nope > 5';
const BROKEN = `expression '${NOPE}' resulted in error: no such key: nope`;

const errors: readonly Row[] = [
  row({
    name: 'an expression that cannot be evaluated',
    spec: { validations: [{ expression: NOPE, message: 'm', reason: 'Forbidden' }] },
    as: denied(BROKEN),
  }),
  row({
    name: 'unless failures are ignored: then the next validation decides',
    spec: { failurePolicy: 'Ignore', validations: [{ expression: NOPE }, { ...BIG, message: 'small' }] },
    as: denied('small'),
    then: [{ request: make(6), answer: created() }],
  }),
  row({
    name: 'a variable that cannot be evaluated',
    spec: {
      variables: [{ name: 'a', expression: 'object.spec.nope' }],
      validations: [{ expression: 'variables.a == 1' }],
    },
    as: denied(
      `expression 'variables.a == 1' resulted in error: composited variable "a" fails to evaluate: no such key: nope`,
    ),
  }),
  row({
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
  row({
    name: 'a condition that cannot be evaluated',
    spec: { matchConditions: [{ name: 'c', expression: NOPE }], ...big({}) },
    as: denied(BROKEN),
  }),
  row({
    name: 'parameters of a kind that is not there',
    spec: { paramKind: { apiVersion: 'nope.example/v1', kind: 'Nope' }, ...big({}) },
    bound: { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' } },
    as: ({ ns }) =>
      refusedWith(
        `ValidatingAdmissionPolicy '${ns}' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'nope.example/v1, Kind=Nope'`,
        422,
        'Invalid',
        'a',
      ),
  }),
];

const has = (name: string, x: string, labels = {}) =>
  post('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { x } });
const CONFIG_MAPS = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };
const limit = (more: object = {}) => ({
  ...CONFIG_MAPS,
  validations: [{ expression: 'object.spec.size > int(params.data.x)', message: 'small', ...more }],
});
const named = (more: object = {}) => ({ paramRef: { name: 'x', parameterNotFoundAction: 'Deny', ...more } });

const params: readonly Row[] = [
  row({
    name: "a parameter in the request's namespace",
    there: [has('x', '5')],
    spec: limit({
      messageExpression:
        "params.kind + ' ' + params.apiVersion + ' ' + params.metadata.name + ' ' + params.data.x",
    }),
    bound: named(),
    as: denied('ConfigMap v1 x 5'),
    then: [
      { request: make(6), answer: created() },
      { request: merge('configmaps/x', { data: { x: '6' } }), answer: ok() },
      { request: make(6), answer: denied('ConfigMap v1 x 6') },
    ],
  }),
  row({
    name: 'a parameter in a namespace of its own',
    there: [has('x', '5')],
    spec: limit(),
    bound: ({ ns }) => named({ namespace: ns }),
    as: denied('small'),
  }),
  row({
    name: 'every one that a selector selects',
    there: [has('x', '1', { a: 'b' }), has('y', '5', { a: 'b' }), has('z', '9')],
    spec: limit(),
    bound: ({ ns }) => ({
      paramRef: { namespace: ns, selector: { matchLabels: { a: 'b' } }, parameterNotFoundAction: 'Deny' },
    }),
    as: denied('small'),
    then: [{ request: make(6), answer: created() }],
  }),
  row({
    name: 'none, where there has to be one',
    spec: limit(),
    bound: named(),
    as: denied(
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    ),
    then: [
      { request: has('x', '1'), answer: created() },
      { request: make(6), answer: created() },
    ],
  }),
  row({
    name: 'none, where there may be none',
    there: [has('x', '9')],
    spec: limit(),
    bound: named({ parameterNotFoundAction: 'Allow' }),
    as: denied('small'),
    then: [
      { request: remove('configmaps/x'), answer: ok() },
      { request: make(6), answer: created() },
    ],
  }),
  row({
    name: 'none, where the binding names none',
    spec: { ...CONFIG_MAPS, validations: [{ expression: 'params != null', message: 'null' }] },
    as: denied('null'),
  }),
  row({
    name: 'no namespace for parameters that have none',
    spec: { paramKind: { apiVersion: 'v1', kind: 'Namespace' }, ...big({}) },
    bound: named({ namespace: 'x' }),
    as: denied(
      'failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
    ),
  }),
];

const OLD = post('gadgets', gadget('a', { size: 5 }));
const SEEN = [
  'request.operation',
  'request.name',
  'request.namespace',
  'request.kind.kind',
  'request.resource.resource',
  'string(request.dryRun)',
  'string(object == null)',
  'string(oldObject == null)',
].join(", ' ', ");
const seen = `[${SEEN}].join('')`;
const words =
  (operation: string, object: boolean, old: boolean, dryRun = true) =>
  (scene: Scene) =>
    denied(`${operation} a ${scene.ns} Gadget gadgets ${dryRun} ${!object} ${!old}`)(scene);

const requests: readonly Row[] = [
  row({ name: 'a creation', spec: no(seen), as: words('CREATE', true, false) }),
  row({
    name: 'a creation by apply',
    spec: no(seen),
    refuses: apply('gadgets/a', gadget('a', { size: 5 }), { dryRun: 'All' }),
    as: words('CREATE', true, false),
  }),
  row({
    name: 'a creation of what is there already',
    there: [OLD],
    spec: no(seen),
    as: words('CREATE', true, false),
  }),
  row({
    name: 'an update, also one that changes nothing, but not of the status',
    there: [OLD],
    spec: no(seen),
    refuses: merge('gadgets/a', { spec: { size: 6 } }),
    as: words('UPDATE', true, true, false),
    then: [
      { request: merge('gadgets/a', {}), answer: words('UPDATE', true, true, false) },
      {
        request: merge('gadgets/a', { metadata: { finalizers: ['a.b/c'] } }),
        answer: words('UPDATE', true, true, false),
      },
      { request: merge('gadgets/a/status', { status: { word: 'x' } }), answer: ok() },
    ],
  }),
  row({
    name: 'an update of the status, where that is meant',
    there: [OLD],
    spec: ({ ns }) => ({
      matchConstraints: inside(ns, { resources: ['*/status'] }),
      ...no("request.subResource + ' ' + request.operation"),
    }),
    refuses: merge('gadgets/a/status', { status: { word: 'x' } }),
    as: denied('status UPDATE'),
    then: [{ request: merge('gadgets/a', { spec: { size: 6 } }), answer: ok() }],
  }),
  row({
    name: 'a deletion',
    there: [OLD],
    spec: no("request.operation + ' ' + string(object == null) + ' ' + string(oldObject.spec.size)"),
    refuses: remove('gadgets/a', undefined, { dryRun: 'All' }),
    as: denied('DELETE true 5'),
  }),
  row({
    name: 'a deletion of all',
    there: [OLD],
    spec: no("request.operation + ' ' + string(oldObject == null)"),
    refuses: remove('gadgets', undefined, { dryRun: 'All' }),
    as: denied('DELETE false', 422, 'Invalid', 'Unknown'),
    then: [{ request: make(5), answer: denied('CREATE true') }],
  }),
  row({
    name: 'nothing before the schema has',
    spec: big({}),
    as: denied(FAILED),
    then: [
      {
        request: make(0),
        answer: invalid({ group: 'conformance.example', kind: 'Gadget', name: 'a' }, [
          'spec.size',
          'FieldValueInvalid',
          'Invalid value: 0: spec.size in body should be greater than or equal to 1',
        ]),
      },
    ],
  }),
  row({
    name: 'defaults, the namespace and its labels',
    spec: no(
      "string(object.spec.mood) + ' ' + string(object.metadata.namespace == request.namespace) + ' ' + string(namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == request.namespace)",
    ),
    as: denied('calm true true'),
  }),
];

const meant: readonly Row[] = [
  row({
    name: 'the conditions hold',
    there: [OLD],
    spec: ({ ns }) => ({
      matchConstraints: inside(ns, { operations: ['CREATE', 'UPDATE'] }),
      matchConditions: [
        { name: 'new', expression: 'oldObject == null || object.spec != oldObject.spec' },
        { name: 'staying', expression: '!has(object.metadata.deletionTimestamp)' },
      ],
      ...big({}),
    }),
    refuses: merge('gadgets/a', { spec: { size: 4 } }, { dryRun: 'All' }),
    as: denied(FAILED),
    then: [
      { request: merge('gadgets/a', { metadata: { finalizers: ['a.b/c'] } }), answer: ok() },
      { request: merge('gadgets/a', { spec: { mood: 'calm' } }), answer: ok() },
      { request: remove('gadgets/a'), answer: ok() },
      { request: merge('gadgets/a', { spec: { size: 4 } }), answer: ok() },
      { request: json('gadgets/a', [{ op: 'remove', path: '/metadata/finalizers' }]), answer: ok() },
    ],
  }),
  row({
    name: 'one condition is false, whatever the others are',
    spec: {
      matchConditions: [
        { name: 'broken', expression: NOPE },
        { name: 'small', expression: 'object.spec.size < 6' },
      ],
      ...big({}),
    },
    as: denied(BROKEN),
    then: [{ request: make(6), answer: created() }],
  }),
  row({
    name: 'the labels of the object are',
    spec: ({ ns }) => ({
      matchConstraints: inside(ns, {}, { objectSelector: { matchLabels: { a: 'b' } } }),
      ...big({}),
    }),
    refuses: post(
      'gadgets',
      { ...gadget('a', { size: 5 }), metadata: { name: 'a', labels: { a: 'b' } } },
      { dryRun: 'All' },
    ),
    as: denied(FAILED),
    then: [{ request: make(5), answer: created() }],
  }),
  row({
    name: 'the name is',
    spec: ({ ns }) => ({ matchConstraints: inside(ns, { resourceNames: ['a'] }), ...big({}) }),
    as: denied(FAILED),
    then: [{ request: make(5, 'b'), answer: created() }],
  }),
  row({
    name: 'nothing excludes the request',
    there: [OLD],
    spec: ({ ns }) => {
      const rule = { apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] };
      return { matchConstraints: inside(ns, {}, { excludeResourceRules: [rule] }), ...no("'x'") };
    },
    refuses: merge('gadgets/a', {}),
    as: denied('x'),
    then: [{ request: make(5), answer: (scene) => exists(scene) }],
  }),
  row({
    name: 'the binding means it too',
    there: [OLD],
    spec: big({}),
    bound: ({ ns }) => ({ matchResources: inside(ns, { operations: ['UPDATE'] }) }),
    refuses: merge('gadgets/a', { spec: { size: 4 } }),
    as: denied(FAILED),
    then: [{ request: make(5, 'b'), answer: created() }],
  }),
];

function exists(_: Scene): Answer {
  const details = { name: 'a', group: 'conformance.example', kind: 'gadgets' };
  return refused(409, 'AlreadyExists', 'gadgets.conformance.example "a" already exists', details);
}

const actions: readonly Row[] = [
  row({
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
  row({
    name: 'and warnings of the decoder beside a refusal',
    spec: big({}),
    refuses: post('gadgets', gadget('a', { size: 5, nope: 1 }), { dryRun: 'All', fieldValidation: 'Warn' }),
    as: (scene) => ({ ...denied(FAILED)(scene), warnings: ['unknown field "spec.nope"'] }),
  }),
];

export { actions, errors, meant, params, requests, told };
