import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SECRET_KEY,
  type LiveSecret,
  passwordIn,
  recordOf,
  sameRecord,
  type WantedClient,
} from '../../src/domain/desired.ts';
import type { ClientRecord } from '../../src/domain/record.ts';
import { findCanary, secretText } from '../support/canary.ts';

const wanted: WantedClient = { clientId: 'orders', authorisedGrantTypes: ['client_credentials'] };

describe('recordOf', () => {
  it.each<[string, Partial<WantedClient>, Partial<ClientRecord>]>([
    ['resolves both validities and the roles that a spec leaves out', {}, {}],
    ['takes the access validity that is given', { accessTokenValidity: 60 }, { accessTokenValidity: 60 }],
    ['takes the refresh validity that is given', { refreshTokenValidity: 90 }, { refreshTokenValidity: 90 }],
    ['takes the roles that are given', { roles: ['Portal', 'ReadOnly'] }, { roles: ['Portal', 'ReadOnly'] }],
    ['takes no roles for none', { roles: [] }, { roles: [] }],
    [
      'takes all grants',
      { authorisedGrantTypes: ['password', 'refresh_token'] },
      { authorisedGrantTypes: ['password', 'refresh_token'] },
    ],
    ['keeps the case of the id', { clientId: 'NimrodClient' }, { clientId: 'NimrodClient' }],
  ])('%s', (_, change, expected) => {
    expect(recordOf({ ...wanted, ...change })).toEqual({
      clientId: 'orders',
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 1200,
      refreshTokenValidity: 30600,
      roles: [],
      ...expected,
    });
  });

  it('always has every field, so that no PUT leaves one out', () => {
    const fields = Object.entries(recordOf(wanted)).filter(([, value]) => value !== undefined);
    expect(fields.map(([name]) => name).toSorted()).toEqual([
      'accessTokenValidity',
      'authorisedGrantTypes',
      'clientId',
      'refreshTokenValidity',
      'roles',
    ]);
  });
});

describe('sameRecord', () => {
  const record: ClientRecord = {
    clientId: 'orders',
    authorisedGrantTypes: ['client_credentials', 'password'],
    accessTokenValidity: 1200,
    refreshTokenValidity: 30600,
    roles: ['Portal', 'ReadOnly'],
  };

  it.each<[string, Partial<ClientRecord>, boolean]>([
    ['the same for the same', {}, true],
    [
      'the same for grants in another order',
      { authorisedGrantTypes: ['password', 'client_credentials'] },
      true,
    ],
    ['the same for roles in another order', { roles: ['ReadOnly', 'Portal'] }, true],
    ['the same for a role that is named twice', { roles: ['Portal', 'ReadOnly', 'Portal'] }, true],
    ['another for another id', { clientId: 'invoices' }, false],
    ['another for another case of the id', { clientId: 'Orders' }, false],
    ['another for another access validity', { accessTokenValidity: 1201 }, false],
    ['another for another refresh validity', { refreshTokenValidity: 30601 }, false],
    ['another for a grant fewer', { authorisedGrantTypes: ['password'] }, false],
    ['another for another grant', { authorisedGrantTypes: ['password', 'refresh_token'] }, false],
    ['another for a role more', { roles: ['Portal', 'ReadOnly', 'SLMAdmin'] }, false],
    ['another for a role fewer', { roles: ['Portal'] }, false],
    ['another for as many other roles', { roles: ['Portal', 'SLMAdmin'] }, false],
    ['another for a role in another case', { roles: ['portal', 'ReadOnly'] }, false],
  ])('%s', (_, change, same) => {
    expect(sameRecord(record, { ...record, ...change })).toBe(same);
    expect(sameRecord({ ...record, ...change }, record)).toBe(same);
  });
});

