/** Tables, as kubectl asks for them. */

import { including, matching, notFound, ok, refused } from '../support/answers.ts';
import { configMap, credential, event, gadget, lease, secret, serviceAccount } from '../support/objects.ts';
import { get, merge, post, put } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

const LIKE_KUBECTL = {
  accept:
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
};

const PARTIAL = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };

const AGE = matching(/^(\d+[smhdy])+$/);

const column = (name: string, type = 'string', priority = 0) => ({ name, type, priority });

export const tables: readonly Row[] = [
  {
    name: 'a table of a custom kind has the columns of its definition',
    given: [post('gadgets', gadget('a', { tags: ['x', 'y'] }))],
    request: get('gadgets', {}, LIKE_KUBECTL),
    answer: ok({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: matching(/^\d+$/) },
      columnDefinitions: [
        {
          name: 'Name',
          type: 'string',
          format: 'name',
          priority: 0,
          description: matching(/./),
        },
        { name: 'Size', type: 'integer', format: '', description: 'How big it is.', priority: 0 },
        { name: 'Word', type: 'string', format: '', priority: 0 },
        { name: 'Tags', type: 'string', format: '', priority: 1 },
        { name: 'Age', type: 'date', format: '', priority: 0 },
      ],
      rows: [{ cells: ['a', 1, null, '["x","y"]', AGE], object: { ...PARTIAL, metadata: { name: 'a' } } }],
    }),
  },
  {
    name: 'a table without objects',
    given: [post('gadgets', gadget('a'))],
    request: get('gadgets', { includeObject: 'None' }, TABLE),
    answer: ok({ kind: 'Table', rows: [{ cells: ['a', 1, null, null, AGE], object: null }] }),
  },
  {
    name: 'a table with whole objects',
    given: [post('gadgets', gadget('a'))],
    request: get('gadgets', { includeObject: 'Object' }, TABLE),
    answer: ok({ rows: [{ object: { kind: 'Gadget', spec: { size: 1 } } }] }),
  },
  {
    name: 'a table with objects in a form that is none',
    request: get('gadgets', { includeObject: 'Half' }, TABLE),
    answer: refused(
      400,
      'BadRequest',
      `Unable to convert to Table as requested: includeObject: Invalid value: "Half": must be 'Metadata', 'Object', 'None', or empty`,
    ),
  },
  {
    name: 'a table of one object',
    given: [post('gadgets', gadget('a'))],
    request: get('gadgets/a', {}, TABLE),
    answer: ok({ kind: 'Table', rows: [{ cells: ['a', 1, null, null, AGE] }] }),
  },
  {
    name: 'an empty table has its columns all the same',
    request: get('gadgets', {}, TABLE),
    answer: ok({
      columnDefinitions: [
        { name: 'Name' },
        { name: 'Size' },
        { name: 'Word' },
        { name: 'Tags' },
        { name: 'Age' },
      ],
      rows: [],
    }),
  },
  {
    name: 'a kind without columns shows name and age',
    given: [
      ({ ns }) =>
        post('plains', { apiVersion: 'conformance.example/v1', kind: 'Plain', metadata: { name: ns } }),
    ],
    request: ({ ns }) => get(`plains/${ns}`, {}, TABLE),
    answer: ({ ns }) =>
      ok({
        columnDefinitions: [column('Name'), column('Age', 'date')],
        rows: [{ cells: [ns, AGE] }],
      }),
  },
  {
    name: 'ClientCredentials show what an operator looks for',
    given: [
      post('clientcredentials', credential('a', { roles: ['A', 'B'] })),
      ({ last }) =>
        put('clientcredentials/a/status', {
          ...last,
          status: {
            conditions: [
              {
                type: 'Ready',
                status: 'False',
                reason: 'SecretMissing',
                message: 'no Secret pay',
                lastTransitionTime: '2026-01-02T03:04:05Z',
              },
            ],
          },
        }),
    ],
    request: get('clientcredentials', {}, TABLE),
    answer: ok({
      columnDefinitions: [
        column('Name'),
        column('Ready'),
        column('Reason'),
        column('Client ID'),
        column('Connection'),
        column('Grants', 'string', 1),
        column('Roles', 'string', 1),
        column('Access', 'integer', 1),
        column('Refresh', 'integer', 1),
        column('Applied', 'date', 1),
        column('Message', 'string', 1),
        column('Age', 'date'),
      ],
      rows: [
        {
          cells: [
            'a',
            'False',
            'SecretMissing',
            'pay_shop',
            null,
            '["client_credentials"]',
            '["A","B"]',
            null,
            null,
            null,
            'no Secret pay',
            AGE,
          ],
        },
      ],
    }),
  },
  {
    name: 'a table of Secrets',
    given: [post('secrets', secret('a', { data: { k: 'dg==', l: '' } }))],
    request: get('secrets', {}, TABLE),
    answer: ok({
      columnDefinitions: [column('Name'), column('Type'), column('Data'), column('Age')],
      rows: [{ cells: ['a', 'Opaque', 2, AGE] }],
    }),
  },
  {
    name: 'a table of ConfigMaps',
    given: [post('configmaps', configMap('a', { data: { k: 'v' } }))],
    request: get('configmaps', {}, TABLE),
    answer: ok({
      columnDefinitions: [column('Name'), column('Data'), column('Age')],
      rows: [{ cells: ['a', 1, AGE] }],
    }),
  },
  {
    name: 'a table of namespaces',
    given: [({ ns }) => merge(`namespaces/${ns}`, { metadata: { labels: { row: ns } } })],
    request: ({ ns }) => get('namespaces', { labelSelector: `row=${ns}` }, TABLE),
    answer: ({ ns }) =>
      ok({
        columnDefinitions: [column('Name'), column('Status'), column('Age')],
        rows: [{ cells: [ns, 'Active', AGE] }],
      }),
  },
  {
    name: 'a table of service accounts',
    given: [post('serviceaccounts', serviceAccount('a'))],
    request: get('serviceaccounts', {}, TABLE),
    answer: ok({ rows: [{ cells: including('a', AGE) }] }),
  },
  {
    name: 'a table of leases',
    given: [post('leases', lease('a', { spec: { holderIdentity: 'me' } }))],
    request: get('leases', {}, TABLE),
    answer: ok({
      columnDefinitions: [column('Name'), column('Holder'), column('Age')],
      rows: [{ cells: ['a', 'me', AGE] }],
    }),
  },
  {
    name: 'a table of events',
    given: [({ ns }) => post('events', event('e', ns))],
    request: get('events', {}, TABLE),
    answer: ok({
      columnDefinitions: [
        column('Last Seen'),
        column('Type'),
        column('Reason'),
        column('Object'),
        column('Subobject', 'string', 1),
        column('Source', 'string', 1),
        column('Message'),
        column('First Seen', 'string', 1),
        column('Count', 'string', 1),
        column('Name', 'string', 1),
      ],
      rows: [
        {
          cells: [
            AGE,
            'Normal',
            'Tested',
            'configmap/a',
            '',
            'conformance.example/rows, rows-1',
            'said by a row',
            AGE,
            1,
            'e',
          ],
        },
      ],
    }),
  },
  {
    name: 'a table of definitions',
    request: get('customresourcedefinitions/gadgets.conformance.example', {}, TABLE),
    answer: ok({
      columnDefinitions: [column('Name'), column('Created At', 'date')],
      rows: [{ cells: ['gadgets.conformance.example', matching(/^\d{4}-.*Z$/)] }],
    }),
  },
  {
    name: 'a refusal is no table',
    request: get('gadgets/a', {}, LIKE_KUBECTL),
    answer: notFound({ group: 'conformance.example', kind: 'gadgets', name: 'a' }),
  },
];
