/** The schema that kube-apiserver 1.32 and 1.36 both accepted, and objects of it; the measured answers refer to it. */
import { parse } from 'yaml';
import { type Cause, SchemaError } from './causes.ts';
import type { Json, JsonObject } from './json.ts';
import { type Admission, admit, type CompiledSchema, compileSchema } from './schema.ts';

const YAML = `
type: object
description: A client of ALM's OAuth server.
required: [spec]
x-kubernetes-validations:
- rule: >-
    (has(self.spec.connectionRef) ? self.spec.connectionRef.name : '') == (has(oldSelf.spec.connectionRef) ? oldSelf.spec.connectionRef.name : '') ||
    !has(oldSelf.status) || !has(oldSelf.status.applied) || !has(oldSelf.status.connection) ||
    (has(self.spec.connectionRef) ? self.spec.connectionRef.name : oldSelf.status.connection) == oldSelf.status.connection
  message: connectionRef is immutable once the client was applied to a connection; delete this object and create another
  fieldPath: .spec.connectionRef
  reason: FieldValueForbidden
properties:
  apiVersion: {type: string}
  kind: {type: string}
  metadata: {type: object}
  spec:
    type: object
    description: What ALM should hold.
    required: [clientId, authorisedGrantTypes]
    x-kubernetes-validations:
    - rule: has(self.clientSecretRef) != has(self.generatedSecret)
      message: exactly one of clientSecretRef and generatedSecret is required
      reason: FieldValueRequired
    - rule: "!('refresh_token' in self.authorisedGrantTypes) || 'password' in self.authorisedGrantTypes"
      message: refresh_token needs password; ALM gives refresh tokens to the password grant only
      reason: FieldValueForbidden
      fieldPath: .authorisedGrantTypes
    - rule: "!has(self.roles) || size(self.roles) == 0 || 'client_credentials' in self.authorisedGrantTypes"
      message: roles need client_credentials; in the other grants the user brings the roles
      reason: FieldValueForbidden
      fieldPath: .roles
    properties:
      clientId:
        type: string
        maxLength: 128
        pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$'
        description: The id of the client in ALM. It cannot be changed.
        x-kubernetes-validations:
        - rule: self == oldSelf
          message: clientId is immutable; delete this object and create another
          reason: FieldValueForbidden
      clientSecretRef:
        type: object
        description: The Secret, in the same namespace, that holds the password.
        required: [name]
        properties:
          name: {type: string, minLength: 1, maxLength: 253, description: Name of the Secret.}
          key: {type: string, minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$', description: Key in the Secret; clientSecret when absent.}
      generatedSecret:
        type: object
        description: The Secret that the operator makes.
        required: [name]
        properties:
          name: {type: string, minLength: 1, maxLength: 253}
          key: {type: string, minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$'}
          length: {type: integer, format: int32, minimum: 16, maximum: 256}
          rotateEvery:
            type: string
            maxLength: 32
            x-kubernetes-validations:
            - rule: self.matches('^([0-9]{1,6}(h|m|s))+$') && duration(self) >= duration('1h')
              message: rotateEvery is a duration of at least 1h, such as 720h
              reason: FieldValueForbidden
          template:
            type: object
            maxProperties: 16
            additionalProperties: {type: string, maxLength: 4096}
      authorisedGrantTypes:
        type: array
        description: How tokens may be asked for.
        x-kubernetes-list-type: set
        minItems: 1
        maxItems: 3
        items: {type: string, enum: [client_credentials, password, refresh_token]}
      accessTokenValidity: {type: integer, format: int32, minimum: 1, maximum: 2147483647, description: Seconds; 1200 when absent.}
      refreshTokenValidity: {type: integer, format: int32, minimum: 1, maximum: 2147483647, description: Seconds; 30600 when absent.}
      roles:
        type: array
        x-kubernetes-list-type: set
        maxItems: 64
        items: {type: string, minLength: 1, maxLength: 128, pattern: '^[^,\\x00-\\x1f\\x7f-\\x9f]+$'}
      connectionRef:
        type: object
        required: [name]
        properties:
          name: {type: string, minLength: 1, maxLength: 253}
      adoptionPolicy: {type: string, enum: [Never, IfExists, Required]}
      deletionPolicy: {type: string, enum: [Revoke, Retain]}
      resyncInterval:
        type: string
        maxLength: 32
        description: Go duration; 0s means on change only.
        x-kubernetes-validations:
        - rule: self.matches('^([0-9]{1,6}(h|m|s|ms))+$') && (duration(self) == duration('0s') || duration(self) >= duration('5s'))
          message: resyncInterval is 0s (on change only) or a duration of at least 5s, such as 30m
          reason: FieldValueForbidden
      suspend: {type: boolean}
  status:
    type: object
    default: {observedGeneration: -1}
    properties:
      observedGeneration: {type: integer, format: int64, default: -1}
      clientId: {type: string}
      connection: {type: string, maxLength: 253}
      origin: {type: string, enum: [Created, Adopted]}
      conditions:
        type: array
        x-kubernetes-list-type: map
        x-kubernetes-list-map-keys: [type]
        maxItems: 16
        items:
          type: object
          required: [type, status, lastTransitionTime, reason, message]
          properties:
            type: {type: string, maxLength: 316, pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$'}
            status: {type: string, enum: ["True", "False", Unknown]}
            observedGeneration: {type: integer, format: int64, minimum: 0}
            lastTransitionTime: {type: string, format: date-time}
            reason: {type: string, minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$'}
            message: {type: string, maxLength: 32768}
      applied:
        type: object
        properties:
          generation: {type: integer, format: int64}
          operation: {type: string}
          time: {type: string, format: date-time}
          secret:
            type: object
            properties: {name: {type: string}, uid: {type: string}, resourceVersion: {type: string}}
      effective:
        type: object
        properties:
          accessTokenValidity: {type: integer, format: int32}
          refreshTokenValidity: {type: integer, format: int32}
`;

