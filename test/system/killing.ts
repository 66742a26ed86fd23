/** The operator's process, killed between two steps of what it does for one client. */

import { beforeEach } from 'vitest';
import type { Scenario } from '../support/scenario.ts';
import { useScenario } from '../support/suite.ts';
import type { Place } from './clients.ts';

export type Step = Readonly<{
  name: string;
  at: 'kubernetes' | 'alm';
  verb: string;
  /** Of ALM the beginning of the path. */
  resource: string;
  subresource?: string;
  /** So many of the same pass by first. */
  skip?: number;
}>;

export const WHENS = ['before', 'after'] as const;
export type When = (typeof WHENS)[number];

/** Both sides of every step, for a table of tests. */
export function cuts<T extends Step>(steps: readonly T[]): readonly (readonly [When, string, T])[] {
  return steps.flatMap((step) => WHENS.map((when) => [when, step.name, step] as const));
}

export function kubernetes(name: string, verb: string, resource: string, more: Partial<Step> = {}): Step {
  return { name, at: 'kubernetes', verb, resource, ...more };
}

export function alm(name: string, verb: string, resource: string): Step {
  return { name, at: 'alm', verb, resource };
}

export type Killing = Readonly<{
  scenario: () => Scenario;
  /** Holds the step, kills the process there, lets the held request end with it, and starts another process. */
  killed(step: Step, when: When, of: Place, provoke: () => Promise<unknown>): Promise<void>;
}>;

/** A scenario in which one process serves from kill to kill. */
export function useKilling(flags: readonly string[] = []): Killing {
  const operator = { flags: ['--resync-interval', '1000h', ...flags] };
  const scenario = useScenario({ launch: false, operator });
  let isRunning = false;
  const launch = async () => {
    await scenario().launch();
    isRunning = true;
  };
  beforeEach(async () => {
    if (!isRunning) await launch();
  });
  return {
    scenario,
    killed: async (step, when, of, provoke) => {
      const hold = holdAt(scenario(), step, when, of);
      await provoke();
      await hold.reached;
      isRunning = false;
      const operator = scenario().operator();
      operator.kill('SIGKILL');
      await operator.exited;
      hold.drop();
      await launch();
    },
  };
}

function holdAt(
  { gate, alm }: Scenario,
  { at, verb, resource, subresource = '', skip = 0 }: Step,
  when: When,
  { namespace, clientId }: Place,
) {
  if (at === 'alm') {
    return alm.hold(
      (request) =>
        request.method === verb && request.path.startsWith(resource) && request.clientId === clientId,
      when,
    );
  }
  const places: readonly string[] = [namespace, 'alm-operator', ''];
  return gate.hold(
    (request) =>
      request.verb === verb &&
      request.resource === resource &&
      request.subresource === subresource &&
      places.includes(request.namespace) &&
      request.user === 'operator' &&
      request.name !== 'operator-login',
    when,
    { skip },
  );
}
