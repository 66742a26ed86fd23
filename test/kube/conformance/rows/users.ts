/** Administrators in the name of others (Impersonate-… headers), who may do what everybody may. */

import { ok, refused } from '../support/answers.ts';
import type { Request } from '../support/client.ts';
import { configMap } from '../support/objects.ts';
import { get, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const BOB = { 'impersonate-user': 'bob' };
const ROBOT = 'system:serviceaccount:team:robot';

const whoAmI = (headers: Readonly<Record<string, string>>): Request =>
  post(
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    {},
    { headers },
  );

const mayI = (resourceAttributes: object): Request =>
  post(
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
    {},
    { headers: BOB },
  );

const is = (userInfo: object) => ({ status: 201, holds: { status: { userInfo } } });
const answered = (allowed: boolean) => ({ status: 201, holds: { status: { allowed } } });

export const users: readonly Row[] = [
  {
    name: 'somebody else is known, and in the groups that are named',
    request: whoAmI({ ...BOB, 'impersonate-uid': 'u-1', 'impersonate-group': 'team' }),
    answer: is({ username: 'bob', uid: 'u-1', groups: ['team', 'system:authenticated'] }),
  },
  {
    name: 'a service account is in its groups',
    request: whoAmI({ 'impersonate-user': ROBOT }),
    answer: is({
      username: ROBOT,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:team', 'system:authenticated'],
    }),
  },
  {
    name: 'somebody else may not read',
    request: get('gadgets', {}, { headers: BOB }),
    answer: ({ ns }) =>
      refused(
        403,
        'Forbidden',
        `gadgets.conformance.example is forbidden: User "bob" cannot list resource "gadgets" in API group "conformance.example" in the namespace "${ns}"`,
        { group: 'conformance.example', kind: 'gadgets' },
      ),
  },
  {
    name: 'somebody else may not write',
    request: post('configmaps', configMap('a'), {}, { headers: BOB }),
    answer: ({ ns }) =>
      refused(
        403,
        'Forbidden',
        `configmaps is forbidden: User "bob" cannot create resource "configmaps" in API group "" in the namespace "${ns}"`,
        { kind: 'configmaps' },
      ),
  },
  {
    name: 'somebody else who is an administrator may',
    request: post(
      'configmaps',
      configMap('a'),
      {},
      { headers: { ...BOB, 'impersonate-group': 'system:masters' } },
    ),
    answer: { status: 201 },
  },
  {
    name: 'somebody else may look at discovery',
    request: get('/apis/conformance.example/v1', {}, { headers: BOB }),
    answer: ok({ kind: 'APIResourceList' }),
  },
  {
    name: 'somebody else is told that nothing is allowed',
    request: mayI({ verb: 'get', group: 'conformance.example', resource: 'gadgets' }),
    answer: answered(false),
  },
  {
    name: 'somebody else may ask about oneself',
    request: mayI({ verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' }),
    answer: answered(true),
  },
];
