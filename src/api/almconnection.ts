/** AlmConnection: one ALM, how to reach it, and as whom. Honoured only in the operator's namespace. */
import { z } from 'zod';
import type { KubeObject, Resource } from '../kube/types.ts';
import { access } from './access.ts';
import { clientId, dataKey, duration, objectName, PRINTABLE, secretKeyRef } from './fields.ts';
import { GROUP, VERSION } from './group.ts';
import { AGE, conditionPath, type KindDefinition } from './kind.ts';
import { choice, type DeepReadonly, flag, int32, list, object, type Pattern, ruled, text } from './schema.ts';
import { statusOf } from './status.ts';

export const ALM_CONNECTIONS: Resource = {
  group: GROUP,
  version: VERSION,
  plural: 'almconnections',
  kind: 'AlmConnection',
};

const PORT = '(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})';
const HOST = '([A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])';
/** No path segment begins with a dot, so none leads upwards. */
const PATH = '(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?';
const ENDPOINT_PATTERN = `^https?://${HOST}(:${PORT})?${PATH}$`;

const LOGIN_ID: Pattern = {
  pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$',
  words: 'must be letters, digits, ., _, @ and -, beginning with a letter or digit',
};

const endpoint = ruled(
  text(
    'Address of the ALM API: https, host, optional port and path prefix, as in https://app.lm:32443/ishtar. http ' +
      'only with insecure.allowHttp.',
    { min: 0, max: 1024 },
  ),
  {
    cel: `self.matches(r'${ENDPOINT_PATTERN}')`,
    message: 'endpoint is an http(s) URL of host, optional port and path, without user, query and fragment',
    reason: 'FieldValueForbidden',
    holds: (value) => value.length <= 1024 && new RegExp(ENDPOINT_PATTERN).test(value) && URL.canParse(value),
  },
);

const tls = ruled(
  object(
    "How ALM's certificate is checked. Against the system's roots and the endpoint's host when absent.",
    {
      caBundle: z.exactOptional(
        text("Certificates in PEM, trusted besides the system's roots; none when absent.", { max: 262_144 }),
      ),
      caRef: z.exactOptional(
        object("Where certificates in PEM are, trusted besides the system's roots; none when absent.", {
          kind: choice('ConfigMap or Secret.', ['ConfigMap', 'Secret']),
          name: objectName('Name of the object, in the same namespace.'),
          key: z.exactOptional(dataKey("Key in the object's data; ca.crt when absent.")),
        }),
      ),
      serverName: z.exactOptional(
        text("The name that ALM's certificate must have; the endpoint's host when absent.", {
          max: 253,
          like: { pattern: '^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$', words: 'must be a host name' },
        }),
      ),
      clientCertificateRef: z.exactOptional(
        object(
          'The Secret, in the same namespace, that holds a client certificate; none is shown when absent.',
          {
            name: objectName('Name of a Secret with the keys tls.crt and tls.key.'),
          },
        ),
      ),
      insecureSkipVerify: z.exactOptional(
        flag(
          "true: ALM's certificate is not checked, and whoever stands in between reads all passwords. false when " +
            'absent.',
        ),
      ),
    },
  ),
  {
    cel: '!(has(self.caBundle) && has(self.caRef))',
    message: 'at most one of caBundle and caRef may be given',
    reason: 'FieldValueForbidden',
    fieldPath: 'caRef',
    holds: ({ caBundle, caRef }) => caBundle === undefined || caRef === undefined,
  },
);

const loginId = () =>
  text("Id of the operator's own client in ALM, which needs the SECADMIN privilege.", {
    max: 128,
    like: LOGIN_ID,
  });
const loginSecretRef = () =>
  secretKeyRef(
    "The Secret, in the same namespace, that holds the password of the operator's own client.",
    'clientSecret',
  );

const auth = ruled(
  object('As whom the operator logs in: exactly one of clientCredentials, password and none.', {
    clientCredentials: z.exactOptional(
      object('Log in with the client_credentials grant.', {
        clientId: loginId(),
        clientSecretRef: loginSecretRef(),
        scope: z.exactOptional(
          text('The scope to ask for; no scope is sent when absent.', { max: 1024, like: PRINTABLE }),
        ),
      }),
    ),
    password: z.exactOptional(
      object('Log in as a user, with the password grant.', {
        clientId: loginId(),
        clientSecretRef: loginSecretRef(),
        username: text('Name of the user.', { max: 256, like: PRINTABLE }),
        passwordRef: secretKeyRef(
          'The Secret, in the same namespace, that holds the password of the user.',
          'password',
        ),
      }),
    ),
    none: z.exactOptional(object('Do not log in: the ALM runs without security.', {})),
  }),
  {
    cel: '[has(self.clientCredentials), has(self.password), has(self.none)].exists_one(x, x)',
    message: 'exactly one of clientCredentials, password and none is required',
    reason: 'FieldValueRequired',
    holds: ({ clientCredentials, password, none }) =>
      [clientCredentials, password, none].filter((member) => member !== undefined).length === 1,
  },
);

