/** What a scrape costs an operator that keeps ten thousand clients: its event loop does nothing else meanwhile. */

import { createStore } from '../../src/kube/store.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { censusOf } from '../../src/reconcile/census.ts';
import type { Bench } from './figures.ts';

const OBJECTS = 10_000;
const SCRAPES = 50;
const REASONS = ['Applied', 'Adopted', 'SecretNotFound', 'AlmUnavailable'];
const PHASES = ['Held', 'Retained', 'Revoked'];

type Stored = KubeObject & Readonly<{ spec?: unknown; status?: unknown }>;

export const bench: Bench = async () => {
  const metrics = createMetrics({ version: '1', now: () => performance.now() });
  const reflectors: [] = [];
  const stores = {
    credentials: filled(OBJECTS, credential),
    claims: filled(OBJECTS, claim),
    connections: filled(10, credential),
    reflectors,
  };
  metrics.readFrom(censusOf(stores, () => Date.now()));
  const took: number[] = [];
  let bytes = 0;
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) {
    const began = performance.now();
    bytes = (await metrics.page()).text.length;
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  return [
    {
      what: `a scrape of ${OBJECTS} credentials and as many claims`,
      value: median(took),
      unit: 'ms',
      limit: 50,
    },
    { what: 'the slowest of them', value: took.at(-1) ?? 0, unit: 'ms', limit: 250 },
    { what: 'the page', value: bytes / 1024, unit: 'KiB', limit: 256 },
  ];
};

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function filled(count: number, make: (index: number) => Omit<Stored, 'metadata'>) {
  const store = createStore<Stored>({ log: { error: () => undefined } });
  const objects = Array.from({ length: count }, (_, index) => ({
    ...make(index),
    metadata: {
      namespace: `team-${index % 100}`,
      name: `n${index}`,
      uid: `uid-${index}`,
      resourceVersion: '1',
    },
  }));
  store.partition().commitRelist(objects, '1');
  return store;
}

function credential(index: number): Omit<Stored, 'metadata'> {
  const condition = (type: string, reason: string) => ({
    type,
    status: 'True',
    reason,
    message: 'a sentence',
  });
  const conditions = [
    ...['Accepted', 'ResolvedRefs', 'Synced', 'Verified'].map((type) => condition(type, 'Valid')),
    condition('Ready', REASONS[index % REASONS.length] ?? ''),
  ];
  const rotation = { last: '2026-01-01T00:00:00Z', next: '2027-01-01T00:00:00Z' };
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    status: { conditions, ...(index % 2 === 0 && { rotation }) },
  };
}

function claim(index: number): Omit<Stored, 'metadata'> {
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'AlmClientClaim',
    spec: { phase: PHASES[index % PHASES.length] },
    status: { conditions: [] },
  };
}
