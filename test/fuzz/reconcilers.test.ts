import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { almClientClaimKind } from '../../src/api/almclientclaim.ts';
import { almConnectionKind } from '../../src/api/almconnection.ts';
import { clientCredentialKind } from '../../src/api/clientcredential.ts';
import { API_VERSION, FINALIZER, REQUESTED_AT, ROTATE } from '../../src/api/group.ts';
import type { Outcome } from '../../src/kube/outcome.ts';
import { compiledSchemaOf } from '../api/admission.ts';
import { ClaimWorld } from '../reconcile/claimworld.ts';
import type { Stored } from '../reconcile/cluster.ts';
import { login, Scene } from '../reconcile/connections.ts';
import { NAMESPACE, PASSWORD, TEAM, want } from '../reconcile/manifests.ts';
import type { JsonObject } from '../support/apiserver/schema/json.ts';
import { admit, type CompiledSchema } from '../support/apiserver/schema/schema.ts';
import { expectClassified, expectNoSecret, holds, LIMIT } from './runs.ts';
import {
  anyJson as anyJsonAtAll,
  anyText as anyTextAtAll,
  damagedOpenly as damaged,
  damaged as damagedAtAll,
  open,
} from './shapes.ts';

/**
 * Whole passes over whatever an older or newer version of the kinds, or a hand with all rights, has stored. What the API
 * server itself holds together (names, versions, maps of strings in metadata) is as it would be.
 */

/** Only Secrets hold secrets here: what users write elsewhere may be said again. */
const anyJson = open(anyJsonAtAll);
const anyText = open(anyTextAtAll);

const CREDENTIAL = {
  clientId: 'orders',
  clientSecretRef: { name: 'orders', key: 'clientSecret' },
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30_600,
  roles: ['Portal'],
  connectionRef: { name: 'default' },
  adoptionPolicy: 'IfExists',
  deletionPolicy: 'Revoke',
  resyncInterval: '30m',
};

const { clientSecretRef: _ref, ...WITHOUT_REF } = CREDENTIAL;
const GENERATING = {
  ...WITHOUT_REF,
  generatedSecret: {
    name: 'orders-made',
    key: 'secret',
    length: 40,
    rotateEvery: '720h',
    template: { labels: { team: 'a' } },
  },
};

const CONNECTION = {
  endpoint: 'https://alm/',
  tls: { caBundle: 'x', serverName: 'alm', clientCertificateRef: { name: 'pair' } },
  auth: login,
  access: [{ namespaces: { all: true }, clientIds: ['*'], roles: ['*'], allowAdoption: true }],
  protectedClientIds: ['Admin'],
  api: { read: 'Auto', delete: 'Enabled' },
  limits: { timeout: '10s', concurrency: 8 },
  verification: 'OnChange',
};

const OPEN = { ...CONNECTION, tls: {} };

const condition = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: '2026-03-01T11:00:00Z',
  reason: 'Applied',
  message: 'ALM holds the client.',
};

const STATUS = {
  observedGeneration: 1,
  conditions: [condition, { ...condition, type: 'Synced', reason: 'Created' }],
  origin: 'Created',
  connection: 'default',
  effective: { ...want, adoptionPolicy: 'Never', deletionPolicy: 'Revoke', resyncInterval: '30m' },
  applied: {
    generation: 1,
    endpoint: 'https://alm',
    secret: { name: 'orders', key: 'clientSecret', uid: 'uid-5', resourceVersion: '105' },
    operation: 'Created',
    time: '2026-03-01T11:00:00Z',
  },
  rotation: { last: '2026-03-01T11:00:00Z', next: '2026-03-31T11:00:00Z' },
  lastHandledReconcileAt: 'x',
  capabilities: { read: true },
};

const PHASES = ['Pending', 'Held', 'Retained', 'Revoking', 'Revoked', 'Frozen', '', '__proto__'];

const CLAIM = {
  connection: 'default',
  endpoint: 'https://alm',
  clientId: 'orders',
  owner: { namespace: TEAM, name: 'orders', uid: 'uid-of-the-past' },
  origin: 'Created',
  phase: 'Held',
  rotation: { last: '2026-01-01T00:00:00Z', token: 'once' },
};

const SECRET = {
  type: 'Opaque',
  data: {
    clientSecret: Buffer.from(PASSWORD).toString('base64'),
    secret: Buffer.from(PASSWORD).toString('base64'),
    password: '',
  },
};

