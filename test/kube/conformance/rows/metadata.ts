/** Metadata alone, and other forms that the Accept header asks for. */

import { matching, ok, refused } from '../support/answers.ts';
import { configMap, credential, gadget, secret } from '../support/objects.ts';
import { get, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const META = { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' };

const META_LIST = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' };

const PARTIAL = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };

export const metadata: readonly Row[] = [
  {
    name: 'a list of metadata holds no data',
    given: [post('secrets', secret('a', { data: { k: 'dg==' } }, { labels: { l: '1' } }))],
    request: get('secrets', {}, META_LIST),
    answer: ({ first }) =>
      ok(
        {
          kind: 'PartialObjectMetadataList',
          apiVersion: 'meta.k8s.io/v1',
          metadata: { resourceVersion: matching(/^\d+$/) },
          items: [
            {
              ...PARTIAL,
              metadata: {
                name: 'a',
                uid: first.metadata.uid,
                resourceVersion: first.metadata.resourceVersion,
                labels: { l: '1' },
              },
            },
          ],
        },
        { lacks: ['items.0.data', 'items.0.type'] },
      ),
  },
  {
    name: 'metadata of one object',
    given: [post('clientcredentials', credential('a'))],
    request: get('clientcredentials/a', {}, META),
    answer: ok({ ...PARTIAL, metadata: { name: 'a', generation: 1 } }, { lacks: ['spec', 'status'] }),
  },
  {
    name: 'a creation answers with metadata alone where that is asked for',
    request: post('gadgets', gadget('a'), {}, META),
    answer: { status: 201, holds: { ...PARTIAL, metadata: { name: 'a' } }, lacks: ['spec'] },
  },
  {
    name: 'the form of an item does not fit a list',
    request: get('secrets', {}, META),
    answer: refused(
      406,
      'NotAcceptable',
      'you requested PartialObjectMetadata, but the requested object is a list (*core.SecretList)',
    ),
  },
  {
    name: 'the form of an item does not fit a list of a custom kind',
    request: get('gadgets', {}, META),
    answer: refused(
      406,
      'NotAcceptable',
      'you requested PartialObjectMetadata, but the requested object is a list (*unstructured.UnstructuredList)',
    ),
  },
  {
    name: 'the form of a list does not fit an item',
    given: [post('secrets', secret('a'))],
    request: get('secrets/a', {}, META_LIST),
    answer: refused(
      406,
      'NotAcceptable',
      'you requested PartialObjectMetadataList, but the requested object is not a list (*core.Secret)',
    ),
  },
  {
    name: 'a form that is not known falls back to the next',
    given: [post('configmaps', configMap('a'))],
    request: get(
      'configmaps/a',
      {},
      { accept: 'application/json;as=Picture;g=meta.k8s.io;v=v1,application/json' },
    ),
    answer: ok({ kind: 'ConfigMap' }),
  },
  {
    name: 'a form that is not known, and no other',
    given: [post('configmaps', configMap('a'))],
    request: get('configmaps/a', {}, { accept: 'application/json;as=Picture;g=meta.k8s.io;v=v1' }),
    answer: refused(
      406,
      'NotAcceptable',
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ),
  },
  {
    name: 'anything is JSON',
    given: [post('configmaps', configMap('a'))],
    request: get('configmaps/a', {}, { accept: '*/*' }),
    answer: ok({ kind: 'ConfigMap' }, { contentType: 'application/json' }),
  },
];
