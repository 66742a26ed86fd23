/** A small kind of our own for the tests of this server. */

import type { Client, Reply } from './client.ts';
import { until } from './client.ts';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const DEFINITION = `${DEFINITIONS}/widgets.example.org`;
export const WIDGETS = '/apis/example.org/v1/namespaces/default/widgets';
export const ITEM_METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
export const LIST_METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export const SPEC_PROPERTIES = {
  size: { type: 'integer', minimum: 1, maximum: 100 },
  colour: { type: 'string' },
  roles: {
    type: 'array',
    'x-kubernetes-list-type': 'set',
    maxItems: 8,
    items: { type: 'string', maxLength: 64 },
  },
};

export function definition(specProperties: object = SPEC_PROPERTIES) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', shortNames: ['wd'], categories: ['tools'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          selectableFields: [{ jsonPath: '.spec.colour' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', required: ['size'], properties: specProperties },
                status: {
                  type: 'object',
                  default: { observedGeneration: -1 },
                  properties: {
                    observedGeneration: { type: 'integer', format: 'int64', default: -1 },
                    word: { type: 'string' },
                  },
                },
              },
            },
          },
        },
      ],
    },
  };
}

export function widget(
  name: string,
  more: Readonly<{ metadata?: object; spec?: object; status?: object }> = {},
) {
  return {
    apiVersion: 'example.org/v1',
    kind: 'Widget',
    metadata: { name, ...more.metadata },
    spec: { size: 1, ...more.spec },
    ...(more.status === undefined ? {} : { status: more.status }),
  };
}

/** Resolves once the kind is served. */
export async function installWidgets(client: Client): Promise<Reply> {
  await client.post(DEFINITIONS, definition());
  return await until(
    () => client.get(WIDGETS),
    ({ status }) => status === 200,
  );
}

export function namespaced(namespace: string, plural: string): string {
  return `/api/v1/namespaces/${namespace}/${plural}`;
}

export function secret(name: string, more: object = {}) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...more };
}