const secret = fc.oneof(
  damagedAtAll(SECRET),
  fc.oneof(anyJsonAtAll, fc.constantFrom('', '*', 'AA==', '/w==', 'QUFB'.repeat(400_000))).map((value) => ({
    ...SECRET,
    data: { clientSecret: value, __proto__: value },
  })),
);

const token = fc.oneof(anyText, fc.constantFrom('now', ''));
const annotations = fc.dictionary(fc.constantFrom(REQUESTED_AT, ROTATE, '__proto__', 'x'), token, {
  maxKeys: 3,
});

const status = fc.oneof(fc.constant(undefined), damaged(STATUS), anyJson);

const INSTANTS = [
  '+275760-09-13T00:00:00Z',
  '2026',
  'Infinity',
  '-271821-04-20T00:00:00Z',
  'Sun Mar 1 2026',
  '0',
];

const claim = fc
  .record({
    spec: damaged(CLAIM, 2),
    phase: fc.option(fc.constantFrom(...PHASES), { nil: undefined }),
    last: fc.option(fc.oneof(fc.constantFrom(...INSTANTS), anyText), { nil: undefined }),
    ours: fc.boolean(),
    status,
  })
  .map(({ spec, phase, last, ...rest }) => ({
    ...rest,
    spec: withMembers(spec, {
      ...(phase !== undefined && { phase }),
      ...(last !== undefined && { rotation: { last } }),
    }),
  }));

/** Where it still is an object. */
function withMembers(value: unknown, members: object): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { ...value, ...members }
    : value;
}

const schemas: Readonly<Record<string, CompiledSchema>> = {
  clientcredentials: compiledSchemaOf(clientCredentialKind),
  almconnections: compiledSchemaOf(almConnectionKind),
  almclientclaims: compiledSchemaOf(almClientClaimKind),
};

/** What this version writes, its own definition admits. */
function expectAdmitted(plural: string, object: Stored | undefined, former: unknown): void {
  const compiled = schemas[plural];
  if (object?.status === undefined || compiled === undefined || isSame(object.status, former)) return;
  const { metadata, apiVersion, kind, status: written } = object;
  const whole = { apiVersion, kind, metadata: { name: metadata.name }, status: written };
  const answer = admit(compiled, {
    object: whole as unknown as JsonObject,
    old: { apiVersion, kind, metadata: { name: metadata.name } } as unknown as JsonObject,
    fieldValidation: 'Strict',
    subresource: 'status',
  });
  const causes = answer.ok ? [] : answer.causes.filter(({ field }) => field.startsWith('status'));
  expect(causes).toEqual([]);
  expectNoSecret(object.status);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function expectOutcome(outcome: Outcome | undefined, thrown: unknown): void {
  if (thrown !== undefined) {
    expectClassified(thrown);
    return;
  }
  expect(['settle', 'retry', 'retryAfter', 'forget']).toContain(outcome?.then);
  const waits = [
    outcome?.then === 'settle' ? outcome.resyncMs : undefined,
    outcome?.then === 'retryAfter' ? outcome.ms : undefined,
  ].filter((ms) => ms !== undefined);
  for (const ms of waits) expect(ms, 'a wait that is no number').toBeGreaterThanOrEqual(0);
}

/** A message that every pass brings about anew stands for a fault that nobody sees. */
function expectNoBug(object: Stored | undefined): void {
  expect(JSON.stringify(object?.status ?? {})).not.toContain('InternalError');
}

type Drawn = Readonly<{
  spec: unknown;
  status: unknown;
  connection: unknown;
  secret: Readonly<Record<string, unknown>>;
  claim: Readonly<{ spec: unknown; ours: boolean; status: unknown }> | undefined;
  annotations: Readonly<Record<string, string>>;
  readable: boolean;
  deleted: boolean;
}>;

const drawn: fc.Arbitrary<Drawn> = fc.record({
  spec: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<unknown>(CREDENTIAL, GENERATING) },
    damaged(CREDENTIAL),
    damaged(GENERATING),
    anyJson,
  ),
  status,
  connection: fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>(OPEN) }, damaged(OPEN), anyJson),
  secret: fc.oneof({ weight: 2, arbitrary: fc.constant(SECRET) }, secret) as fc.Arbitrary<Drawn['secret']>,
  claim: fc.option(claim, { nil: undefined, freq: 1 }),
  annotations,
  readable: fc.boolean(),
  deleted: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
});

