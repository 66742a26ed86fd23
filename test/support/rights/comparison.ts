/** What was asked, held against what was granted: neither may be more than the other. Pure. */

import { type Ask, covers, type Grant, resourceOf, wordsOf } from './grants.ts';

export type Comparison = Readonly<{
  /** Asked for, and not granted. */
  missing: readonly string[];
  /** Granted, and never needed. */
  idle: readonly string[];
}>;

/**
 * A grant for everywhere is needed only by what is asked outside `home`, which a Role there could grant; a grant in one
 * namespace is not needed where one for everywhere does the same.
 */
export function compare(grants: readonly Grant[], asked: readonly Ask[], home: string): Comparison {
  const needed = new Set<Grant>();
  const missing = new Set<string>();
  for (const ask of asked) {
    const covering = grants.filter((grant) => covers(grant, ask));
    if (covering.length === 0) missing.add(wordsOf(grantFor(ask, home)));
    const wide = covering.filter(({ namespace }) => namespace === '');
    const credited = wide.length === 0 ? covering : ask.namespace === home ? [] : wide;
    for (const grant of credited) needed.add(grant);
  }
  return {
    missing: [...missing].sort(),
    idle: grants
      .filter((grant) => !needed.has(grant))
      .map(wordsOf)
      .sort(),
  };
}

function grantFor(ask: Ask, home: string): Grant {
  const { verb, group, name, namespace } = ask;
  return { verb, group, resource: resourceOf(ask), name, namespace: namespace === home ? home : '' };
}
