/** ValidatingAdmissionPolicies and their bindings. Who is refused by them is decided in admission/. */

import { listOf, readPolicy } from '../admission/policies.ts';
import { type Draft, isRecord, type Json } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { qualifiedNameErrors, subdomainErrors } from '../schema/names.ts';
import { AGE, countColumn, NAME, textColumn } from '../table/column.ts';
import { builtIn } from './builtin.ts';
import type { Kind } from './kind.ts';
import { POLICY, POLICY_BINDING } from './schemas/policies.ts';

const GROUP = {
  ...{ group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false, generation: true },
  categories: ['api-extensions'],
} as const;

export const policies: Kind = builtIn({
  ...GROUP,
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  status: true,
  columns: [
    NAME,
    countColumn('Validations', 'How many conditions it sets.', 'spec', 'validations'),
    textColumn('ParamKind', 'The kind of its parameters.', 'spec', 'paramKind', 'kind'),
    AGE,
  ],
  description: 'Says what has to hold for the objects of some requests.',
  properties: POLICY,
  decode: (object) => ({
    ...object,
    spec: withDefaults(object, 'matchConstraints', { failurePolicy: 'Fail' }),
    status: object['status'] ?? {},
  }),
  check: checkPolicy,
});

export const policyBindings: Kind = builtIn({
  ...GROUP,
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  columns: [
    NAME,
    textColumn('PolicyName', 'The policy that it puts in force.', 'spec', 'policyName'),
    textColumn('ParamRef', 'Its parameters.', 'spec', 'paramRef', 'name'),
    AGE,
  ],
  description: 'Puts a policy in force, with parameters.',
  properties: POLICY_BINDING,
  decode: (object) => ({ ...object, spec: withDefaults(object, 'matchResources', {}) }),
  check: checkBinding,
});

function withDefaults(object: Draft, resources: string, defaults: Json): Json {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const given = spec[resources];
  if (!isRecord(given)) return { ...defaults, ...spec };
  return { ...defaults, ...spec, [resources]: withSelectors(given) };
}

function withSelectors(given: Json): Json {
  const scoped = (rules: string) =>
    given[rules] === undefined
      ? {}
      : { [rules]: listOf(given, rules).map((rule) => ({ scope: '*', ...rule })) };
  return {
    ...{ matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} },
    ...given,
    ...scoped('resourceRules'),
    ...scoped('excludeResourceRules'),
  };
}

function checkPolicy(object: Draft): readonly cause.Cause[] {
  const spec = object['spec'] as Json;
  const { complaints } = readPolicy(object);
  return [
    ...oneOf('spec.failurePolicy', spec['failurePolicy'], ['Fail', 'Ignore']),
    ...checkParamKind(spec['paramKind']),
    ...checkConstraints(spec['matchConstraints']),
    ...checkConditions(listOf(spec['matchConditions'])),
    ...listOf(spec['variables']).flatMap((variable, i) => checkVariable(variable, `spec.variables[${i}]`)),
    ...checkValidations(spec),
    ...complaints.map(({ path, source, why }) => cause.invalid(path, source, why)),
  ];
}

function checkParamKind(paramKind: unknown): readonly cause.Cause[] {
  if (!isRecord(paramKind)) return [];
  return ['apiVersion', 'kind'].flatMap((field) => needed(`spec.paramKind.${field}`, paramKind[field]));
}

function checkConstraints(constraints: unknown): readonly cause.Cause[] {
  const path = 'spec.matchConstraints';
  if (!isRecord(constraints)) return [cause.required(path)];
  const rules = listOf(constraints, 'resourceRules');
  if (rules.length === 0) return [cause.required(`${path}.resourceRules`)];
  return rules.flatMap((rule, i) => checkRule(rule, `${path}.resourceRules[${i}]`));
}

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

function checkRule(rule: Json, path: string): readonly cause.Cause[] {
  const operations = Array.isArray(rule['operations']) ? rule['operations'] : [];
  const lists = ['operations', 'apiGroups', 'apiVersions', 'resources'];
  const missing = lists.filter((field) => !Array.isArray(rule[field]) || rule[field].length === 0);
  return [
    ...operations.flatMap((operation, i) => oneOf(`${path}.operations[${i}]`, operation, OPERATIONS)),
    ...missing.map((field) => cause.required(`${path}.${field}`)),
    ...oneOf(`${path}.scope`, rule['scope'], ['*', 'Cluster', 'Namespaced']),
  ];
}

