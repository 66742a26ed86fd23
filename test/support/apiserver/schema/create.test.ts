import { describe, expect, it } from 'vitest';
import { at, compiledCredential, credential, stored, tell, UNCHECKED } from './fixture.ts';
import type { JsonObject } from './json.ts';
import { admit } from './schema.ts';

const compiled = compiledCredential();
const INTERVAL = 'resyncInterval is 0s (on change only) or a duration of at least 5s, such as 30m';

type Row = readonly [name: string, spec: JsonObject, told: readonly string[]];

const ROWS: readonly Row[] = [
  ['nothing wrong', {}, []],
  [
    'both ways to get a secret',
    { generatedSecret: { name: 'g' } },
    ['spec: Required value: exactly one of clientSecretRef and generatedSecret is required'],
  ],
  [
    'neither way to get a secret',
    { clientSecretRef: null },
    ['spec: Required value: exactly one of clientSecretRef and generatedSecret is required'],
  ],
  [
    'refresh_token alone',
    { authorisedGrantTypes: ['refresh_token'], roles: null },
    [
      'spec.authorisedGrantTypes: Forbidden: refresh_token needs password; ALM gives refresh tokens to the password grant only',
    ],
  ],
  [
    'roles without client_credentials',
    { authorisedGrantTypes: ['password'] },
    ['spec.roles: Forbidden: roles need client_credentials; in the other grants the user brings the roles'],
  ],
  [
    'all cross-field rules at once',
    { clientSecretRef: null, authorisedGrantTypes: ['refresh_token'] },
    [
      'spec: Required value: exactly one of clientSecretRef and generatedSecret is required',
      'spec.authorisedGrantTypes: Forbidden: refresh_token needs password; ALM gives refresh tokens to the password grant only',
      'spec.roles: Forbidden: roles need client_credentials; in the other grants the user brings the roles',
    ],
  ],
  ...['4s', '1d', 'P1D', '-5s', '', '4999ms', '0'].map(
    (resyncInterval): Row => [
      `resyncInterval "${resyncInterval}"`,
      { resyncInterval },
      [`spec.resyncInterval: Forbidden: ${INTERVAL}`],
    ],
  ),
  ...['0s', '5s', '30m', '5000ms', '1h30m'].map(
    (resyncInterval): Row => [resyncInterval, { resyncInterval }, []],
  ),
  [
    'a clientId with a space',
    { clientId: '-a b' },
    [
      `spec.clientId: Invalid value: "-a b": spec.clientId in body should match '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$'`,
    ],
  ],
  [
    'a role with a comma',
    { roles: ['A,B'] },
    [
      `spec.roles[0]: Invalid value: "A,B": spec.roles[0] in body should match '^[^,\\x00-\\x1f\\x7f-\\x9f]+$'`,
    ],
  ],
  [
    'a role with U+0085',
    { roles: ['A\u0085'] },
    [
      `spec.roles[0]: Invalid value: "A\\u0085": spec.roles[0] in body should match '^[^,\\x00-\\x1f\\x7f-\\x9f]+$'`,
    ],
  ],
  [
    'an unknown grant',
    { authorisedGrantTypes: ['implicit'] },
    [
      'spec.authorisedGrantTypes[0]: Unsupported value: "implicit": supported values: "client_credentials", "password", "refresh_token"',
      UNCHECKED,
    ],
  ],
  [
    'no grants, which lets the rules run',
    { authorisedGrantTypes: [] },
    [
      'spec.authorisedGrantTypes: Invalid value: 0: spec.authorisedGrantTypes in body should have at least 1 items',
      'spec.roles: Forbidden: roles need client_credentials; in the other grants the user brings the roles',
    ],
  ],
  [
    '65 roles',
    { roles: Array.from({ length: 65 }, (_, i) => `r${i}`) },
    ['spec.roles: Too many: 65: must have at most 64 items', UNCHECKED],
  ],
  [
    'a clientId of 129 characters, which also breaks its pattern',
    { clientId: 'a'.repeat(129) },
    ['spec.clientId: Too long: may not be more than 128 bytes', UNCHECKED],
  ],
  ['a role of 128 characters of two bytes', { roles: ['ä'.repeat(128)] }, []],
  ['a role of 128 characters outside the BMP', { roles: ['𝕒'.repeat(128)] }, []],
  [
    'a name that is empty',
    { clientSecretRef: { name: '' } },
    [
      'spec.clientSecretRef.name: Invalid value: "": spec.clientSecretRef.name in body should be at least 1 chars long',
    ],
  ],
  ['a role twice', { roles: ['A', 'A'] }, ['spec.roles[1]: Duplicate value: "A"']],
  ['a role thrice, told once', { roles: ['A', 'A', 'A'] }, ['spec.roles[1]: Duplicate value: "A"']],
  ['a missing clientId', { clientId: null }, ['spec.clientId: Required value', UNCHECKED]],
  [
    'a missing name in a reference',
    { clientSecretRef: {} },
    ['spec.clientSecretRef.name: Required value', UNCHECKED],
  ],
  [
    'a number where text belongs',
    { clientId: 123 },
    [
      'spec.clientId: Invalid value: "integer": spec.clientId in body must be of type string: "integer"',
      UNCHECKED,
    ],
  ],
  [
    'text where a number belongs',
    { accessTokenValidity: '600' },
    [
      'spec.accessTokenValidity: Invalid value: "string": spec.accessTokenValidity in body must be of type integer: "string"',
      UNCHECKED,
    ],
  ],
  [
    'a fraction where an integer belongs',
    { accessTokenValidity: 1.5 },
    [
      'spec.accessTokenValidity: Invalid value: "float64": spec.accessTokenValidity in body must be of type int32: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.accessTokenValidity',
      UNCHECKED,
    ],
  ],
  [
    'a list where an object belongs',
    { clientSecretRef: [] },
    [
      'spec.clientSecretRef: Invalid value: "array": spec.clientSecretRef in body must be of type object: "array"',
      UNCHECKED,
    ],
  ],
  [
    'a validity of 0',
    { accessTokenValidity: 0 },
    [
      'spec.accessTokenValidity: Invalid value: 0: spec.accessTokenValidity in body should be greater than or equal to 1',
    ],
  ],
  [
    'a validity beyond int32',
    { accessTokenValidity: 3000000000 },
    [
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.accessTokenValidity',
      'spec.accessTokenValidity: Invalid value: 3000000000: spec.accessTokenValidity in body should be less than or equal to 2147483647',
    ],
  ],
  [
    'too many entries in a map',
    {
      clientSecretRef: null,
      generatedSecret: {
        name: 'g',
        template: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, ''])),
      },
    },
    ['spec.generatedSecret.template: Too many: 17: must have at most 16 items', UNCHECKED],
  ],
  [
    'a number in a map of text',
    { clientSecretRef: null, generatedSecret: { name: 'g', template: { 'a/b': 1 } } },
    [
      'spec.generatedSecret.template.a/b: Invalid value: "integer": spec.generatedSecret.template.a/b in body must be of type string: "integer"',
      UNCHECKED,
    ],
  ],
];

