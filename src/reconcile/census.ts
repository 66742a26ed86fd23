import { FAILURES, STATES } from '../domain/reasons.ts';
import { isRecord } from '../kube/decode.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Vitals } from '../kube/vitals.ts';
import type { Stores } from './stores.ts';

/**
 * How many objects of the stores say what, for metrics. Read as they are stored, without their schemas: thousands are
 * counted at each scrape. Words that are not the operator's own count as `Other`, so that nobody who may write a status
 * can make up series.
 */
export type Census = Readonly<{
  credentials(): readonly Readonly<{ ready: string; reason: string; count: number }>[];
  /** Generated secrets whose time for a new one has come. */
  rotationsDue(): number;
  connections(): readonly Readonly<{ connection: string; ready: boolean }>[];
  claims(): readonly Readonly<{ phase: string; count: number }>[];
  /** Claims of objects that do not exist, and that nobody saw deleted. */
  orphans(): number;
  watches(): readonly Readonly<{ resource: string; ageMs: number | undefined; relists: number }>[];
}>;

type Counted = Pick<Stores, 'credentials' | 'connections' | 'claims'> &
  Readonly<{
    reflectors: readonly Readonly<{ resource: string; vitals(): Pick<Vitals, 'lastSignMs' | 'relists'> }>[];
  }>;

/** `now`: milliseconds since 1970. */
export function censusOf(stores: Counted, now: () => number): Census {
  return {
    credentials: () => {
      const counts = new Map<string, number>();
      for (const credential of stores.credentials.list()) increment(counts, readyOf(credential));
      return [...counts].map(([said, count]) => {
        const [ready = '', reason = ''] = said.split(' ');
        return { ready, reason, count };
      });
    },
    rotationsDue: () => {
      const nowMs = now();
      return stores.credentials.list().filter((credential) => isDue(credential, nowMs)).length;
    },
    connections: () =>
      stores.connections.list().map((connection) => ({
        connection: connection.metadata.name,
        ready: conditionIn(connection, 'Ready')?.['status'] === 'True',
      })),
    claims: () => {
      const counts = new Map<string, number>(PHASES.map((phase) => [phase, 0]));
      for (const claim of stores.claims.list()) increment(counts, phaseOf(claim));
      return [...counts].map(([phase, count]) => ({ phase, count }));
    },
    orphans: () =>
      stores.claims.list().filter((claim) => conditionIn(claim, 'Orphaned')?.['status'] === 'True').length,
    watches: () => watchesOf(stores),
  };
}

type Stored = KubeObject & Readonly<{ spec?: unknown; status?: unknown }>;

const PHASES: readonly string[] = ['Pending', 'Held', 'Retained', 'Revoking', 'Revoked'];
const WORDS: ReadonlySet<string> = new Set([...Object.keys(FAILURES), ...STATES]);
const VALUES: ReadonlySet<unknown> = new Set(['True', 'False', 'Unknown']);

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** An object that no pass has seen yet has no Ready. */
function readyOf(credential: Stored): string {
  const ready = conditionIn(credential, 'Ready');
  if (ready === undefined) return 'Unknown None';
  const { status, reason } = ready;
  const word = typeof reason === 'string' && WORDS.has(reason) ? reason : 'Other';
  return `${VALUES.has(status) ? String(status) : 'Unknown'} ${word}`;
}

function isDue({ status }: Stored, nowMs: number): boolean {
  const rotation = isRecord(status) ? status['rotation'] : undefined;
  const next = isRecord(rotation) ? rotation['next'] : undefined;
  return typeof next === 'string' && Date.parse(next) <= nowMs;
}

function phaseOf({ spec }: Stored): string {
  const phase = isRecord(spec) ? spec['phase'] : undefined;
  return typeof phase === 'string' && PHASES.includes(phase) ? phase : 'Other';
}

function conditionIn({ status }: Stored, type: string): Readonly<Record<string, unknown>> | undefined {
  const conditions = isRecord(status) ? status['conditions'] : undefined;
  if (!Array.isArray(conditions)) return undefined;
  return conditions.filter(isRecord).find((condition) => condition['type'] === type);
}

/** Where several watches share a resource, the one that has been silent the longest counts. */
function watchesOf({ reflectors }: Counted): ReturnType<Census['watches']> {
  const resources = new Set(reflectors.map(({ resource }) => resource));
  return [...resources].map((resource) => {
    const vitals = reflectors.filter((one) => one.resource === resource).map((one) => one.vitals());
    const ages = vitals.map(({ lastSignMs }) => lastSignMs);
    return {
      resource,
      ageMs: ages.includes(undefined) ? undefined : Math.max(...ages.filter((age) => age !== undefined)),
      relists: vitals.reduce((sum, { relists }) => sum + relists, 0),
    };
  });
}
