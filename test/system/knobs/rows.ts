/**
 * One row for every position of a knob that can have a say in what the operator does, and for some positions together.
 * What a row does not say ends as usual.
 */

import { OPERATOR_LOGIN } from '../../support/alm/defaults.ts';
import { secretText } from '../../support/canary.ts';
import {
  believed,
  created,
  createdAndAsserted,
  elsewhere,
  given,
  missing,
  refused,
  rejected,
  SILENT,
  spared,
  tried,
  unavailable,
} from './ends.ts';
import { FIRST, type Row } from './stories.ts';
import { VERBS } from './verbs.ts';

const BODIES: readonly Row[] = [
  { knobs: { writeBody: 'empty' } },
  { knobs: { writeBody: 'echo-with-secret' } },
  { knobs: { jsonCharset: 'off', getItem: 'hash' } },
  {
    knobs: { notFoundBody: 'html' },
    ends: { missing: elsewhere, vanished: believed('EndpointNotFound') },
    excuses: { vanished: SILENT },
  },
  {
    // An ingress page before the first POST leaves open whether a client would be overwritten: nothing is written.
    knobs: { notFoundBody: 'html', getItem: 'omitted' },
    chapters: ['fresh', 'never', 'ifExists', 'required', 'missing', 'lostRefusal'],
    ends: { fresh: elsewhere, missing: elsewhere },
  },
  ...(['html', 'empty'] as const).map(
    (serverErrorBody): Row => ({
      knobs: { serverErrorBody, postExisting: '500', putMissing: '500' },
      ends: {
        never: tried(spared('AlmUnavailable')),
        ifExists: tried(spared('AlmUnavailable')),
        lostRefusal: tried(spared('AlmUnavailable')),
        missing: unavailable,
        vanished: believed('AlmUnavailable'),
      },
      excuses: { vanished: SILENT },
    }),
  ),
  {
    knobs: { refusalEcho: 'on', postExisting: '400', putMissing: '400' },
    ends: { never: rejected, lostRefusal: rejected, missing: refused },
  },
];

const LONG = secretText('long-'.repeat(16));

/** ALM refuses the record of every object until it is mended by `updated`. */
const refusesFirst = {
  fresh: refused,
  updated: created,
  ifExists: rejected,
  required: rejected,
  lostCreation: refused,
  cutCreation: refused,
};

const otherCase = {
  strangerId: (clientId: string) => clientId.toUpperCase(),
};
const beside = { ...created, stranger: 'untouched' } as const;

const PROPERTIES: readonly Row[] = [
  { knobs: { unknownRole: 'accept' }, spec: { roles: ['Nobody'] } },
  {
    knobs: { unknownRole: '400' },
    spec: { roles: ['Nobody'] },
    after: { spec: { roles: ['ReadOnly'] }, password: FIRST },
    ends: refusesFirst,
  },
  { knobs: { secretLimit: 'off' }, password: LONG },
  { knobs: { secretLimit: 'cut' }, password: LONG },
  {
    knobs: { secretLimit: '400' },
    password: LONG,
    after: { spec: {}, password: FIRST },
    ends: refusesFirst,
  },
  {
    knobs: { clientIdLength: 8 },
    chapters: ['fresh', 'never', 'ifExists', 'required', 'missing', 'lostCreation'],
    ends: { fresh: refused, ifExists: rejected, required: rejected, lostCreation: refused },
  },
  {
    knobs: { clientIdCase: 'sensitive' },
    about: 'and a client whose id differs in case',
    ...otherCase,
    ends: {
      never: beside,
      ifExists: beside,
      required: { ...missing, stranger: 'untouched' },
      lostRefusal: { ...createdAndAsserted, stranger: 'untouched' },
    },
    unnoted: ['clientIdCase=sensitive'],
  },
  ...(['absent-405', 'omitted'] as const).map(
    (getItem): Row => ({
      knobs: { clientIdCase: 'insensitive', getItem },
      about: 'and a client whose id differs in case',
      ...otherCase,
    }),
  ),
];

const LOGINS: readonly Row[] = [
  { knobs: { tokenFormat: 'opaque' } },
  { knobs: { tokenFormat: 'jwt' } },
  { knobs: { expiresIn: 'zero' } },
  { knobs: { refreshForClients: 'yes' } },
  { knobs: { tokensAfterChange: 'dropped' } },
  { knobs: { wrongSecret: 'boot' } },
  { knobs: { wrongSecret: 'oauth' } },
  ...(['401', '400'] as const).map(
    (grantRefusal): Row => ({
      knobs: { grantRefusal },
      about: 'for clients that log users in',
      spec: { authorisedGrantTypes: ['password', 'refresh_token'] },
    }),
  ),
  {
    knobs: { slmAdminSuffices: 'yes' },
    alm: { clients: [{ ...OPERATOR_LOGIN, roles: ['SLMAdmin'] }] },
    chapters: ['fresh', 'updated', 'never'],
  },
  {
    knobs: { slmAdminSuffices: 'no', missingPrivilege: '403' },
    alm: { clients: [{ ...OPERATOR_LOGIN, roles: ['SLMAdmin'] }] },
    chapters: ['fresh', 'never', 'required'],
    ends: withoutPrivilege(),
  },
  {
    knobs: { missingPrivilege: '401' },
    alm: { clients: [{ ...OPERATOR_LOGIN, roles: [] }] },
    chapters: ['fresh', 'never', 'required'],
    ends: withoutPrivilege(),
  },
  {
    knobs: { authMode: 'none' },
    connection: { auth: { none: {} } },
    // Without logins nothing can show whose the client is; consent (IfExists) settles it.
    ends: {
      lostCreation: { ...given('AlreadyExists'), holds: 'declared', opens: 'declared', did: 'created' },
    },
  },
  {
    knobs: { authMode: 'zen' },
    about: 'which the operator cannot log in to',
    chapters: ['fresh', 'never'],
    ends: {
      fresh: { ...given('ConnectionNotReady'), synced: 'Unknown ConnectionNotReady' },
      never: { ...spared('ConnectionNotReady'), synced: 'Unknown ConnectionNotReady' },
    },
  },
];

function withoutPrivilege(): Row['ends'] {
  const end = given('PrivilegeMissing');
  const beside = spared('PrivilegeMissing');
  return { fresh: end, never: beside, required: beside };
}

const REPLICAS: readonly Row[] = [
  { knobs: { replicas: 3 } },
  { knobs: { replicas: 3, replicaLag: 2, getItem: 'absent-405' }, byChance: ['replicaLag=2'] },
  {
    // What is read back from a replica that lags is written once more: how often is a matter of chance.
    knobs: { replicas: 3, replicaLag: 2, getItem: 'omitted' },
    chapters: ['never', 'required', 'missing', 'lostRefusal'],
    byChance: ['replicaLag=2'],
  },
  { knobs: { replicas: 2, clientCache: 3 } },
  { knobs: { latencyMs: 20 } },
  { knobs: { clockSkewSeconds: 7200 } },
  { knobs: { clockSkewSeconds: -7200 } },
  // The answer that is lost may be a 429, so that no creation whose answer was lost has an end of its own here.
  { knobs: { rateLimitPerSecond: 8 }, chapters: ['fresh', 'never', 'ifExists', 'missing'] },
];

export const ROWS: readonly Row[] = [...VERBS, ...BODIES, ...PROPERTIES, ...LOGINS, ...REPLICAS];