/** A process that begins on a cluster in which all this is stored. */
function worldOf({
  spec,
  status: stored,
  connection,
  secret: content,
  claim: left,
  ...rest
}: Drawn): ClaimWorld {
  const world = new ClaimWorld();
  world.settings.generates = true;
  world.reconfigure();
  world.connect(rest.readable);
  world.applyNamespace(TEAM);
  world.cluster.put('almconnections', {
    apiVersion: API_VERSION,
    kind: 'AlmConnection',
    metadata: { namespace: NAMESPACE, name: 'default' },
    spec: connection,
  });
  for (const name of ['orders', 'orders-made']) {
    world.cluster.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: TEAM, name },
      ...(name === 'orders' && content),
    });
  }
  world.cluster.drop('secrets', { namespace: TEAM, name: 'orders-made' });
  const metadata = {
    namespace: TEAM,
    name: 'orders',
    annotations: rest.annotations,
    finalizers: [FINALIZER],
  };
  const object = world.cluster.put('clientcredentials', {
    apiVersion: API_VERSION,
    kind: 'ClientCredential',
    metadata,
    spec,
    status: stored,
  } as Parameters<typeof world.cluster.put>[1]);
  if (left !== undefined) {
    const { uid } = object.metadata;
    world.cluster.put('almclientclaims', {
      apiVersion: API_VERSION,
      kind: 'AlmClientClaim',
      metadata: { namespace: NAMESPACE, name: world.claimKey().split('/')[1] ?? '' },
      spec: left.ours ? withMembers(left.spec, { owner: { ...CLAIM.owner, uid } }) : left.spec,
      status: left.status,
    } as Parameters<typeof world.cluster.put>[1]);
  }
  if (rest.deleted) world.cluster.drop('clientcredentials', { namespace: TEAM, name: 'orders' });
  return world;
}

describe('passes over whatever is stored', () => {
  it(
    'for a credential and its claim end in an outcome, and in a status that is admitted',
    LIMIT,
    async () => {
      await holds(150, drawn, async (some) => {
        const world = worldOf(some);
        for (let pass = 0; pass < 3; pass += 1) {
          await world.pass();
          expectOutcome(world.outcome, world.thrown);
          await world.claimPass();
          expectOutcome(world.claimOutcome, world.thrown);
        }
        const object = world.cluster.one('clientcredentials', 'orders');
        expectNoBug(object);
        expectAdmitted('clientcredentials', object, some.status);
        for (const one of world.cluster.of('almclientclaims'))
          expectAdmitted('almclientclaims', one, some.claim?.status);
        expectNoSecret(world.events);
        expectNoSecret(world.logged);
      });
    },
  );

  it('for a connection end in an outcome, and in a status that is admitted', LIMIT, async () => {
    const connections = fc.record({
      spec: fc.oneof({ weight: 2, arbitrary: damaged(CONNECTION) }, damaged(OPEN), anyJson),
      status,
      secret: fc.oneof(fc.constant(undefined), secret),
    });
    await holds(150, connections, async ({ spec, status: stored, secret: content }) => {
      const scene = new Scene();
      scene.cluster.put('almconnections', {
        apiVersion: API_VERSION,
        kind: 'AlmConnection',
        metadata: { namespace: NAMESPACE, name: 'main' },
        spec,
        status: stored,
      } as Parameters<typeof scene.cluster.put>[1]);
      for (const name of ['login', 'pair']) {
        if (content === undefined) break;
        scene.cluster.put('secrets', {
          ...(content as object),
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { namespace: NAMESPACE, name },
        });
      }
      for (let pass = 0; pass < 2; pass += 1) {
        await scene.pass();
        expectOutcome(scene.outcome, scene.thrown);
      }
      expectAdmitted('almconnections', scene.cluster.one('almconnections', 'main'), stored);
      expectNoSecret(scene.logged);
    });
  });

  it('draw good objects often enough to reach ALM', async () => {
    let reached = 0;
    for (const some of fc.sample(drawn, { numRuns: 100, seed: 1 })) {
      if (/POST|PUT/.test(await worldOf(some).pass())) reached += 1;
    }
    expect(reached).toBeGreaterThan(15);
  });
});
