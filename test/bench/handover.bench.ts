/**
 * How long nobody leads after a holder was told to end, with the timing that the operator comes with: from SIGTERM to the
 * log line of the next holder.
 */

import { startScenario } from '../support/scenario.ts';
import { type Replica, startReplica } from '../system/handover/replica.ts';
import type { Bench, Figure } from './figures.ts';

const HANDOVERS = 20;
const LONGEST_MS = 2000;
const FLAGS = ['--leader-elect'];

export const bench: Bench = async (tell) => {
  const scenario = await startScenario({ launch: false });
  const running = new Set<Replica>();
  let born = 0;
  const start = async () => {
    born += 1;
    const replica = await startReplica(scenario, `replica-${born}`, FLAGS);
    running.add(replica);
    return replica;
  };
  try {
    let holder = await start();
    await holder.leads();
    const gaps: number[] = [];
    for (let n = 1; n <= HANDOVERS; n += 1) {
      const follower = await start();
      const began = performance.now();
      holder.operator.kill('SIGTERM');
      await follower.leads();
      gaps.push(performance.now() - began);
      tell(`hand-over ${n} of ${HANDOVERS}: ${Math.round(gaps.at(-1) ?? 0)} ms`);
      await holder.clear();
      running.delete(holder);
      holder = follower;
    }
    return figuresOf(gaps.toSorted((a, b) => a - b));
  } finally {
    await Promise.all([...running].map((replica) => replica.clear()));
    await scenario.stop();
  }
};

function figuresOf(gaps: readonly number[]): readonly Figure[] {
  const at = (part: number) => gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * part))] ?? 0;
  return [
    { what: 'without a leader, median', value: at(0.5), unit: 'ms' },
    { what: 'without a leader, longest', value: at(1), unit: 'ms', limit: LONGEST_MS },
  ];
}
