import { describe, expect, it } from 'vitest';
import { invalidMessage } from './causes.ts';
import { duplicateFields } from './duplicates.ts';
import type { JsonObject } from './json.ts';
import { finalizerWarnings, undecodableMeta, validateMeta } from './meta.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const KEY =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const named = (meta: JsonObject): JsonObject => ({ metadata: { name: 'x', namespace: 'n', ...meta } });
const told = (object: JsonObject, old?: JsonObject) =>
  validateMeta(object, old).map(({ field, message }) => `${field}: ${message}`);
const owner = (rest: JsonObject): JsonObject => ({
  apiVersion: 'a/v1',
  kind: 'K',
  name: 'n',
  uid: 'u',
  ...rest,
});

describe('metadata', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['a good name', {}, []],
    ['dots in a name', { name: 'a.b-c' }, []],
    ['no name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
    ['upper case', { name: 'Ab' }, [`metadata.name: Invalid value: "Ab": ${SUBDOMAIN}`]],
    ['an underscore', { name: 'a_b' }, [`metadata.name: Invalid value: "a_b": ${SUBDOMAIN}`]],
    ['253 characters', { name: 'a'.repeat(253) }, []],
    [
      '254 characters',
      { name: 'a'.repeat(254) },
      [`metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`],
    ],
    ['a generated name before its suffix', { generateName: 'a-' }, []],
    [
      'a namespace with dots',
      { namespace: 'a.b' },
      ['metadata.namespace: Invalid value: "a.b": must not contain dots'],
    ],
    ['good labels', { labels: { 'a.b/c_D': 'X_y.z', e: '' } }, []],
    ['a bad label key', { labels: { 'a b': 'c' } }, [`metadata.labels: Invalid value: "a b": ${KEY}`]],
    ['a bad label value', { labels: { a: '-' } }, [`metadata.labels: Invalid value: "-": ${VALUE}`]],
    [
      'a label value of 64',
      { labels: { a: 'b'.repeat(64) } },
      [`metadata.labels: Invalid value: "${'b'.repeat(64)}": must be no more than 63 bytes`],
    ],
    [
      'an empty prefix',
      { labels: { '/a': 'b' } },
      ['metadata.labels: Invalid value: "/a": prefix part must be non-empty'],
    ],
    ['an annotation in upper case', { annotations: { 'A.b/C': 'x y\n' } }, []],
    [
      'annotations of more than 256 KiB',
      { annotations: { a: 'b'.repeat(256 * 1024) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    ['annotations of 256 KiB', { annotations: { a: 'b'.repeat(256 * 1024 - 1) } }, []],
    ['a finalizer', { finalizers: ['alm-operator.dev/release'] }, []],
    ['a bad finalizer', { finalizers: ['a b'] }, [`metadata.finalizers: Invalid value: "a b": ${KEY}`]],
    [
      'both deletion policies',
      { finalizers: ['orphan', 'foregroundDeletion'] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    ['owners', { ownerReferences: [owner({ controller: true }), owner({ name: 'm' })] }, []],
    [
      'an owner without uid',
      { ownerReferences: [owner({ uid: '' })] },
      ['metadata.ownerReferences.uid: Invalid value: "": must not be empty'],
    ],
    [
      'an owner of a strange version',
      { ownerReferences: [owner({ apiVersion: 'a/b/c' })] },
      ['metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty'],
    ],
  ])('with %s', (_name, meta, expected) => {
    expect(told(named(meta))).toEqual(expected);
  });

  it('has one controller at most', () => {
    const [cause, ...others] = told(
      named({ ownerReferences: [owner({ controller: true }), owner({ name: 'm', controller: true })] }),
    );
    expect(others).toEqual([]);
    expect(cause).toMatch(
      /: Only one reference can have Controller set to true\. Found "true" in references for K\/n and K\/m$/,
    );
  });

  it('takes no new finalizer while the object is being deleted', () => {
    const old = named({ deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a.io/x'] });
    expect(told(named({ finalizers: ['a.io/x'] }), old)).toEqual([]);
    expect(told(named({ finalizers: [] }), old)).toEqual([]);
    expect(told(named({ finalizers: ['a.io/x', 'new.io/x'] }), old)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"new.io/x"}',
    ]);
  });

  it('cannot change its uid', () => {
    expect(told(named({ uid: 'b' }), named({ uid: 'a' }))).toEqual([
      'metadata.uid: Invalid value: "b": field is immutable',
    ]);
    expect(told(named({}), named({ uid: 'a' }))).toEqual([]);
  });

  it('is warned about finalizers without a domain, when they are added', () => {
    expect(finalizerWarnings(named({ finalizers: ['a', 'b.c', 'd.e/f', 'orphan'] }), undefined)).toEqual([
      'metadata.finalizers: "a": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
      'metadata.finalizers: "b.c": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
    ]);
    expect(finalizerWarnings(named({ finalizers: ['a'] }), named({ finalizers: ['a'] }))).toEqual([]);
  });

  it('that is no text where text belongs cannot be decoded', () => {
    expect(undecodableMeta(named({ labels: { a: 'b' }, annotations: null }))).toBeUndefined();
    expect(undecodableMeta(named({ labels: { a: true } }))).toBe(
      'json: cannot unmarshal bool into Go struct field ObjectMeta.labels of type string',
    );
    expect(undecodableMeta(named({ finalizers: 'x' }))).toMatch(
      /unmarshal string .*finalizers of type \[\]string$/,
    );
    expect(undecodableMeta(named({ name: 5 }))).toMatch(/unmarshal number .*ObjectMeta.name of type string$/);
  });
});

describe('the message of a Status', () => {
  it.each([
    [[], 'Secret "s" is invalid'],
    [['a'], 'Secret "s" is invalid: f: a'],
    [['a', 'b', 'a'], 'Secret "s" is invalid: [f: a, f: b]'],
  ])('with %j', (messages, expected) => {
    const causes = messages.map((message) => ({ reason: 'FieldValueInvalid', message, field: 'f' }));
    expect(invalidMessage('', 'Secret', 's', causes)).toBe(expected);
  });
});

describe('duplicate fields', () => {
  it.each([
    ['{"a": 1, "b": 2}', []],
    ['{"a": 1, "a": 2, "a": 3}', ['a']],
    ['{"spec": {"a": {"b": 1}, "c": [{"x": 1}, {"x": 1, "y": [1, 2], "y": 2}]}}', ['spec.c[1].y']],
    ['{"a": "\\"a\\": {", "b": ":,", "a": "}"}', ['a']],
    ['{"a": {"a": 1}, "b": {"a": 1, "\\u0061": 2}}', ['b.a']],
    ['[]', []],
  ])('of %s', (text, expected) => {
    expect(duplicateFields(text)).toEqual(expected);
  });
});
