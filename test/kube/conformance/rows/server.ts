/** What the server says of itself: discovery, schemas, health; and who may ask. */

import { expect } from 'vitest';
import { including, matching, ok, refused } from '../support/answers.ts';
import { configMap } from '../support/objects.ts';
import { get, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const AGGREGATED = {
  accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
};
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const some = (value: object) => expect.objectContaining(value);

const OWN_VERSION = { groupVersion: 'alm-operator.dev/v1beta1', version: 'v1beta1' };
const CREDENTIALS = {
  name: 'clientcredentials',
  singularName: 'clientcredential',
  namespaced: true,
  kind: 'ClientCredential',
  verbs: expect.arrayContaining(VERBS),
  shortNames: ['ccred'],
  categories: ['alm'],
};

export const discovery: readonly Row[] = [
  {
    name: 'the version',
    request: get('/version'),
    answer: ok({
      major: '1',
      minor: matching(/^\d+/),
      gitVersion: matching(/^v1\.\d+\.\d+/),
      platform: matching(/\//),
    }),
  },
  {
    name: 'the versions of the core group',
    request: get('/api'),
    answer: ok({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: matching(/:\d+$/) }],
    }),
  },
  {
    name: 'all groups',
    request: get('/apis'),
    answer: ok({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: including(
        some({ name: 'alm-operator.dev', versions: [OWN_VERSION], preferredVersion: OWN_VERSION }),
        some({ name: 'coordination.k8s.io' }),
        some({ name: 'events.k8s.io' }),
        some({ name: 'apiextensions.k8s.io' }),
      ),
    }),
  },
  {
    name: 'one group',
    request: get('/apis/alm-operator.dev'),
    answer: ok({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'alm-operator.dev',
      versions: [OWN_VERSION],
      preferredVersion: OWN_VERSION,
    }),
  },
  {
    name: 'the resources of a group of definitions',
    request: get('/apis/alm-operator.dev/v1beta1'),
    answer: ok({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'alm-operator.dev/v1beta1',
      resources: including(
        some(CREDENTIALS),
        some({
          name: 'clientcredentials/status',
          kind: 'ClientCredential',
          verbs: ['get', 'patch', 'update'],
        }),
        some({ name: 'almconnections' }),
        some({ name: 'almclientclaims' }),
      ),
    }),
  },
  {
    name: 'the resources of the core group',
    request: get('/api/v1'),
    answer: ok({
      kind: 'APIResourceList',
      groupVersion: 'v1',
      resources: including(
        some({
          name: 'secrets',
          singularName: 'secret',
          namespaced: true,
          kind: 'Secret',
          verbs: expect.arrayContaining(VERBS),
        }),
        some({ name: 'configmaps', shortNames: ['cm'] }),
        some({
          name: 'namespaces',
          namespaced: false,
          shortNames: ['ns'],
          verbs: expect.not.arrayContaining(['deletecollection']),
        }),
        some({ name: 'serviceaccounts', shortNames: ['sa'] }),
        some({ name: 'events', shortNames: ['ev'] }),
      ),
    }),
  },
  {
    name: 'a version that is not there',
    request: get('/apis/alm-operator.dev/v9'),
    answer: { status: 404, equals: '404 page not found\n', contentType: 'text/plain' },
  },
  {
    name: 'all groups at once, with their resources',
    request: get('/apis', {}, AGGREGATED),
    answer: ok(
      {
        kind: 'APIGroupDiscoveryList',
        apiVersion: 'apidiscovery.k8s.io/v2',
        items: including(
          some({
            metadata: some({ name: 'alm-operator.dev' }),
            versions: [
              some({
                version: 'v1beta1',
                freshness: 'Current',
                resources: including(
                  some({
                    resource: 'clientcredentials',
                    responseKind: { group: 'alm-operator.dev', version: 'v1beta1', kind: 'ClientCredential' },
                    scope: 'Namespaced',
                    singularResource: 'clientcredential',
                    verbs: expect.arrayContaining(VERBS),
                    shortNames: ['ccred'],
                    categories: ['alm'],
                    subresources: [
                      some({
                        subresource: 'status',
                        verbs: expect.arrayContaining(['get', 'patch', 'update']),
                      }),
                    ],
                  }),
                ),
              }),
            ],
          }),
        ),
      },
      { contentType: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    ),
  },
  {
    name: 'the core group at once',
    request: get('/api', {}, AGGREGATED),
    answer: ok({
      kind: 'APIGroupDiscoveryList',
      items: [
        {
          versions: [
            { version: 'v1', resources: including(some({ resource: 'secrets', scope: 'Namespaced' })) },
          ],
        },
      ],
    }),
  },
  {
    name: 'where the schemas are',
    request: get('/openapi/v3'),
    answer: ok({
      paths: {
        'api/v1': { serverRelativeURL: matching(/^\/openapi\/v3\/api\/v1\?hash=/) },
        'apis/alm-operator.dev/v1beta1': {
          serverRelativeURL: matching(/^\/openapi\/v3\/apis\/alm-operator.dev\/v1beta1\?hash=/),
        },
      },
    }),
  },
  {
    name: 'the schemas of this project, with their descriptions',
    request: get('/openapi/v3/apis/alm-operator.dev/v1beta1'),
    answer: ok({
      openapi: '3.0.0',
      components: {
        schemas: {
          'dev.alm-operator.v1beta1.ClientCredential': {
            type: 'object',
            description: matching(/^An OAuth client of ALM/),
            'x-kubernetes-group-version-kind': [
              { group: 'alm-operator.dev', version: 'v1beta1', kind: 'ClientCredential' },
            ],
          },
        },
      },
    }),
  },
];

export const access: readonly Row[] = [
  {
    name: 'a token that is not known',
    request: get('configmaps', {}, { token: 'canary-7f3a9' }),
    answer: refused(401, 'Unauthorized', 'Unauthorized'),
  },
  {
    name: 'a token that is not known, on a write',
    request: post('configmaps', configMap('a'), {}, { token: 'canary-7f3a9' }),
    answer: refused(401, 'Unauthorized', 'Unauthorized'),
  },
  {
    name: 'nobody in particular',
    request: get('configmaps', {}, { token: '' }),
    answer: ({ ns }) =>
      refused(
        403,
        'Forbidden',
        `configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "${ns}"`,
        { kind: 'configmaps' },
      ),
  },
  {
    name: 'anybody may ask whether the server is well',
    request: get('/readyz', {}, { token: '' }),
    answer: { status: 200, equals: 'ok' },
  },
  {
    name: 'anybody may ask for the version',
    request: get('/version', {}, { token: '' }),
    answer: ok({ major: '1' }),
  },
  {
    name: 'the administrator may do everything, when asked',
    request: post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {
        resourceAttributes: { verb: 'create', resource: 'clientcredentials', group: 'alm-operator.dev' },
      },
    }),
    answer: { status: 201, holds: { kind: 'SelfSubjectAccessReview', status: { allowed: true } } },
  },
  {
    name: 'who is asking',
    request: post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'SelfSubjectReview',
    }),
    answer: {
      status: 201,
      holds: { status: { userInfo: { username: matching(/./), groups: including('system:authenticated') } } },
    },
  },
];
