/** Secrets and ConfigMaps: what they ask for themselves. */

import { created, invalid, ok, refused } from '../support/answers.ts';
import { base64, configMap, secret } from '../support/objects.ts';
import { get, merge, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const PASSWORD = 'canary-7f3a9';

export const data: readonly Row[] = [
  {
    name: 'a Secret is Opaque, and stringData becomes data, over what is there',
    request: post('secrets', secret('a', { data: { k: 'dg==' }, stringData: { k: PASSWORD, l: '' } })),
    answer: created({ type: 'Opaque', data: { k: base64(PASSWORD), l: '' } }, { lacks: ['stringData'] }),
  },
  {
    name: 'a Secret whose value is not base64',
    request: post('secrets', secret('a', { data: { k: 'dg=' } })),
    answer: refused(
      400,
      'BadRequest',
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 3',
    ),
  },
  {
    name: 'a Secret with a key that is none',
    request: post('secrets', secret('a', { data: { 'a b': '' } })),
    answer: invalid({ kind: 'Secret', name: 'a' }, [
      'data[a b]',
      'FieldValueInvalid',
      `Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
    ]),
  },
  ...[
    ['{', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['[]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ].map(
    ([text = '', why = '']): Row => ({
      name: `a Secret for a registry that is no JSON: ${text}`,
      request: post(
        'secrets',
        secret('a', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64(text) } }),
      ),
      answer: invalid({ kind: 'Secret', name: 'a' }, [
        'data[.dockerconfigjson]',
        'FieldValueInvalid',
        `Invalid value: "<secret contents redacted>": ${why}`,
      ]),
    }),
  ),
  {
    name: 'a Secret of another type',
    given: [post('secrets', secret('a'))],
    request: merge('secrets/a', { type: 'x.example/y' }),
    answer: invalid({ kind: 'Secret', name: 'a' }, [
      'type',
      'FieldValueInvalid',
      'Invalid value: "x.example/y": field is immutable',
    ]),
  },
  {
    name: 'new data in a Secret that is immutable',
    given: [post('secrets', secret('a', { data: { k: 'dg==' }, immutable: true }))],
    request: merge('secrets/a', { data: { k: 'dw==' } }),
    answer: invalid({ kind: 'Secret', name: 'a' }, [
      'data',
      'FieldValueForbidden',
      'Forbidden: field is immutable when `immutable` is set',
    ]),
  },
  {
    name: 'a Secret that is immutable no longer',
    given: [post('secrets', secret('a', { immutable: true }))],
    request: merge('secrets/a', { immutable: false }),
    answer: invalid({ kind: 'Secret', name: 'a' }, [
      'immutable',
      'FieldValueForbidden',
      'Forbidden: field is immutable when `immutable` is set',
    ]),
  },
  {
    name: 'labels of a Secret that is immutable',
    given: [post('secrets', secret('a', { immutable: true }))],
    request: merge('secrets/a', { metadata: { labels: { l: '1' } } }),
    answer: ok({ metadata: { labels: { l: '1' } } }),
  },
  {
    name: 'a Secret of type TLS without its keys',
    request: post('secrets', secret('a', { type: 'kubernetes.io/tls' })),
    answer: invalid(
      { kind: 'Secret', name: 'a' },
      ['data[tls.crt]', 'FieldValueRequired', 'Required value'],
      ['data[tls.key]', 'FieldValueRequired', 'Required value'],
    ),
  },
  {
    name: 'a Secret of type basic-auth without its keys',
    request: post('secrets', secret('a', { type: 'kubernetes.io/basic-auth' })),
    answer: invalid(
      { kind: 'Secret', name: 'a' },
      ['data[username]', 'FieldValueRequired', 'Required value'],
      ['data[password]', 'FieldValueRequired', 'Required value'],
    ),
  },
  {
    name: 'a Secret of more than 1 MiB',
    request: post('secrets', secret('a', { stringData: { k: 'x'.repeat(1_048_577) } })),
    answer: invalid({ kind: 'Secret', name: 'a' }, [
      'data',
      'FieldValueTooLong',
      'Too long: may not be more than 1048576 bytes',
    ]),
  },
  {
    name: 'a ConfigMap with one key in data and binaryData',
    request: post('configmaps', configMap('a', { data: { k: 'v' }, binaryData: { k: 'dg==' } })),
    answer: invalid({ kind: 'ConfigMap', name: 'a' }, [
      'data[k]',
      'FieldValueInvalid',
      'Invalid value: "k": duplicate of key present in binaryData',
    ]),
  },
  {
    name: 'a ConfigMap with a key of two dots',
    request: post('configmaps', configMap('a', { data: { '..': 'v' } })),
    answer: invalid({ kind: 'ConfigMap', name: 'a' }, [
      'data[..]',
      'FieldValueInvalid',
      `Invalid value: "..": must not be '..'`,
    ]),
  },
  {
    name: 'annotations that kubectl leaves are kept word for word',
    given: [
      post(
        'secrets',
        secret('a', {}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":1}\n' } }),
      ),
    ],
    request: get('secrets/a'),
    answer: ok({
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":1}\n' } },
    }),
  },
];