function checkConditions(conditions: readonly Json[]): readonly cause.Cause[] {
  return conditions.flatMap(({ name, expression }, i) => {
    const path = `spec.matchConditions[${i}]`;
    const errors = name === undefined || name === '' ? [] : qualifiedNameErrors(String(name));
    const isTaken = conditions.slice(0, i).some((other) => other['name'] === name);
    return [
      ...needed(`${path}.expression`, expression),
      ...needed(`${path}.name`, name),
      ...errors.map((why) => cause.invalid(`${path}.name`, name, why)),
      ...(isTaken ? [cause.duplicate(`${path}.name`, name)] : []),
    ];
  });
}

function checkVariable({ name, expression }: Json, path: string): readonly cause.Cause[] {
  const isName = /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(String(name));
  return [
    ...needed(`${path}.name`, name, 'name is not specified'),
    ...(blank(name) || isName ? [] : [cause.invalid(`${path}.name`, name, 'must be a valid CEL identifier')]),
    ...needed(`${path}.expression`, expression, 'expression is not specified'),
  ];
}

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const NOTHING = 'validations or auditAnnotations must contain at least one item';

function checkValidations(spec: Json): readonly cause.Cause[] {
  const validations = listOf(spec['validations']);
  const audits = listOf(spec['auditAnnotations']);
  if (validations.length + audits.length === 0) {
    return [cause.required('spec.validations', NOTHING), cause.required('spec.auditAnnotations', NOTHING)];
  }
  return validations.flatMap(({ expression, message, reason }, i) => {
    const path = `spec.validations[${i}]`;
    return [
      ...needed(`${path}.expression`, expression, 'expression is not specified'),
      ...checkMessage(`${path}.message`, message),
      ...oneOf(`${path}.reason`, reason, REASONS),
    ];
  });
}

function checkMessage(path: string, message: unknown): readonly cause.Cause[] {
  if (message === undefined || message === '') return [];
  if (blank(message)) return [cause.invalid(path, message, 'must be non-empty if specified')];
  return String(message).includes('\n') ? [cause.invalid(path, message, 'must not contain line breaks')] : [];
}

function checkBinding(object: Draft): readonly cause.Cause[] {
  const spec = object['spec'] as Json;
  const { policyName, paramRef } = spec;
  const errors = blank(policyName) ? [] : subdomainErrors(String(policyName));
  return [
    ...needed('spec.policyName', policyName),
    ...errors.map((why) => cause.invalid('spec.policyName', policyName, why)),
    ...(isRecord(paramRef) ? checkParamRef(paramRef) : []),
    ...checkActions(spec['validationActions']),
  ];
}

function checkParamRef({ name, selector, parameterNotFoundAction }: Json): readonly cause.Cause[] {
  const why = 'name and selector are mutually exclusive';
  const both = !blank(name) && selector !== undefined;
  return [
    ...(both ? ['name', 'selector'].map((field) => cause.forbidden(`spec.paramRef.${field}`, why)) : []),
    ...(blank(name) && selector === undefined
      ? [cause.required('spec.paramRef', 'one of name or selector must be specified')]
      : []),
    ...needed('spec.paramRef.parameterNotFoundAction', parameterNotFoundAction),
    ...oneOf('spec.paramRef.parameterNotFoundAction', parameterNotFoundAction, ['Deny', 'Allow']),
  ];
}

const ACTIONS = ['Audit', 'Deny', 'Warn'];

function checkActions(given: unknown): readonly cause.Cause[] {
  const path = 'spec.validationActions';
  const actions = Array.isArray(given) ? given : [];
  if (actions.length === 0) return [cause.required(path, 'at least one validation action is required')];
  const both =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [
    ...actions.flatMap((action, i) =>
      actions.indexOf(action) < i
        ? [cause.duplicate(`${path}[${i}]`, action)]
        : oneOf(`${path}[${i}]`, action, ACTIONS),
    ),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [cause.invalid(path, actions, both)] : []),
  ];
}

function blank(value: unknown): boolean {
  return value === undefined || String(value).trim() === '';
}

function needed(path: string, value: unknown, detail = ''): readonly cause.Cause[] {
  return blank(value) ? [cause.required(path, detail)] : [];
}

/** Nothing is said of what is left out. */
function oneOf(path: string, value: unknown, known: readonly string[]): readonly cause.Cause[] {
  if (value === undefined || value === '' || known.includes(String(value))) return [];
  return [cause.notSupported(path, value, known)];
}
