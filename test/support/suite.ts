/** A scenario as vitest's hooks: one for the tests of a file, calmed between them, shown when one fails. */

import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Scenario, type ScenarioOptions, startScenario } from './scenario.ts';

const START_LIMIT_MS = 60_000;

/** To be called where the file's tests are described; the scenario is there once they run. */
export function useScenario(options: ScenarioOptions = {}): () => Scenario {
  let starting: Promise<Scenario> | undefined;
  let scenario: Scenario | undefined;
  const started = () => {
    if (scenario === undefined) throw new Error('The scenario has not started');
    return scenario;
  };
  beforeAll(async () => {
    starting = startScenario(options);
    scenario = await starting;
    console.info(`Runs on ${scenario.cluster.version}`);
  }, START_LIMIT_MS);
  beforeEach(async ({ onTestFailed }) => {
    onTestFailed(() => console.error(started().report()));
    await started().calm();
  });
  // Also one that took too long to start ends with its file; one that failed to start has cleaned up itself.
  afterAll(async () => {
    const late = await starting?.catch(() => undefined);
    await late?.stop();
  }, START_LIMIT_MS);
  return started;
}