describe('a create', () => {
  it.each(ROWS)('with %s is told so', (_name, spec, told) => {
    expect(tell(compiled, { object: credential(spec) }).told).toEqual(told);
  });

  it('gets one cause alone and several in brackets in the message of the Status', () => {
    const one = tell(compiled, { object: credential({ clientSecretRef: null }) }).message;
    expect(one).toBe(
      'ClientCredential.alm-operator.dev "x" is invalid: spec: Required value: exactly one of clientSecretRef and generatedSecret is required',
    );
    const two = tell(compiled, { object: credential({ roles: ['A', 'A', 'B', 'B'] }) }).message;
    expect(two).toBe(
      'ClientCredential.alm-operator.dev "x" is invalid: [spec.roles[1]: Duplicate value: "A", spec.roles[3]: Duplicate value: "B"]',
    );
  });

  it('carries the reason of each cause', () => {
    const reasons = (spec: JsonObject) =>
      tell(compiled, { object: credential(spec) }).causes.map((c) => c.reason);
    expect(reasons({ clientId: 1 })).toEqual(['FieldValueTypeInvalid', 'FieldValueInvalid']);
    expect(reasons({ roles: ['A', 'A'] })).toEqual(['FieldValueDuplicate']);
    expect(reasons({ adoptionPolicy: 'x' })).toEqual(['FieldValueNotSupported', 'FieldValueInvalid']);
    expect(reasons({ clientId: 'a'.repeat(129) })).toEqual(['FieldValueTooLong', 'FieldValueInvalid']);
  });

  it('drops a status that the user sent and stores the default', () => {
    const object = credential({}, { status: { origin: 'Created', observedGeneration: 7 } });
    expect(stored(compiled, { object })['status']).toEqual({ observedGeneration: -1 });
  });

  it('keeps a status where the kind has no status subresource', () => {
    const object = credential({}, { status: { origin: 'Created' } });
    const kept = stored(compiled, { object, hasStatusSubresource: false });
    expect(kept['status']).toEqual({ origin: 'Created', observedGeneration: -1 });
  });

  it('drops a null that the schema does not allow, silently, and calls it missing where it is required', () => {
    const object = credential();
    at(object, 'spec')['roles'] = null;
    expect(Object.keys(at(stored(compiled, { object }), 'spec'))).not.toContain('roles');
    at(object, 'spec')['clientId'] = null;
    expect(tell(compiled, { object }).told).toEqual(['spec.clientId: Required value', UNCHECKED]);
  });

  it('does not change the object that it is given', () => {
    const object = credential({}, { status: { nope: 1 } });
    const before = structuredClone(object);
    admit(compiled, { object, fieldValidation: 'Ignore', subresource: '' });
    expect(object).toEqual(before);
  });
});
