/** Values of the wrong type in patches and applies of built-in kinds: what is repeated, and in which words. */

import { matching, refused } from '../support/answers.ts';
import type { Request } from '../support/client.ts';
import { configMap, secret } from '../support/objects.ts';
import { apply, json, merge, strategic } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const NOTES = { data: { a: 'Yg==' } };

const post = (path: string, body: object): Request => ({ method: 'POST', path, body });

/** What a patch of a Secret is refused with: what it repeats, and why. */
const row = (name: string, request: Request, message: string | RegExp): Row => ({
  name,
  given: [post('secrets', secret('a', NOTES))],
  request,
  answer: {
    status: 422,
    holds: {
      reason: 'Invalid',
      details: {
        causes: [
          {
            reason: 'FieldValueInvalid',
            field: 'patch',
            message: typeof message === 'string' ? `Invalid value: ${message}` : matching(message),
          },
        ],
      },
    },
  },
});

export const patches: readonly Row[] = [
  row(
    'a strategic merge of a value that is not base64 repeats the patch alone',
    strategic('secrets/a', { data: { x: 'plain text' } }),
    '"map[data:map[x:plain text]]": error decoding from json: illegal base64 data at input byte 5',
  ),
  row(
    'a strategic merge of a number where bytes belong',
    strategic('secrets/a', { data: { x: 5 }, metadata: { labels: { b: 'd', a: 'c' } } }),
    '"map[data:map[x:5] metadata:map[labels:map[a:c b:d]]]": cannot restore slice from int64',
  ),
  row(
    'a strategic merge of a number where text belongs',
    strategic('secrets/a', { stringData: { x: 5 } }),
    '"map[stringData:map[x:5]]": cannot convert int64 to string',
  ),
  row(
    'a strategic merge of a flag where text belongs',
    strategic('secrets/a', { stringData: { x: true } }),
    '"map[stringData:map[x:true]]": unrecognized type: string',
  ),
  row(
    'a strategic merge of a list where a map belongs',
    strategic('secrets/a', { stringData: ['x', 1] }),
    '"map[stringData:[x 1]]": cannot restore map from slice',
  ),
  row(
    'a merge patch with a number where bytes belong repeats the object',
    merge('secrets/a', { data: { x: 5 } }),
    /^Invalid value: "\{\\"apiVersion\\":\\"v1\\",\\"data\\":\{\\"a\\":\\"Yg==\\",\\"x\\":5\},\\"kind\\":\\"Secret\\",\\"metadata\\":\{\\"name\\":\\"a\\",\\"namespace\\":.*json: cannot unmarshal number into Go struct field Secret.data of type \[\]uint8$/,
  ),
  row(
    'a JSON patch with a value that is not base64 repeats the object',
    json('secrets/a', [{ op: 'add', path: '/data/x', value: 'plain text' }]),
    /^Invalid value: "\{\\"apiVersion\\".*: illegal base64 data at input byte 5$/,
  ),
];

const converted = (ns: string, name: string) =>
  `failed to convert new object (${ns}/${name}; /v1, Kind=Secret) to proper version: unable to convert unstructured object to /v1, Kind=Secret: error decoding from json: illegal base64 data at input byte 5`;

const badSecret = (name: string, ns: string) =>
  apply(`secrets/${name}`, secret(name, { data: { x: 'plain text' } }, { namespace: ns }));

export const applies: readonly Row[] = [
  {
    name: 'an apply of a value that is not base64 creates nothing',
    request: ({ ns }) => badSecret('new', ns),
    answer: ({ ns }) => refused(500, '', converted(ns, 'new')),
  },
  {
    name: 'an apply of a value that is not base64 changes nothing',
    given: [post('secrets', secret('a', NOTES))],
    request: ({ ns }) => badSecret('a', ns),
    answer: ({ ns }) => refused(500, '', converted(ns, 'a')),
  },
  {
    name: 'an apply of several fields that are not declared tells one',
    request: apply('configmaps/a', { ...configMap('a'), nope: 1, never: 2 }),
    answer: {
      status: 500,
      holds: {
        message: matching(
          /^failed to create typed patch object \(.*\): \.(nope|never): field not declared in schema$/,
        ),
      },
    },
  },
];
