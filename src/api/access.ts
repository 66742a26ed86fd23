// The access rules of an AlmConnection: who may declare which clients on it.
import { z } from 'zod';
import { grantType, NAMESPACE } from './fields.ts';
import { choice, flag, int32, list, map, object, type Pattern, ruled, text } from './schema.ts';

/** With two stars at most, the admission policy can tell what a glob matches without a regular expression. */
function globOf(part: string): string {
  return `^${part}*([*]${part}*){0,2}$`;
}

const CLIENT_ID_GLOB: Pattern = {
  pattern: globOf('([A-Za-z0-9_-]|[$][(]namespace[)])'),
  words: 'must be letters, digits, -, _, $(namespace) and at most two *',
};

const ROLE_GLOB: Pattern = {
  pattern: globOf('[^,*\\x00-\\x1f\\x7f-\\x9f]'),
  words: 'must be without comma and control characters, and with at most two *',
};

const labelValue = (description: string) => text(description, { min: 0, max: 63 });

const matchExpression = ruled(
  object('A condition on one label. All of them must hold.', {
    key: text('Name of the label.', { max: 317 }),
    operator: choice('How the label is compared: In, NotIn, Exists or DoesNotExist.', [
      'In',
      'NotIn',
      'Exists',
      'DoesNotExist',
    ]),
    values: z.exactOptional(
      list('Values for In and NotIn; absent for the others.', labelValue('A value of the label.'), {
        type: 'atomic',
        max: 64,
      }),
    ),
  }),
  {
    cel: "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
    message: 'In and NotIn need values; Exists and DoesNotExist have none',
    reason: 'FieldValueForbidden',
    fieldPath: 'values',
    holds: ({ operator, values = [] }) => (operator === 'In' || operator === 'NotIn') === values.length > 0,
  },
);

const selector = object('The namespaces with these labels. An empty selector means every namespace.', {
  matchLabels: z.exactOptional(
    map('Labels that the namespace must have; none when absent.', labelValue('Value of the label.'), {
      max: 16,
    }),
  ),
  matchExpressions: z.exactOptional(
    list('Conditions on labels of the namespace; none when absent.', matchExpression, {
      type: 'atomic',
      max: 16,
    }),
  ),
}).meta({ 'x-kubernetes-map-type': 'atomic' });

const namespaces = ruled(
  object('The namespaces that the rule is for: exactly one of names, selector and all.', {
    names: z.exactOptional(
      list('The namespaces with these names.', text('Name of a namespace.', { max: 63, like: NAMESPACE }), {
        type: 'atomic',
        min: 1,
        max: 64,
      }),
    ),
    selector: z.exactOptional(selector),
    all: z.exactOptional(flag('true: every namespace. false when absent.')),
  }),
  {
    cel: '[has(self.names), has(self.selector), has(self.all) && self.all].exists_one(x, x)',
    message: 'exactly one of names, selector and all: true is required',
    reason: 'FieldValueRequired',
    holds: ({ names, selector, all }) =>
      [names !== undefined, selector !== undefined, all === true].filter(Boolean).length === 1,
  },
);

const rule = object('Which clients the matched namespaces may declare.', {
  namespaces,
  clientIds: list(
    'Client ids that the rule is for, as case-sensitive globs: * stands for any characters and $(namespace) for the ' +
      'namespace of the ClientCredential, as in $(namespace)_*. A protected id has to be spelled out, but for the ' +
      "operator's namespace.",
    text('A glob.', { max: 128, like: CLIENT_ID_GLOB }),
    { type: 'atomic', min: 1, max: 32 },
  ),
  roles: z.exactOptional(
    list(
      'Roles that may be asked for, as globs in which * stands for any characters; none when absent.',
      text('A glob.', { max: 128, like: ROLE_GLOB }),
      { type: 'atomic', max: 64 },
    ),
  ),
  grantTypes: z.exactOptional(
    list('Grants that may be asked for; all when absent.', grantType('A grant.'), { type: 'atomic', max: 3 }),
  ),
  maxAccessTokenValidity: z.exactOptional(
    int32('The most that accessTokenValidity may resolve to, in seconds; no limit when absent.', { min: 1 }),
  ),
  maxRefreshTokenValidity: z.exactOptional(
    int32('The most that refreshTokenValidity may resolve to, in seconds; no limit when absent.', { min: 1 }),
  ),
  allowAdoption: z.exactOptional(
    flag('true: an adoptionPolicy of IfExists or Required is allowed. false when absent.'),
  ),
  requireRevoke: z.exactOptional(
    flag('true: a deleted client is revoked even where its deletionPolicy is Retain. false when absent.'),
  ),
});

export const access = list(
  'Who may declare which clients here. The first rule whose namespaces and clientIds match decides, for the ' +
    "operator's namespace too; where none matches, the request is refused. Without rules only the operator's " +
    'namespace may use the connection.',
  rule,
  { type: 'atomic', max: 64 },
);
