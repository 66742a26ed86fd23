import { describe, expect, it } from 'vitest';
import { createStore } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { censusOf } from '../../src/reconcile/census.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

type Body = Readonly<{ spec?: unknown; status?: unknown }>;

function storeOf(bodies: readonly Body[], kind = 'ClientCredential') {
  const store = createStore<KubeObject & Body>({ log: { error: () => undefined } });
  const objects = bodies.map((body, index) => ({
    apiVersion: 'alm-operator.dev/v1beta1',
    kind,
    metadata: { namespace: 'team', name: `n${index}`, uid: `uid-${index}`, resourceVersion: '1' },
    ...body,
  }));
  store.partition().commitRelist(objects, '1');
  return store;
}

type Watch = Readonly<{ resource: string; lastSignMs: number | undefined; relists: number }>;

function census(
  given: Readonly<{
    credentials?: Body[];
    connections?: Body[];
    claims?: Body[];
    watches?: readonly Watch[];
  }>,
) {
  const reflectors = (given.watches ?? []).map(({ resource, ...vitals }) => ({
    resource,
    vitals: () => vitals,
    run: async () => undefined,
  }));
  const stores = {
    credentials: storeOf(given.credentials ?? []),
    connections: storeOf(given.connections ?? [], 'AlmConnection'),
    claims: storeOf(given.claims ?? [], 'AlmClientClaim'),
    reflectors,
  };
  return censusOf(stores, () => NOW);
}

function saying(status: unknown, reason: unknown, type = 'Ready'): Body {
  const other = { type: 'Accepted', status: 'True', reason: 'Valid' };
  return { status: { conditions: [other, { type, status, reason }] } };
}

describe('credentials', () => {
  it('count by what Ready says, and foreign words as Other', () => {
    const { credentials } = census({
      credentials: [
        saying('True', 'Applied'),
        saying('True', 'Applied'),
        saying('False', 'SecretNotFound'),
        saying('Unknown', 'AlmUnavailable'),
        saying('False', 'canary-7f3a9'),
        saying('False', 'toString'),
        saying('Perhaps', 'Applied'),
        saying('True', 42),
      ],
    });
    expect(credentials()).toEqual([
      { ready: 'True', reason: 'Applied', count: 2 },
      { ready: 'False', reason: 'SecretNotFound', count: 1 },
      { ready: 'Unknown', reason: 'AlmUnavailable', count: 1 },
      { ready: 'False', reason: 'Other', count: 2 },
      { ready: 'Unknown', reason: 'Applied', count: 1 },
      { ready: 'True', reason: 'Other', count: 1 },
    ]);
  });

  it.each<[string, Body]>([
    ['no status', {}],
    ['a status of null', { status: null }],
    ['no conditions', { status: { observedGeneration: -1 } }],
    ['conditions of another shape', { status: { conditions: 'Ready' } }],
    ['conditions that are none', { status: { conditions: [null, 'Ready', 7] } }],
    ['other conditions only', saying('True', 'Valid', 'Accepted')],
  ])('with %s count as seen by no pass', (_, body) => {
    expect(census({ credentials: [body] }).credentials()).toEqual([
      { ready: 'Unknown', reason: 'None', count: 1 },
    ]);
  });
});

it('counts rotations whose time has come', () => {
  const next = (time: unknown) => ({ status: { rotation: { last: '2026-01-01T00:00:00Z', next: time } } });
  const { rotationsDue } = census({
    credentials: [
      next('2026-03-01T11:59:59Z'),
      next('2026-03-01T12:00:00Z'),
      next('2026-03-01T12:00:01Z'),
      next('never'),
      next(undefined),
      {},
    ],
  });
  expect(rotationsDue()).toBe(2);
});

it('says of each connection whether it is ready', () => {
  const { connections } = census({
    connections: [saying('True', 'Connected'), saying('Unknown', 'x'), saying('False', 'x'), {}],
  });
  expect(connections()).toEqual([
    { connection: 'n0', ready: true },
    { connection: 'n1', ready: false },
    { connection: 'n2', ready: false },
    { connection: 'n3', ready: false },
  ]);
});

describe('claims', () => {
  it('count by phase, also where there is none, and unknown phases as Other', () => {
    const phase = (word: unknown) => ({ spec: { phase: word } });
    const claims = [phase('Held'), phase('Held'), phase('Revoking'), phase('Sold'), phase(3), {}];
    expect(census({ claims }).claims()).toEqual([
      { phase: 'Pending', count: 0 },
      { phase: 'Held', count: 2 },
      { phase: 'Retained', count: 0 },
      { phase: 'Revoking', count: 1 },
      { phase: 'Revoked', count: 0 },
      { phase: 'Other', count: 3 },
    ]);
  });

  it('are orphaned where they say so', () => {
    const claims = [
      saying('True', 'OwnerNotFound', 'Orphaned'),
      saying('False', 'OwnerNotFound', 'Orphaned'),
      saying('True', 'Revoked', 'Revoked'),
      {},
    ];
    expect(census({ claims }).orphans()).toBe(1);
  });
});

it('tells of watches by resource, of the one that is silent the longest, and of none that was never heard', () => {
  const watches = [
    { resource: 'secrets', lastSignMs: 10, relists: 1 },
    { resource: 'secrets', lastSignMs: 900, relists: 2 },
    { resource: 'namespaces', lastSignMs: 5, relists: 0 },
    { resource: 'things', lastSignMs: 5, relists: 0 },
    { resource: 'things', lastSignMs: undefined, relists: 0 },
  ];
  expect(census({ watches }).watches()).toEqual([
    { resource: 'secrets', ageMs: 900, relists: 3 },
    { resource: 'namespaces', ageMs: 5, relists: 0 },
    { resource: 'things', ageMs: undefined, relists: 0 },
  ]);
});
