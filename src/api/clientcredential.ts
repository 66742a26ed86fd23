/** ClientCredential: one OAuth client of ALM, as its users declare it. */
import { z } from 'zod';
import type { KubeObject, Resource } from '../kube/types.ts';
import { clientId, duration, grantType, objectName, ROLE, secretKeyRef } from './fields.ts';
import { generatedSecret } from './generatedsecret.ts';
import { GROUP, VERSION } from './group.ts';
import { AGE, conditionPath, type KindDefinition } from './kind.ts';
import { choice, type DeepReadonly, flag, int32, list, object, ruled, text } from './schema.ts';
import { int64, statusOf, time, word } from './status.ts';

export const CLIENT_CREDENTIALS: Resource = {
  group: GROUP,
  version: VERSION,
  plural: 'clientcredentials',
  kind: 'ClientCredential',
};

const shape = object('What ALM should hold.', {
  clientId: ruled(
    clientId(
      'The id of the client in ALM: letters, digits, - and _. Two ids that differ only in case count as the same ' +
        'client. It cannot be changed.',
    ),
    {
      cel: 'self == oldSelf',
      message: 'clientId is immutable; delete this object and create another',
      reason: 'FieldValueForbidden',
      transition: true,
    },
  ),
  clientSecretRef: z.exactOptional(
    secretKeyRef(
      'The Secret, in the same namespace, that holds the password of the client. A change of the Secret is sent to ' +
        'ALM at once. Exactly one of this and generatedSecret is required.',
      'clientSecret',
    ),
  ),
  generatedSecret: z.exactOptional(generatedSecret),
  authorisedGrantTypes: list(
    'The ways in which tokens may be asked for. refresh_token needs password.',
    grantType('A way to ask for tokens.'),
    { type: 'set', min: 1, max: 3 },
  ),
  accessTokenValidity: z.exactOptional(
    int32('How long an access token lives, in seconds; 1200 when absent.', { min: 1 }),
  ),
  refreshTokenValidity: z.exactOptional(
    int32('How long a refresh token lives, in seconds; 30600 when absent.', { min: 1 }),
  ),
  roles: z.exactOptional(
    list(
      'The roles that a token of the client_credentials grant carries; none when absent. In the other grants the ' +
        'user brings the roles.',
      text('Name of a role in ALM.', { max: 128, like: ROLE }),
      { type: 'set', max: 64 },
    ),
  ),
  connectionRef: z.exactOptional(
    object(
      "The ALM that the client lives in; the operator's default connection when absent. It cannot be changed, added " +
        'or removed.',
      { name: objectName("Name of an AlmConnection in the operator's namespace.", 63) },
    ),
  ),
  adoptionPolicy: z.exactOptional(
    choice(
      'What to do with a client that exists in ALM already: Never refuses it, IfExists takes it over or else creates ' +
        'it, Required takes it over and never creates it; Never when absent.',
      ['Never', 'IfExists', 'Required'],
    ),
  ),
  deletionPolicy: z.exactOptional(
    choice(
      'What becomes of the client when this object is deleted: Revoke makes it useless in ALM, Retain leaves it ' +
        'alone; when absent, Revoke for a client that the operator created and Retain for one it adopted. Protected ' +
        'clients are always left, and a rule of the connection may require Revoke.',
      ['Revoke', 'Retain'],
    ),
  ),
  resyncInterval: z.exactOptional(
    duration(
      'How often the client is checked against ALM although nothing changed, as a duration such as 30m; 0s means on ' +
        "change only; the operator's setting (30m) when absent.",
      { field: 'resyncInterval', atLeast: '5s', orZero: true, such: '30m' },
    ),
  ),
  suspend: z.exactOptional(
    flag('true: nothing is written to ALM until it is false again; deletion still works. false when absent.'),
  ),
});

export const credentialSpec = ruled(
  shape,
  {
    cel:
      'has(self.connectionRef) == has(oldSelf.connectionRef) && ' +
      '(!has(self.connectionRef) || self.connectionRef.name == oldSelf.connectionRef.name)',
    message: 'connectionRef is immutable, its absence included; delete this object and create another',
    reason: 'FieldValueForbidden',
    fieldPath: 'connectionRef',
    transition: true,
  },
  {
    cel: 'has(self.clientSecretRef) != has(self.generatedSecret)',
    message: 'exactly one of clientSecretRef and generatedSecret is required',
    reason: 'FieldValueRequired',
    holds: (spec) => (spec.clientSecretRef === undefined) !== (spec.generatedSecret === undefined),
  },
  {
    cel: "!('refresh_token' in self.authorisedGrantTypes) || 'password' in self.authorisedGrantTypes",
    message: 'refresh_token needs password; ALM gives refresh tokens to the password grant only',
    reason: 'FieldValueForbidden',
    fieldPath: 'authorisedGrantTypes',
    holds: ({ authorisedGrantTypes: grants }) =>
      !grants.includes('refresh_token') || grants.includes('password'),
  },
  {
    cel: "!has(self.roles) || size(self.roles) == 0 || 'client_credentials' in self.authorisedGrantTypes",
    message: 'roles need client_credentials; in the other grants the user brings the roles',
    reason: 'FieldValueForbidden',
    fieldPath: 'roles',
    holds: ({ roles = [], authorisedGrantTypes }) =>
      roles.length === 0 || authorisedGrantTypes.includes('client_credentials'),
  },
);

