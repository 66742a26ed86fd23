/** A scenario as vitest's hooks: one for the tests of a file, calmed between them, shown when one fails. */

import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Scenario, type ScenarioOptions, startScenario } from './scenario.ts';

const START_LIMIT_MS = 60_000;

/** To be called where the file's tests are described; the scenario is there once they run. */
export function useScenario(options: ScenarioOptions = {}): () => Scenario {
  let scenario: Scenario | undefined;
  const started = () => {
    if (scenario === undefined) throw new Error('The scenario has not started');
    return scenario;
  };
  beforeAll(async () => {
    scenario = await startScenario(options);
    console.info(`Runs on ${scenario.cluster.version}`);
  }, START_LIMIT_MS);
  beforeEach(async ({ onTestFailed }) => {
    onTestFailed(() => console.error(started().report()));
    await started().calm();
  });
  afterAll(() => scenario?.stop(), START_LIMIT_MS);
  return started;
}
