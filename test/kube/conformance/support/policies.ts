/** Admission policies of the suite. Each is about gadgets in the namespace of its row, whose name it has. */

import { type Answer, refused } from './answers.ts';
import { gadget } from './objects.ts';
import { post } from './requests.ts';
import { type Row, type Scene, type Step, type Told, told } from './row.ts';

const API = { apiVersion: 'admissionregistration.k8s.io/v1' };

export const policy = (ns: string, spec: object = {}, name = ns) => ({
  ...API,
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: { matchConstraints: inside(ns), validations: [{ expression: 'true' }], ...spec },
});

export const binding = (ns: string, spec: object = {}, name = ns) => ({
  ...API,
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName: name, validationActions: ['Deny'], ...spec },
});

/** Requests about gadgets of one namespace. */
export function inside(ns: string, rule: object = {}, more: object = {}): object {
  const resources = ['gadgets'];
  const operations = ['CREATE', 'UPDATE', 'DELETE'];
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ns } },
    resourceRules: [
      { apiGroups: ['conformance.example'], apiVersions: ['v1'], operations, resources, ...rule },
    ],
    ...more,
  };
}

export const BIG = { expression: 'object.spec.size > 5' };
export const big = (more: object) => ({ validations: [{ ...BIG, ...more }] });
export const no = (messageExpression: string) => ({
  validations: [{ expression: 'false', messageExpression }],
});
export const FAILED = 'failed expression: object.spec.size > 5';

export const NOPE = 'object.spec.nope > 5';
export const BROKEN = `expression '${NOPE}' resulted in error: no such key: nope`;

export const OLD = post('gadgets', gadget('a', { size: 5 }));

export type Case = Readonly<{
  name: string;
  spec: Told<object>;
  bound?: Told<object>;
  /** What is there before. */
  there?: Row['given'];
  refuses?: Step['request'];
  as: Told<Answer>;
  then?: readonly Step[];
}>;

/** A row that begins with a refusal, because a policy is in force only about a second after it was made. */
export const policed = ({
  name,
  spec,
  bound = {},
  there = [],
  refuses = make(5),
  as,
  then = [],
}: Case): Row => ({
  name,
  given: [
    ...there,
    (scene) => post('validatingadmissionpolicies', policy(scene.ns, told(spec, scene))),
    (scene) => post('validatingadmissionpolicybindings', binding(scene.ns, told(bound, scene))),
  ],
  request: refuses,
  answer: as,
  then,
});

/** A creation that is only tried. */
export const make = (size: number, name = 'a', more: object = {}) =>
  post('gadgets', gadget(name, { size, ...more }), { dryRun: 'All' });

/** The refusal of gadget `name` by the policy of the row. */
export const denied =
  (message: string, code = 422, reason = 'Invalid', name = 'a') =>
  ({ ns }: Scene): Answer => {
    const by = `ValidatingAdmissionPolicy '${ns}' with binding '${ns}' denied request: ${message}`;
    return deniedBy(by, code, reason, name);
  };

export function deniedBy(by: string, code: number, reason: string, name: string): Answer {
  const details = { name, group: 'conformance.example', kind: 'gadgets', causes: [{ message: by }] };
  return refused(code, reason, `gadgets.conformance.example "${name}" is forbidden: ${by}`, details);
}
