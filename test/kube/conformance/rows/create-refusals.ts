/** POST: what is refused before the rules of a kind are asked. */

import { invalid, refused, UNFINISHED } from '../support/answers.ts';
import { configMap, credential, gadget, plain, secret } from '../support/objects.ts';
import { post, remove } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const NOT_JSON = "couldn't get version/kind; json parse error: unexpected end of JSON input";

const HELD = { finalizers: ['conformance.example/hold'] };

export const refusals: readonly Row[] = [
  {
    name: 'a name that is taken, of a built-in kind',
    given: [post('configmaps', configMap('a'))],
    request: post('configmaps', configMap('a')),
    answer: refused(409, 'AlreadyExists', 'configmaps "a" already exists', { name: 'a', kind: 'configmaps' }),
  },
  {
    name: 'a name that is taken, of a custom kind',
    given: [post('gadgets', gadget('a'))],
    request: post('gadgets', gadget('a')),
    answer: refused(409, 'AlreadyExists', 'gadgets.conformance.example "a" already exists', {
      name: 'a',
      group: 'conformance.example',
      kind: 'gadgets',
    }),
  },
  {
    name: 'a name that a deleted object still holds',
    given: [post('gadgets', gadget('a', {}, HELD)), remove('gadgets/a')],
    request: post('gadgets', gadget('a')),
    answer: refused(
      409,
      'AlreadyExists',
      'object is being deleted: gadgets.conformance.example "a" already exists',
      { name: 'a', group: 'conformance.example', kind: 'gadgets' },
    ),
  },
  {
    name: 'an invalid object is told so although its name is taken',
    given: [post('gadgets', gadget('a'))],
    request: post('gadgets', gadget('a', { size: 0 })),
    answer: invalid({ group: 'conformance.example', kind: 'Gadget', name: 'a' }, [
      'spec.size',
      'FieldValueInvalid',
      'Invalid value: 0: spec.size in body should be greater than or equal to 1',
    ]),
  },
  {
    name: 'no name at all',
    request: post('gadgets', { ...gadget(''), metadata: {} }),
    answer: invalid(
      { group: 'conformance.example', kind: 'Gadget' },
      ['metadata.name', 'FieldValueRequired', 'Required value: name or generateName is required'],
      UNFINISHED,
    ),
  },
  {
    name: 'a custom name in upper case',
    request: post('clientcredentials', credential('Pay')),
    answer: invalid({ group: 'alm-operator.dev', kind: 'ClientCredential', name: 'Pay' }, [
      'metadata.name',
      'FieldValueInvalid',
      `Invalid value: "Pay": ${SUBDOMAIN}`,
    ]),
  },
  {
    name: 'a built-in name in upper case',
    request: post('secrets', secret('Pay')),
    answer: invalid({ kind: 'Secret', name: 'Pay' }, [
      'metadata.name',
      'FieldValueInvalid',
      `Invalid value: "Pay": ${SUBDOMAIN}`,
    ]),
  },
  {
    name: 'a label that is none',
    request: post('gadgets', gadget('a', {}, { labels: { l: 'a b' } })),
    answer: invalid({ group: 'conformance.example', kind: 'Gadget', name: 'a' }, [
      'metadata.labels',
      'FieldValueInvalid',
      `Invalid value: "a b": ${LABEL_VALUE}`,
    ]),
  },
  {
    name: 'annotations of more than 256 KiB',
    request: post('configmaps', configMap('a', {}, { annotations: { a: 'x'.repeat(262_144) } })),
    answer: invalid({ kind: 'ConfigMap', name: 'a' }, [
      'metadata.annotations',
      'FieldValueTooLong',
      'Too long: may not be more than 262144 bytes',
    ]),
  },
  {
    name: 'a version',
    request: post('configmaps', configMap('a', {}, { resourceVersion: '7' })),
    answer: refused(500, '', 'resourceVersion should not be set on objects to be created'),
  },
  {
    name: 'a namespace that is not there, for a built-in kind',
    request: post('/api/v1/namespaces/nope/configmaps', configMap('a')),
    answer: refused(404, 'NotFound', 'namespaces "nope" not found', { name: 'nope', kind: 'namespaces' }),
  },
  {
    name: 'a namespace that is not there, for a custom kind',
    request: post('/apis/alm-operator.dev/v1beta1/namespaces/nope/clientcredentials', credential('a')),
    answer: refused(404, 'NotFound', 'namespaces "nope" not found', { name: 'nope', kind: 'namespaces' }),
  },
  {
    name: 'another namespace in the body',
    request: post('gadgets', gadget('a', {}, { namespace: 'elsewhere' })),
    answer: refused(
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ),
  },
  {
    name: 'another kind in the body, built in',
    request: post('secrets', configMap('a')),
    answer: refused(
      400,
      'BadRequest',
      'ConfigMap in version "v1" cannot be handled as a Secret: converting (v1.ConfigMap) to (core.Secret): unknown conversion',
    ),
  },
  {
    name: 'another kind in the body, custom',
    request: post('gadgets', { ...gadget('a'), kind: 'Widget' }),
    answer: invalid({ group: 'conformance.example', kind: 'Widget', name: 'a' }, [
      'kind',
      'FieldValueInvalid',
      'Invalid value: "Widget": must be Gadget',
    ]),
  },
  {
    name: 'another version in the body',
    request: post('gadgets', { ...plain('a'), kind: 'Gadget', apiVersion: 'conformance.example/v2' }),
    answer: refused(
      400,
      'BadRequest',
      'the API version in the data (conformance.example/v2) does not match the expected API version (conformance.example/v1)',
    ),
  },
  {
    name: 'a custom body without kind',
    request: post('gadgets', { apiVersion: 'conformance.example/v1', metadata: { name: 'a' } }),
    answer: refused(
      400,
      'BadRequest',
      'the object provided is unrecognized (must be of type Gadget): Object \'Kind\' is missing in \'{"apiVersion":"conformance.example/v1","metadata":{"name":"a"}}\' ({"apiVersion":"conformance.exa ...)',
    ),
  },
  {
    name: 'a body that breaks off',
    request: post('configmaps', '{"kind":"ConfigMap",'),
    answer: refused(
      400,
      'BadRequest',
      `the object provided is unrecognized (must be of type ConfigMap): ${NOT_JSON} ({"kind":"ConfigMap",)`,
    ),
  },
  {
    name: 'no body',
    request: post('configmaps', ''),
    answer: refused(
      400,
      'BadRequest',
      `the object provided is unrecognized (must be of type ConfigMap): ${NOT_JSON} (<empty>)`,
    ),
  },
  {
    name: 'a body that is not JSON',
    request: post('configmaps', '<a/>', {}, { contentType: 'application/xml' }),
    answer: refused(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ),
  },
  {
    name: 'an answer that is not JSON',
    request: post('configmaps', configMap('a'), {}, { accept: 'text/html' }),
    answer: refused(
      406,
      'NotAcceptable',
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      {},
    ),
  },
  {
    name: 'a POST to an object',
    request: post('configmaps/a', configMap('a')),
    answer: refused(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  },
  {
    name: 'a POST of what belongs to a namespace to none',
    request: post('/api/v1/configmaps', configMap('a')),
    answer: refused(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    ),
  },
  {
    name: 'a label that is no string',
    request: post('gadgets', gadget('a', {}, { labels: { l: 1 } })),
    answer: refused(
      400,
      'BadRequest',
      'Gadget in version "v1" cannot be handled as a Gadget: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    ),
  },
  {
    name: 'two owners that are controllers',
    request: post(
      'gadgets',
      gadget('a', {}, { ownerReferences: ['x', 'y'].map((name) => owner(name, { controller: true })) }),
    ),
    answer: invalid({ group: 'conformance.example', kind: 'Gadget', name: 'a' }, [
      'metadata.ownerReferences',
      'FieldValueInvalid',
      `Invalid value: ${JSON.stringify(['x', 'y'].map((name) => owner(name, { controller: true })))}: Only one reference can have Controller set to true. Found "true" in references for ConfigMap/x and ConfigMap/y`,
    ]),
  },
  {
    name: 'an owner without uid',
    request: post('configmaps', configMap('a', {}, { ownerReferences: [owner('x', { uid: '' })] })),
    answer: invalid({ kind: 'ConfigMap', name: 'a' }, [
      'metadata.ownerReferences.uid',
      'FieldValueInvalid',
      'Invalid value: "": must not be empty',
    ]),
  },
  {
    name: 'a finalizer that is no name',
    request: post('gadgets', gadget('a', {}, { finalizers: ['a b'] })),
    answer: invalid({ group: 'conformance.example', kind: 'Gadget', name: 'a' }, [
      'metadata.finalizers',
      'FieldValueInvalid',
      `Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ]),
  },
];

function owner(name: string, more: object) {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid-${name}`, ...more };
}
