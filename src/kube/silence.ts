import type { Clock } from './clock.ts';

/** A timer that whatever is seen puts off. */
export type Silence = Readonly<{
  /** Something was seen: the time begins anew. Costs no timer, as a busy watch calls it for each event. */
  seen(): void;
  end(): void;
}>;

/** Calls `run` once nothing was seen for `ms`. */
export function onSilence(clock: Clock, ms: number, run: () => void): Silence {
  let since = clock.now();
  let cancel = clock.setTimer(ms, check);
  function check(): void {
    const leftMs = since + ms - clock.now();
    if (leftMs <= 0) run();
    else cancel = clock.setTimer(leftMs, check);
  }
  return {
    seen: () => {
      since = clock.now();
    },
    end: () => cancel(),
  };
}