const effective = object('The record last sent, without the secret, and the policies as resolved.', {
  clientId: word('The id of the client.'),
  authorisedGrantTypes: z.array(word('A grant.')).meta({
    description: 'The ways in which tokens may be asked for.',
    'x-kubernetes-list-type': 'atomic',
  }),
  accessTokenValidity: int64('Seconds that an access token lives.'),
  refreshTokenValidity: int64('Seconds that a refresh token lives.'),
  roles: z.array(word('A role.')).meta({
    description: 'The roles that a token of the client_credentials grant carries.',
    'x-kubernetes-list-type': 'atomic',
  }),
  adoptionPolicy: z.exactOptional(word('What is done with a client that exists already.')),
  deletionPolicy: z.exactOptional(word('What becomes of the client when this object is deleted.')),
  resyncInterval: z.exactOptional(word('How often the client is checked against ALM.')),
});

const applied = object('What ALM answered last that it took, and what it was made from.', {
  generation: int64('The generation of this object.'),
  endpoint: word('The address of the ALM.'),
  secret: object('The version of the Secret that was sent.', {
    name: word('Its name.'),
    key: word("The key in the Secret's data."),
    uid: word('Its uid.'),
    resourceVersion: word('Its resourceVersion.'),
  }),
  operation: word('What was done, such as Created or Updated.'),
  time: time('When ALM answered.'),
});

const rotation = object('When the generated secret was and will be replaced.', {
  last: z.exactOptional(time('When it was replaced last.')),
  next: z.exactOptional(time('When it will be replaced next.')),
});

export const credentialStatus = statusOf('How far the operator got. Output, never evidence.', {
  origin: z.exactOptional(
    word('Created, where the operator made the client, or Adopted, where it took it over.'),
  ),
  connection: z.exactOptional(word('Name of the AlmConnection, as resolved.')),
  effective: z.exactOptional(effective),
  applied: z.exactOptional(applied),
  rotation: z.exactOptional(rotation),
  lastHandledReconcileAt: z.exactOptional(
    word('The value of the annotation reconcile.fluxcd.io/requestedAt that was handled last.'),
  ),
  lastHandledRotateAt: z.exactOptional(
    word('The value of the annotation alm-operator.dev/rotate that was handled last.'),
  ),
});

export type CredentialSpec = DeepReadonly<z.output<typeof credentialSpec>>;
export type CredentialStatus = DeepReadonly<z.output<typeof credentialStatus>>;
/** As stored: spec and status are for `parseSpec` and `parseStatus` to read. */
export type ClientCredential = KubeObject & Readonly<{ spec?: unknown; status?: unknown }>;

export const clientCredentialKind: KindDefinition = {
  resource: CLIENT_CREDENTIALS,
  description:
    "An OAuth client of ALM, kept equal to what is declared here and to the Secret that holds the client's password.",
  shortName: 'ccred',
  columns: [
    { name: 'Ready', type: 'string', jsonPath: conditionPath('Ready', 'status') },
    { name: 'Reason', type: 'string', jsonPath: conditionPath('Ready', 'reason') },
    { name: 'Client ID', type: 'string', jsonPath: '.spec.clientId' },
    { name: 'Connection', type: 'string', jsonPath: '.status.connection' },
    { name: 'Grants', type: 'string', jsonPath: '.spec.authorisedGrantTypes', wide: true },
    { name: 'Roles', type: 'string', jsonPath: '.spec.roles', wide: true },
    { name: 'Access', type: 'integer', jsonPath: '.status.effective.accessTokenValidity', wide: true },
    { name: 'Refresh', type: 'integer', jsonPath: '.status.effective.refreshTokenValidity', wide: true },
    { name: 'Applied', type: 'date', jsonPath: '.status.applied.time', wide: true },
    { name: 'Message', type: 'string', jsonPath: conditionPath('Ready', 'message'), wide: true },
    AGE,
  ],
  selectable: ['.spec.clientId', '.spec.connectionRef.name', '.spec.clientSecretRef.name'],
  spec: credentialSpec,
  status: credentialStatus,
};
