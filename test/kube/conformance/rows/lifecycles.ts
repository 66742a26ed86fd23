/** How kinds come and go with their definitions, and change under living objects. */

import { expect } from 'vitest';
import { created, including, invalid, matching, notFound, ok } from '../support/answers.ts';
import type { History } from '../support/history.ts';
import { get, merge, post, remove } from '../support/requests.ts';
import type { Row, Scene } from '../support/row.ts';

const DEFINITIONS = 'customresourcedefinitions';
const HELD = { finalizers: ['conformance.example/hold'] };
const some = (value: object) => expect.objectContaining(value);

type In = Pick<Scene, 'ns'>;

/** A kind of the row's own, in a group that is named after its namespace. */
const group = ({ ns }: In) => `${ns}.example`;
const definition = (scene: In, spec: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.${group(scene)}` },
  spec: {
    group: group(scene),
    scope: 'Namespaced',
    names: { kind: 'Thing', plural: 'things' },
    versions: [version({ type: 'object' })],
    ...spec,
  },
});
const version = (spec: object, more: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  subresources: { status: {} },
  schema: { openAPIV3Schema: { type: 'object', properties: { spec, status: { type: 'object' } } } },
  ...more,
});
const OPEN = { type: 'object', properties: { a: { type: 'string' } } };
const TIGHT = {
  type: 'object',
  properties: { a: { type: 'string', maxLength: 1 }, b: { type: 'string', default: 'x' } },
};

const define = (scene: In) => post(DEFINITIONS, definition(scene, { versions: [version(OPEN)] }));
const named = (scene: In) => `${DEFINITIONS}/things.${group(scene)}`;
const path = (scene: In, rest = '') => `/apis/${group(scene)}/v1/namespaces/${scene.ns}/things${rest}`;
const thing = (scene: In, spec: object = {}, metadata: object = {}) => ({
  apiVersion: `${group(scene)}/v1`,
  kind: 'Thing',
  metadata: { name: 'a', ...metadata },
  spec,
});
const NOWHERE = { status: 404, equals: '404 page not found\n', contentType: 'text/plain' };

export const comings: readonly Row[] = [
  {
    name: 'a kind is served soon after its definition was made',
    given: [define],
    request: (scene) => get(path(scene)),
    answer: ok({ kind: 'ThingList', items: [] }),
    then: [
      {
        request: (scene) => get(named(scene)),
        answer: ok({
          status: {
            acceptedNames: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
            conditions: [
              { type: 'NamesAccepted', status: 'True' },
              { type: 'Established', status: 'True' },
            ],
          },
        }),
      },
      {
        request: (scene) => get(`/apis/${group(scene)}/v1`),
        answer: ok({ kind: 'APIResourceList', resources: [{ name: 'things' }, { name: 'things/status' }] }),
      },
      { request: get('/apis'), answer: (scene) => ok({ groups: including(some({ name: group(scene) })) }) },
    ],
  },
  {
    name: 'a definition whose kind is taken in its group is not established',
    given: [
      define,
      (scene) =>
        post(DEFINITIONS, {
          ...definition(scene, { names: { kind: 'Thing', plural: 'stuff' } }),
          metadata: { name: `stuff.${group(scene)}` },
        }),
    ],
    request: (scene) => get(`${DEFINITIONS}/stuff.${group(scene)}`),
    answer: ok({
      status: {
        conditions: including(
          some({
            type: 'NamesAccepted',
            status: 'False',
            reason: 'ListKindConflict',
            message: '"ThingList" is already in use',
          }),
          some({
            type: 'Established',
            status: 'False',
            reason: 'NotAccepted',
            message: 'not all names are accepted',
          }),
        ),
      },
    }),
  },
];

/** Stores an object before, and changes the definition after. */
const tightened = (scene: In) => merge(named(scene), { spec: { versions: [version(TIGHT)] } });
const made = (scene: In) => post(path(scene), thing(scene, { a: 'long' }));

export const changes: readonly Row[] = [
  {
    name: 'a changed schema is in force soon, for new objects',
    given: [define],
    request: (scene) => get(path(scene)),
    answer: ok(),
    then: [
      { request: tightened, answer: ok({ metadata: { generation: 2 } }) },
      {
        request: (scene) => post(path(scene), thing(scene, { a: 'long' }), { dryRun: 'All' }),
        answer: (scene) =>
          invalid({ group: group(scene), kind: 'Thing', name: 'a' }, [
            'spec.a',
            'FieldValueTooLong',
            'Too long: may not be more than 1 bytes',
            'Too long: may not be more than 1 byte',
          ]),
      },
    ],
  },
  {
    name: 'an object that a changed schema would refuse is read with the new defaults, and labelled',
    given: [define],
    request: made,
    answer: created(),
    then: [
      { request: tightened, answer: ok() },
      { request: (scene) => get(path(scene, '/a')), answer: ok({ spec: { a: 'long', b: 'x' } }) },
      {
        request: (scene) => merge(path(scene, '/a'), { metadata: { labels: { l: '1' } } }),
        answer: ok({ metadata: { labels: { l: '1' } }, spec: { a: 'long', b: 'x' } }),
      },
      {
        request: (scene) => merge(path(scene, '/a'), { spec: { b: 'y' } }),
        answer: ok({ spec: { a: 'long', b: 'y' } }),
      },
    ],
  },
  {
    name: 'a version that is served too shows the same objects',
    given: [define],
    request: made,
    answer: created(),
    then: [
      {
        request: (scene) =>
          merge(named(scene), {
            spec: { versions: [version(OPEN), version(OPEN, { name: 'v2', storage: false })] },
          }),
        answer: ok(),
      },
      {
        request: (scene) => get(path(scene, '/a').replace('/v1/', '/v2/')),
        answer: (scene) => ok({ apiVersion: `${group(scene)}/v2`, spec: { a: 'long' } }),
      },
    ],
  },
];

export const goings: readonly Row[] = [
  {
    name: 'a deleted definition goes with its objects',
    given: [define],
    request: made,
    answer: created(),
    then: [
      { request: (scene) => remove(named(scene)), answer: ok() },
      {
        request: (scene) => get(named(scene)),
        answer: (scene) =>
          notFound({ group: 'apiextensions.k8s.io', kind: DEFINITIONS, name: `things.${group(scene)}` }),
      },
      { request: (scene) => get(path(scene)), answer: NOWHERE },
      { request: (scene) => get(`/apis/${group(scene)}/v1`), answer: NOWHERE },
    ],
  },
  {
    name: 'a held object holds its definition; it can be written, but none can be made',
    given: [define],
    request: (scene) => post(path(scene), thing(scene, {}, HELD)),
    answer: created(),
    then: [
      { request: (scene) => remove(named(scene)), answer: ok() },
      {
        request: (scene) => get(path(scene, '/a')),
        answer: ok({ metadata: { deletionTimestamp: matching(/Z$/), ...HELD } }),
      },
      {
        request: (scene) => get(named(scene)),
        answer: ok({
          metadata: { generation: 1, finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
          status: {
            conditions: including(
              some({ type: 'Terminating', status: 'True', reason: 'InstanceDeletionInProgress' }),
            ),
          },
        }),
      },
      {
        request: (scene) => post(path(scene), thing(scene, {}, { name: 'b' })),
        answer: {
          // 1.32 answers 405.
          status: [403, 405],
          holds: {
            message: matching(/create not allowed while custom resource definition is terminating$/),
          },
        },
      },
      {
        request: (scene) => merge(path(scene, '/a/status'), { status: {} }),
        answer: ok(),
      },
      { request: (scene) => merge(path(scene, '/a'), { metadata: { finalizers: null } }), answer: ok() },
      { request: (scene) => get(path(scene)), answer: NOWHERE },
    ],
  },
];

export const watched: readonly History[] = [
  {
    name: 'a definition is told when it is made and when it is established',
    watch: (scene) => get(DEFINITIONS, { fieldSelector: `metadata.name=things.${group(scene)}` }),
    deeds: [define],
    events: (scene) => [
      ['ADDED', { metadata: { name: `things.${group(scene)}`, generation: 1 } }],
      [
        'MODIFIED',
        {
          status: {
            conditions: [
              { type: 'NamesAccepted', status: 'True' },
              { type: 'Established', status: 'False', reason: 'Installing' },
            ],
          },
        },
      ],
      [
        'MODIFIED',
        {
          status: {
            conditions: [
              { type: 'NamesAccepted', status: 'True' },
              { type: 'Established', status: 'True' },
            ],
          },
        },
      ],
    ],
  },
];
