/** ValidatingAdmissionPolicies and their bindings. */

import {
  always,
  atomic,
  fields,
  keyed,
  META,
  merged,
  named,
  needing,
  type Schema,
  text,
  texts,
} from './fields.ts';

const PREFIX = 'io.k8s.api.admissionregistration.v1';

const words = (description: string): Schema => atomic(description, { type: 'string' });

const LABEL_SELECTOR = {
  ...named(
    `${META}.LabelSelector`,
    fields('Selects objects by their labels. Without any condition it selects all.', {
      matchExpressions: atomic(
        'Conditions, all of which have to hold.',
        named(
          `${META}.LabelSelectorRequirement`,
          needing(
            ['key', 'operator'],
            fields('A condition on one label.', {
              key: text('Name of the label.'),
              operator: text('In, NotIn, Exists or DoesNotExist.'),
              values: words('Values for In and NotIn.'),
            }),
          ),
        ),
      ),
      matchLabels: texts('Labels that have to be there, with these values.'),
    }),
  ),
  'x-kubernetes-map-type': 'atomic',
};

const RULE = {
  ...named(
    `${PREFIX}.NamedRuleWithOperations`,
    fields('Requests, by what they ask of which resources.', {
      apiGroups: words('Groups of resources; * is any.'),
      apiVersions: words('Versions of resources; * is any.'),
      operations: words('CREATE, UPDATE, DELETE, CONNECT, or * for any.'),
      resourceNames: words('Names of objects; any where there are none.'),
      resources: words('Plurals, with a slash and a subresource where that is meant; * is any.'),
      scope: text('Cluster, Namespaced, or * for both.'),
    }),
  ),
  'x-kubernetes-map-type': 'atomic',
};

const MATCH_RESOURCES = {
  ...named(
    `${PREFIX}.MatchResources`,
    fields('Which requests are meant.', {
      excludeResourceRules: atomic('Requests that are not meant.', RULE),
      matchPolicy: text('Exact or Equivalent: whether other versions of a resource are meant too.'),
      namespaceSelector: { ...LABEL_SELECTOR, description: 'Labels of the namespace.' },
      objectSelector: {
        ...LABEL_SELECTOR,
        description: 'Labels of the object, before or after the request.',
      },
      resourceRules: atomic('Requests that are meant.', RULE),
    }),
  ),
  'x-kubernetes-map-type': 'atomic',
};

const expression = text('An expression of CEL.');

const VALIDATION = named(
  `${PREFIX}.Validation`,
  needing(
    ['expression'],
    fields('What has to hold.', {
      expression,
      message: text('What is told where it does not hold.'),
      messageExpression: text('An expression of CEL for what is told; the message where it gives nothing.'),
      reason: text('Invalid, Forbidden or RequestEntityTooLarge.'),
    }),
  ),
);

const VARIABLE = {
  ...named(
    `${PREFIX}.Variable`,
    needing(['name', 'expression'], fields('A value with a name.', { expression, name: text('The name.') })),
  ),
  'x-kubernetes-map-type': 'atomic',
};

const MATCH_CONDITION = named(
  `${PREFIX}.MatchCondition`,
  needing(
    ['name', 'expression'],
    fields('What has to hold for the policy to be asked.', { expression, name: text('The name.') }),
  ),
);

const AUDIT_ANNOTATION = named(
  `${PREFIX}.AuditAnnotation`,
  needing(
    ['key', 'valueExpression'],
    fields('What is noted in the audit log; there is none here.', {
      key: text('Under what it is noted.'),
      valueExpression: text('An expression of CEL for what is noted.'),
    }),
  ),
);

const PARAM_KIND = {
  ...named(
    `${PREFIX}.ParamKind`,
    fields('The kind of the parameters.', { apiVersion: text('Group and version.'), kind: text('Kind.') }),
  ),
  'x-kubernetes-map-type': 'atomic',
};

const PARAM_REF = {
  ...named(
    `${PREFIX}.ParamRef`,
    fields('Which objects are the parameters.', {
      name: text('The name of one.'),
      namespace: text('Their namespace; that of the request when absent.'),
      parameterNotFoundAction: text('Allow or Deny, where there is none.'),
      selector: { ...LABEL_SELECTOR, description: 'The labels of all.' },
    }),
  ),
  'x-kubernetes-map-type': 'atomic',
};

export const POLICY = {
  spec: named(
    `${PREFIX}.ValidatingAdmissionPolicySpec`,
    fields('What is to hold for which requests.', {
      auditAnnotations: atomic('What is noted in the audit log.', AUDIT_ANNOTATION),
      failurePolicy: text('Fail or Ignore: what an error in the policy means.'),
      matchConditions: keyed('What has to hold for it to be asked.', 'name', MATCH_CONDITION),
      matchConstraints: MATCH_RESOURCES,
      paramKind: PARAM_KIND,
      validations: atomic('What has to hold.', VALIDATION),
      variables: keyed('Values that expressions share.', 'name', VARIABLE),
    }),
  ),
  status: always(
    named(`${PREFIX}.ValidatingAdmissionPolicyStatus`, {
      ...{ type: 'object', description: 'What controllers found out about it.' },
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  ),
} as const;

export const POLICY_BINDING = {
  spec: named(
    `${PREFIX}.ValidatingAdmissionPolicyBindingSpec`,
    fields('Puts a policy in force.', {
      matchResources: MATCH_RESOURCES,
      paramRef: PARAM_REF,
      policyName: text('The policy.'),
      validationActions: merged('Deny, Warn, Audit: what a refusal comes to.'),
    }),
  ),
} as const;