const api = object('Which calls this ALM offers.', {
  read: z.exactOptional(
    choice(
      'Whether clients can be read: Auto finds out, Enabled and Disabled say so; Auto when absent. Where they can, ' +
        'drift is found by reading, else the record is sent anew at each resync.',
      ['Auto', 'Enabled', 'Disabled'],
    ),
  ),
  delete: z.exactOptional(
    choice(
      'Whether a client that is to be revoked is deleted. Where this ALM turns out not to offer that, or when Disabled, it ' +
        'is overwritten with a secret that nobody knows; Disabled when absent.',
      ['Disabled', 'Enabled'],
    ),
  ),
});

const limits = object('How hard ALM may be pressed.', {
  requestsPerSecond: z.exactOptional(
    int32('Calls a second in the long run; 50 when absent.', {
      min: 1,
      max: 10_000,
    }),
  ),
  burst: z.exactOptional(
    int32('Calls at once after a pause; 100 when absent.', {
      min: 1,
      max: 10_000,
    }),
  ),
  concurrency: z.exactOptional(
    int32('Clients that may be worked on together; 8 when absent.', { min: 1, max: 256 }),
  ),
  timeout: z.exactOptional(
    duration('How long one call may take, as a duration such as 10s; 10s when absent.', {
      field: 'timeout',
      atLeast: '100ms',
      atMost: '5m',
      such: '10s',
    }),
  ),
});

export const connectionSpec = ruled(
  object('How to reach the ALM, as whom, and who may use it.', {
    endpoint,
    insecure: z.exactOptional(
      object('What would be refused otherwise.', {
        allowHttp: z.exactOptional(
          flag('true: the endpoint may be http, and whoever listens reads all passwords. false when absent.'),
        ),
      }),
    ),
    tls: z.exactOptional(tls),
    auth,
    access: z.exactOptional(access),
    protectedClientIds: z.exactOptional(
      list(
        'Clients that need an adoptionPolicy of IfExists or Required, are matched by no glob of access but in the ' +
          "operator's namespace, and are never revoked, all compared without case; LmClient, NimrodClient, " +
          'DokiClient and Admin when absent, none when empty.',
        clientId('Id of a client in ALM.'),
        { type: 'set', max: 64 },
      ),
    ),
    api: z.exactOptional(api),
    limits: z.exactOptional(limits),
    verification: z.exactOptional(
      choice(
        'When a client is proved by logging in with its own password: OnChange of password or grants, EachResync or ' +
          'Never; OnChange when absent. Clients without client_credentials cannot be proved.',
        ['OnChange', 'EachResync', 'Never'],
      ),
    ),
  }),
  {
    cel:
      "!self.endpoint.startsWith('http://') || " +
      '(has(self.insecure) && has(self.insecure.allowHttp) && self.insecure.allowHttp)',
    message: 'http sends passwords in the clear; use https or set insecure.allowHttp: true',
    reason: 'FieldValueForbidden',
    fieldPath: 'endpoint',
    holds: (spec) => !spec.endpoint.startsWith('http://') || spec.insecure?.allowHttp === true,
  },
);

export const connectionStatus = statusOf('What the operator found out about the ALM.', {
  capabilities: z.exactOptional(
    object('Which calls this ALM turned out to offer.', {
      read: z.exactOptional(
        flag('true: clients can be read; false: they cannot. Absent while that is not known.'),
      ),
    }),
  ),
});

export type ConnectionSpec = DeepReadonly<z.output<typeof connectionSpec>>;
export type ConnectionStatus = DeepReadonly<z.output<typeof connectionStatus>>;
/** As stored: spec and status are for `parseSpec` and `parseStatus` to read. */
export type AlmConnection = KubeObject & Readonly<{ spec?: unknown; status?: unknown }>;

export const almConnectionKind: KindDefinition = {
  resource: ALM_CONNECTIONS,
  description: "An ALM, how to reach it, and as whom. Honoured only in the operator's namespace.",
  shortName: 'almconn',
  columns: [
    { name: 'Ready', type: 'string', jsonPath: conditionPath('Ready', 'status') },
    { name: 'Reason', type: 'string', jsonPath: conditionPath('Ready', 'reason') },
    { name: 'Endpoint', type: 'string', jsonPath: '.spec.endpoint' },
    { name: 'Reachable', type: 'string', jsonPath: conditionPath('Reachable', 'status'), wide: true },
    { name: 'Authenticated', type: 'string', jsonPath: conditionPath('Authenticated', 'status'), wide: true },
    { name: 'Authorised', type: 'string', jsonPath: conditionPath('Authorised', 'status'), wide: true },
    { name: 'Readable', type: 'boolean', jsonPath: '.status.capabilities.read', wide: true },
    { name: 'Insecure', type: 'string', jsonPath: conditionPath('InsecureTransport', 'status'), wide: true },
    { name: 'Message', type: 'string', jsonPath: conditionPath('Ready', 'message'), wide: true },
    AGE,
  ],
  selectable: [],
  spec: connectionSpec,
  status: connectionStatus,
};
