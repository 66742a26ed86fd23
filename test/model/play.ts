import { type Change, CLAIMS, CREDENTIALS } from './cluster.ts';
import { World } from './driver.ts';
import { faultsAtRest, isProvedAnew } from './ends.ts';
import type { History } from './histories.ts';
import type { Composition } from './process.ts';

const HOUR = 3_600_000;

/** Plays a history, lets everything come to rest, and answers all that was wrong. */
export async function play(history: History, composition: Composition = {}): Promise<readonly string[]> {
  const world = new World(history.seed, history.knobs, composition);
  for (const action of history.actions) {
    await world.does(action);
    if (world.violations.length > 0) return world.violations;
  }
  await world.calm(4 * HOUR, 20_000);
  if (world.violations.length > 0) return world.violations;
  const { revision } = world.cluster;
  await world.calm(HOUR, 6000);
  const restless = world.cluster.changes
    .filter((change) => change.revision > revision && !isAttempt(change) && !isProof(change, world))
    .map(({ plural, key }) => `${plural} ${key} is written although nothing changes`);
  return [...new Set([...world.violations, ...restless.slice(0, 1), ...faultsAtRest(world)])];
}

function isProof({ plural, after }: Change, world: World): boolean {
  return plural === CREDENTIALS && after !== undefined && isProvedAnew(after, world);
}

/** An object that ALM refuses is tried again at each resync, and leaves no claim behind. */
function isAttempt({ plural, before, after }: Change): boolean {
  return (
    plural === CLAIMS &&
    [before, after].every((claim) => claim === undefined || claim.spec?.['phase'] === 'Pending')
  );
}
