/** A hold: the one request it catches waits until the test says what becomes of it. */

import type { GateRequest } from './request.ts';
import type { HeldRequest, Hold, When } from './rules.ts';

export type HoldParts = Readonly<{ hold: Hold; held: HeldRequest }>;

/** `missed` makes the error of a hold that no request reached. */
export function makeHold(when: When, timeoutMs: number, missed: () => Error, giveUp: () => void): HoldParts {
  const reached = Promise.withResolvers<GateRequest>();
  const decided = Promise.withResolvers<'release' | 'drop'>();
  const timer = setTimeout(() => fail(missed()), timeoutMs);
  const fail = (error: Error) => {
    clearTimeout(timer);
    giveUp();
    reached.reject(error);
  };
  // A test that failed elsewhere may never look at it.
  reached.promise.catch(() => {});
  const decide = (decision: 'release' | 'drop') => () => {
    decided.resolve(decision);
    fail(new Error('The hold was ended before a request reached it.'));
  };
  return {
    hold: { reached: reached.promise, release: decide('release'), drop: decide('drop') },
    held: {
      when,
      arrive: (request, signal) => {
        clearTimeout(timer);
        reached.resolve(request);
        signal.addEventListener('abort', () => decided.resolve('drop'), { once: true });
        return decided.promise;
      },
    },
  };
}
