import { ApiError, warned } from '../status.ts';
import type { World } from '../world.ts';
import type { Accepted } from '../write/admit.ts';
import { judge } from './judge.ts';
import type { Attributes } from './match.ts';

/** What the kind accepted, if the policies admit it, with their warnings behind its own. */
export function admitted(world: World, accepted: Accepted, attributes: Omit<Attributes, 'object'>): Accepted {
  try {
    const warnings = judge(world, { ...attributes, object: accepted.object });
    return { ...accepted, warnings: [...accepted.warnings, ...warnings] };
  } catch (error) {
    throw error instanceof ApiError ? warned(error, accepted.warnings) : error;
  }
}
