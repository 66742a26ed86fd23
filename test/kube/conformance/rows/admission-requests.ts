/** Which requests policies are asked about, and what they are given. */

import { created, invalid, ok, refused } from '../support/answers.ts';
import { configMap, gadget } from '../support/objects.ts';
import { BROKEN, big, denied, FAILED, inside, make, NOPE, no, OLD, policed } from '../support/policies.ts';
import { apply, json, merge, post, remove } from '../support/requests.ts';
import type { Row, Scene } from '../support/row.ts';

const has = (name: string, x: string, labels = {}) =>
  post('configmaps', configMap(name, { data: { x } }, { labels }));
const CONFIG_MAPS = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };
const limit = (more: object = {}) => ({
  ...CONFIG_MAPS,
  validations: [{ expression: 'object.spec.size > int(params.data.x)', message: 'small', ...more }],
});
const named = (more: object = {}) => ({ paramRef: { name: 'x', parameterNotFoundAction: 'Deny', ...more } });

export const params: readonly Row[] = [
  policed({
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
  policed({
    name: 'a parameter in a namespace of its own',
    there: [has('x', '5')],
    spec: limit(),
    bound: ({ ns }) => named({ namespace: ns }),
    as: denied('small'),
  }),
  policed({
    name: 'every one that a selector selects',
    there: [has('x', '1', { a: 'b' }), has('y', '5', { a: 'b' }), has('z', '9')],
    spec: limit(),
    bound: ({ ns }) => ({
      paramRef: { namespace: ns, selector: { matchLabels: { a: 'b' } }, parameterNotFoundAction: 'Deny' },
    }),
    as: denied('small'),
    then: [{ request: make(6), answer: created() }],
  }),
  policed({
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
  policed({
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
  policed({
    name: 'none, where the binding names none',
    spec: { ...CONFIG_MAPS, validations: [{ expression: 'params != null', message: 'null' }] },
    as: denied('null'),
  }),
  policed({
    name: 'no namespace for parameters that have none',
    spec: { paramKind: { apiVersion: 'v1', kind: 'Namespace' }, ...big({}) },
    bound: named({ namespace: 'x' }),
    as: denied(
      'failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`',
    ),
  }),
];

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

export const requests: readonly Row[] = [
  policed({ name: 'a creation', spec: no(seen), as: words('CREATE', true, false) }),
  policed({
    name: 'a creation by apply',
    spec: no(seen),
    refuses: apply('gadgets/a', gadget('a', { size: 5 }), { dryRun: 'All' }),
    as: words('CREATE', true, false),
  }),
  policed({
    name: 'a creation of what is there already',
    there: [OLD],
    spec: no(seen),
    as: words('CREATE', true, false),
  }),
  policed({
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
  policed({
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
  policed({
    name: 'a deletion',
    there: [OLD],
    spec: no("request.operation + ' ' + string(object == null) + ' ' + string(oldObject.spec.size)"),
    refuses: remove('gadgets/a', undefined, { dryRun: 'All' }),
    as: denied('DELETE true 5'),
  }),
  policed({
    name: 'a deletion of all',
    there: [OLD],
    spec: no("request.operation + ' ' + string(oldObject == null)"),
    refuses: remove('gadgets', undefined, { dryRun: 'All' }),
    as: denied('DELETE false', 422, 'Invalid', 'Unknown'),
    then: [{ request: make(5), answer: denied('CREATE true') }],
  }),
  policed({
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
  policed({
    name: 'defaults, the namespace and its labels',
    spec: no(
      "string(object.spec.mood) + ' ' + string(object.metadata.namespace == request.namespace) + ' ' + string(namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == request.namespace)",
    ),
    as: denied('calm true true'),
  }),
];

const EXISTS = refused(409, 'AlreadyExists', 'gadgets.conformance.example "a" already exists', {
  ...{ name: 'a', group: 'conformance.example', kind: 'gadgets' },
});

export const meant: readonly Row[] = [
  policed({
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
  policed({
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
  policed({
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
  policed({
    name: 'the name is',
    spec: ({ ns }) => ({ matchConstraints: inside(ns, { resourceNames: ['a'] }), ...big({}) }),
    as: denied(FAILED),
    then: [{ request: make(5, 'b'), answer: created() }],
  }),
  policed({
    name: 'nothing excludes the request',
    there: [OLD],
    spec: ({ ns }) => {
      const rule = { apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] };
      return { matchConstraints: inside(ns, {}, { excludeResourceRules: [rule] }), ...no("'x'") };
    },
    refuses: merge('gadgets/a', {}),
    as: denied('x'),
    then: [{ request: make(5), answer: EXISTS }],
  }),
  policed({
    name: 'the binding means it too',
    there: [OLD],
    spec: big({}),
    bound: ({ ns }) => ({ matchResources: inside(ns, { operations: ['UPDATE'] }) }),
    refuses: merge('gadgets/a', { spec: { size: 4 } }),
    as: denied(FAILED),
    then: [{ request: make(5, 'b'), answer: created() }],
  }),
];