describe('passwordIn', () => {
  const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
  const password = secretText('password');
  const good: LiveSecret = {
    name: 'orders',
    type: 'Opaque',
    labelled: true,
    data: { clientSecret: base64(password) },
  };
  const holding = (text: string | Buffer): Partial<LiveSecret> => ({ data: { clientSecret: base64(text) } });

  type Found =
    | Readonly<{ value: string; warning: string | null }>
    | Readonly<{ kind: string; reason: string; message: string }>;
  function found(change: Partial<LiveSecret>, key = DEFAULT_SECRET_KEY): Found {
    const result = passwordIn({ ...good, ...change }, key);
    if ('reason' in result) return result;
    return { value: result.value.reveal(), warning: result.warning };
  }

  it.each<[string, string, string | null]>([
    ['a password', password, null],
    ['a password with white space around it', ` ${password} `, null],
    ['a password with a tab at the end', `${password}\t`, null],
    ['a newline inside', `${password}\nnext`, null],
    ['letters of any script', `${password}-ключ-鍵-🔑`, null],
    ['a byte order mark', `\uFEFF${password}`, null],
    ['one character', 'x', null],
    ['72 bytes', password.padEnd(72, 'x'), null],
    [
      'a newline at the end',
      `${password}\n`,
      'key clientSecret of Secret orders ends with a newline, which is sent as part of the password',
    ],
    [
      'a carriage return at the end',
      `${password}\r`,
      'key clientSecret of Secret orders ends with a newline, which is sent as part of the password',
    ],
    [
      'a newline of Windows at the end',
      `${password}\r\n`,
      'key clientSecret of Secret orders ends with a newline, which is sent as part of the password',
    ],
    [
      '73 bytes',
      password.padEnd(73, 'x'),
      'key clientSecret of Secret orders has more than 72 bytes, of which ALM may ignore the rest',
    ],
    [
      '73 bytes in fewer characters',
      password.padEnd(71, 'x').concat('é'),
      'key clientSecret of Secret orders has more than 72 bytes, of which ALM may ignore the rest',
    ],
  ])('takes %s byte for byte', (_, text, warning) => {
    expect(found(holding(text))).toEqual({ value: text, warning });
  });

  it('reads the key that is asked for', () => {
    const data = { clientSecret: base64('other'), password: base64(password) };
    expect(found({ data }, 'password')).toEqual({ value: password, warning: null });
  });

  it.each<[string, Partial<LiveSecret>, string, string, string]>([
    [
      'no key',
      { data: {} },
      'waiting',
      'SecretKeyNotFound',
      'Secret orders has no key clientSecret; add it or name another key',
    ],
    [
      'the key in another case',
      { data: { clientsecret: base64(password) } },
      'waiting',
      'SecretKeyNotFound',
      'Secret orders has no key clientSecret; add it or name another key',
    ],
    [
      'an empty value',
      holding(''),
      'waiting',
      'SecretEmpty',
      'key clientSecret of Secret orders is empty or only white space; put the password there',
    ],
    [
      'white space only',
      holding(' \t\r\n'),
      'waiting',
      'SecretEmpty',
      'key clientSecret of Secret orders is empty or only white space; put the password there',
    ],
    [
      'bytes that are not UTF-8',
      holding(Buffer.concat([Buffer.from(password), Buffer.from([0xff])])),
      'stalled',
      'SecretInvalid',
      'key clientSecret of Secret orders is not UTF-8 text; store the password as text',
    ],
    [
      'Latin-1',
      holding(Buffer.from(`${password}é`, 'latin1')),
      'stalled',
      'SecretInvalid',
      'key clientSecret of Secret orders is not UTF-8 text; store the password as text',
    ],
    [
      'a Secret without the label',
      { labelled: false },
      'stalled',
      'SecretNotAllowed',
      'Secret orders does not carry the label that the operator requires (--secret-label-selector); add it',
    ],
  ])('refuses %s, and names Secret and key but never the value', (_, change, kind, reason, message) => {
    const failure = found(change);
    expect(failure).toEqual({ kind, reason, message });
    expect(findCanary(failure)).toBeUndefined();
  });

  it.each([
    'kubernetes.io/service-account-token',
    'kubernetes.io/dockercfg',
    'kubernetes.io/dockerconfigjson',
    'kubernetes.io/tls',
    'bootstrap.kubernetes.io/token',
    'helm.sh/release.v1',
  ])('refuses a Secret of type %s', (type) => {
    expect(found({ type })).toEqual({
      kind: 'stalled',
      reason: 'SecretNotAllowed',
      message: `Secret orders is of type ${type}; use a Secret of type Opaque`,
    });
  });

  it.each(['Opaque', 'kubernetes.io/basic-auth', 'example.org/anything', undefined])(
    'takes one of type %s',
    (type) => {
      expect(found({ type })).toEqual({ value: password, warning: null });
    },
  );

  it.each(['toString', 'constructor', '__proto__'])('finds nothing under %s that nobody put there', (key) => {
    expect(found({}, key)).toMatchObject({ reason: 'SecretKeyNotFound' });
  });

  it('says that the label is missing before it says anything about what is inside', () => {
    expect(found({ labelled: false, type: 'kubernetes.io/tls', data: {} })).toMatchObject({
      message:
        'Secret orders does not carry the label that the operator requires (--secret-label-selector); add it',
    });
  });

  it('never prints what it found', () => {
    const result = passwordIn(good, DEFAULT_SECRET_KEY);
    expect(findCanary(result)).toBeUndefined();
  });

  it('gives back any text that is not blank, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(text.isWellFormed() && text.trim() !== '');
        expect(found(holding(text))).toMatchObject({ value: text });
      }),
    );
  });
});
