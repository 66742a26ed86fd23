import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Requests under way. Each waits until the driver lets the other side see it, and its answer until the driver lets it
 * back, so that any two passes interleave in any order and a process may die between any two steps.
 */

/**
 * `refused`: certainly not taken. `lost` and `lostAfterwards`: no answer comes, and it was not taken, or it was.
 * `stale`: a replica that lags answers. `rejected`: a definite no of ALM.
 */
export type Fate = 'answered' | 'refused' | 'lost' | 'lostAfterwards' | 'stale' | 'rejected';

export type Controller = 'credential' | 'claim' | 'connection';

/** What a pass could have known when it began: the cluster's revision, and how far each watch had come. */
export type Pass = Readonly<{
  controller: Controller;
  key: string;
  revision: number;
  known: Readonly<Record<string, number>>;
  /** How many requests had been sent before. */
  moment: number;
}>;

export const passes = new AsyncLocalStorage<Pass>();

export type Ask<T> = Readonly<{
  server: 'cluster' | 'ALM';
  what: string;
  /** Fate is one that reaches the server. */
  effect: (fate: Fate, pass: Pass | undefined) => T;
  /** What the caller gets where no answer comes, or a refusal before the server looked at it. */
  fault: (fate: Fate) => Error;
  /** Called when the caller has it. */
  answered?: (value: T, pass: Pass | undefined) => void;
}>;

type Outcome = Readonly<{ value: unknown } | { error: unknown }>;

export type Request = {
  readonly ask: Ask<unknown>;
  readonly pass: Pass | undefined;
  readonly isAlive: () => boolean;
  readonly settle: (outcome: Outcome) => void;
  outcome: Outcome | undefined;
};

export class Requests {
  #open: Request[] = [];
  /** Of those that were sent, for counting. */
  sent = 0;

  get open(): readonly Request[] {
    this.#open = this.#open.filter(({ isAlive }) => isAlive());
    return this.#open;
  }

  send<T>(isAlive: () => boolean, ask: Ask<T>, signal: AbortSignal): Promise<T> {
    this.sent += 1;
    return new Promise<T>((resolve, reject) => {
      const settle = (outcome: Outcome) => {
        this.#open = this.#open.filter((other) => other !== request);
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.value as T);
      };
      const pass = passes.getStore();
      const request: Request = { ask: ask as Ask<unknown>, pass, isAlive, settle, outcome: undefined };
      if (signal.aborted) settle({ error: signal.reason });
      else this.#open.push(request);
      signal.addEventListener('abort', () => settle({ error: signal.reason }), { once: true });
    });
  }

  /** The server sees it. */
  reach(request: Request, fate: Fate): void {
    const { ask, pass } = request;
    if (request.outcome !== undefined) return;
    if (fate === 'refused' || fate === 'lost') {
      request.outcome = { error: ask.fault(fate) };
      return;
    }
    request.outcome = outcomeOf(() => ask.effect(fate, pass));
    if (fate === 'lostAfterwards') request.outcome = { error: ask.fault('lost') };
  }

  /** The caller gets its answer. */
  answer(request: Request, fate: Fate): void {
    this.reach(request, fate);
    const outcome = request.outcome ?? { error: new Error('no outcome') };
    if ('value' in outcome) request.ask.answered?.(outcome.value, request.pass);
    request.settle(outcome);
  }
}

function outcomeOf(effect: () => unknown): Outcome {
  try {
    return { value: effect() };
  } catch (error) {
    return { error };
  }
}

/** Lets everything run that waits for promises only. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
