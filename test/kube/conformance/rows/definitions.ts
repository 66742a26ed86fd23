/** CustomResourceDefinitions: what makes one, and what is wrong with one. */

import { type Cause, created, invalid, matching, notFound, ok } from '../support/answers.ts';
import { GADGETS } from '../support/definitions.ts';
import { get, merge, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const DEFINITION = 'customresourcedefinitions/gadgets.conformance.example';

const CRD = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };

const NEW = 'things.conformance.example';

/** A definition of a kind of its own, never stored: each row spoils one thing. */
const thing = (spec: object = {}, version: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: NEW },
  spec: {
    group: 'conformance.example',
    scope: 'Namespaced',
    names: { kind: 'Thing', plural: 'things' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
        ...version,
      },
    ],
    ...spec,
  },
});

const schema = (spec: object) => ({
  schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
});

const ONE_STORED = 'must have exactly one version marked as storage version';

const NOTHING_STORED: Cause = [
  'status.storedVersions',
  'FieldValueInvalid',
  'Invalid value: null: must have at least one stored version',
];

const NO_TYPE = 'Required value: must not be empty for specified object fields';

const AT = 'spec.validation.openAPIV3Schema.properties[spec]';

const refuses = (name: string, body: object, ...causes: readonly Cause[]): Row => ({
  name: `a definition ${name}`,
  request: post('customresourcedefinitions', body, { dryRun: 'All' }),
  answer: invalid({ ...CRD, name: NEW }, ...causes),
});

export const definitions: readonly Row[] = [
  {
    name: 'a definition is established, and says which names it got',
    request: get(DEFINITION),
    answer: ok({
      metadata: { generation: 1 },
      spec: { names: GADGETS.spec.names, conversion: { strategy: 'None' } },
      status: {
        acceptedNames: GADGETS.spec.names,
        storedVersions: ['v1'],
        conditions: [
          { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
          {
            type: 'Established',
            status: 'True',
            reason: 'InitialNamesAccepted',
            message: 'the initial names have been accepted',
            lastTransitionTime: matching(/Z$/),
          },
        ],
      },
    }),
  },
  {
    name: 'names are filled into a definition',
    request: post('customresourcedefinitions', thing(), { dryRun: 'All' }),
    answer: created({
      spec: { names: { kind: 'Thing', listKind: 'ThingList', plural: 'things', singular: 'thing' } },
    }),
  },
  refuses(
    'under another name',
    {
      ...thing(),
      metadata: { name: NEW },
      spec: { ...thing().spec, names: { kind: 'Thing', plural: 'stuff' } },
    },
    [
      'metadata.name',
      'FieldValueInvalid',
      'Invalid value: "things.conformance.example": must be spec.names.plural+"."+spec.group',
    ],
  ),
  refuses(
    'without versions',
    thing({ versions: [] }),
    ['spec.versions', 'FieldValueInvalid', `Invalid value: []: ${ONE_STORED}`],
    NOTHING_STORED,
  ),
  refuses(
    'without a version to store',
    thing({}, { storage: false }),
    [
      'spec.versions',
      'FieldValueInvalid',
      `Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: ${ONE_STORED}`,
    ],
    NOTHING_STORED,
  ),
  refuses('without a schema', thing({}, { schema: undefined }), [
    'spec.versions[0].schema.openAPIV3Schema',
    'FieldValueRequired',
    'Required value',
  ]),
  refuses('with a scope that is none', thing({ scope: 'Wide' }), [
    'spec.scope',
    'FieldValueNotSupported',
    'Unsupported value: "Wide": supported values: "Cluster", "Namespaced"',
  ]),
  refuses(
    'with a property without a type',
    thing({}, schema({ properties: { a: {} } })),
    [`${AT}.properties[a].type`, 'FieldValueRequired', NO_TYPE],
    [`${AT}.type`, 'FieldValueRequired', NO_TYPE],
  ),
  refuses(
    'with a rule that does not compile',
    thing(
      {},
      schema({
        type: 'object',
        properties: { a: { type: 'string' } },
        'x-kubernetes-validations': [{ rule: 'self.b == 1' }],
      }),
    ),
    [
      `${AT}.x-kubernetes-validations[0].rule`,
      'FieldValueInvalid',
      `Invalid value: {"Rule":"self.b == 1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^`,
    ],
  ),
  refuses(
    'with a rule that is no bool',
    thing({}, schema({ type: 'object', 'x-kubernetes-validations': [{ rule: '1' }] })),
    [
      `${AT}.x-kubernetes-validations[0].rule`,
      'FieldValueInvalid',
      'Invalid value: {"Rule":"1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool',
    ],
  ),
  refuses(
    'with a default that breaks its own schema',
    thing({}, schema({ type: 'object', properties: { a: { type: 'integer', default: 'x' } } })),
    [
      `${AT}.properties[a].default`,
      'FieldValueTypeInvalid',
      'Invalid value: "string":  in body must be of type integer: "string"',
    ],
  ),
  refuses(
    'with a list by key whose key is not required',
    thing(
      {},
      schema({
        type: 'object',
        properties: {
          a: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['k'],
            items: { type: 'object', properties: { k: { type: 'string' } } },
          },
        },
      }),
    ),
    [
      `${AT}.properties[a].items.properties[k].default`,
      'FieldValueRequired',
      'Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
  ),
  refuses(
    'with a pattern that is none',
    thing({}, schema({ type: 'object', properties: { a: { type: 'string', pattern: '(' } } })),
    [
      `${AT}.properties[a].pattern`,
      'FieldValueInvalid',
      `Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
    ],
  ),
  {
    name: 'another scope of a definition',
    request: merge(DEFINITION, { spec: { scope: 'Cluster' } }, { dryRun: 'All' }),
    answer: invalid({ ...CRD, name: 'gadgets.conformance.example' }, [
      'spec.scope',
      'FieldValueInvalid',
      'Invalid value: "Cluster": field is immutable',
    ]),
  },
  {
    name: 'a definition that is not there',
    request: get(`customresourcedefinitions/${NEW}`),
    answer: notFound({ group: 'apiextensions.k8s.io', kind: 'customresourcedefinitions', name: NEW }),
  },
];
