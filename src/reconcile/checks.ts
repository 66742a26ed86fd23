import type { Overdue } from '../kube/overdue.ts';
import type { Reflector } from '../kube/reflector.ts';
import { isStuck, type Vitals } from '../kube/vitals.ts';
import type { Checks } from '../ops/health.ts';

/** What of watches and passes is told at the health endpoints. */

type Watched = readonly Pick<Reflector, 'name' | 'vitals'>[];

export function checksOf(reflectors: Watched, passes: Pick<Overdue, 'names'>): Checks {
  return {
    livez: [
      // Whoever reads this has been answered.
      { name: 'event-loop', trouble: () => undefined },
      { name: 'watches', trouble: () => told('stuck', namesOf(reflectors, isStuck)) },
      { name: 'passes', trouble: () => told('did not heed their abort', passes.names()) },
    ],
    readyz: [{ name: 'caches', trouble: () => told('not synced yet', namesOf(reflectors, isUnlisted)) }],
  };
}

function isUnlisted({ lastSignMs }: Vitals): boolean {
  return lastSignMs === undefined;
}

function namesOf(reflectors: Watched, holds: (vitals: Vitals) => boolean): readonly string[] {
  return reflectors.filter(({ vitals }) => holds(vitals())).map(({ name }) => name);
}

function told(what: string, names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `${what}: ${names.join(', ')}`;
}