/** A fresh copy of the schema, to be changed at will. */
export const credentialSchema = (): JsonObject => parse(YAML) as JsonObject;

/** The value at a path of property names and indexes. */
export function at(object: Json, ...path: readonly (string | number)[]): JsonObject {
  return path.reduce<Json>((value, step) => (value as JsonObject)[step] as Json, object) as JsonObject;
}

/** The schema of a spec field. */
export const specField = (schema: JsonObject, name: string): JsonObject =>
  at(schema, 'properties', 'spec', 'properties', name);

const GOOD: JsonObject = {
  clientId: 'a-1',
  clientSecretRef: { name: 's' },
  authorisedGrantTypes: ['client_credentials', 'password', 'refresh_token'],
  roles: ['A', 'B'],
};

/** A valid object; a null takes a field of the spec away. */
export function credential(spec: JsonObject = {}, rest: JsonObject = {}): JsonObject {
  const merged = Object.entries({ ...GOOD, ...spec }).filter(([, value]) => value !== null);
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    metadata: { name: 'x', namespace: 'n' },
    spec: Object.fromEntries(merged),
    ...rest,
  };
}

export const compiledCredential = (
  change: (schema: JsonObject) => void = () => undefined,
): CompiledSchema => {
  const schema = credentialSchema();
  change(schema);
  return compileSchema(schema);
};

export type Told = Readonly<{ told: readonly string[]; causes: readonly Cause[]; message: string }>;

/** What a write is told: one line a cause, as kubectl lists them; no line for a write that is accepted. */
export function tell(compiled: CompiledSchema, admission: Partial<Admission> & { object: JsonObject }): Told {
  const answer = admit(compiled, { fieldValidation: 'Strict', subresource: '', ...admission });
  if (answer.ok) return { told: [], causes: [], message: '' };
  const told = answer.causes.map(({ field, message }) => `${field}: ${message}`);
  return {
    told: answer.status === 400 ? [answer.message] : told,
    causes: answer.causes,
    message: answer.message,
  };
}

/** The object that an accepted write stores. */
export function stored(
  compiled: CompiledSchema,
  admission: Partial<Admission> & { object: JsonObject },
): JsonObject {
  const answer = admit(compiled, { fieldValidation: 'Strict', subresource: '', ...admission });
  if (!answer.ok) throw new Error(answer.message);
  return answer.object;
}

/** The path of a schema in messages, which refusal() leaves out at the start of a field. */
export const ROOT = 'spec.validation.openAPIV3Schema';

/** What the API server says of a schema: one line a cause; nothing for a schema that it takes. */
export function refusal(schema: unknown): readonly string[] {
  try {
    compileSchema(schema);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return error.causes.map(({ field, message }) =>
      error.status === 400 ? `400 ${message}` : `${field.replace(ROOT, '')}: ${message}`,
    );
  }
}

/** A schema with the one property p, whose path is P. */
export const withProperty = (property: Json): JsonObject => ({ type: 'object', properties: { p: property } });
export const P = '.properties[p]';

/** The same with one rule at p. */
export const withRule = (rule: string, property: JsonObject, rest: JsonObject = {}): JsonObject =>
  withProperty({ ...property, 'x-kubernetes-validations': [{ rule, ...rest }] });

export const UNCHECKED =
  '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
