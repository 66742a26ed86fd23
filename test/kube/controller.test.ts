import { afterEach, describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { type ControllerOptions, createController } from '../../src/kube/controller.ts';
import { EdgeError, type Outcome } from '../../src/kube/outcome.ts';
import { Overdue } from '../../src/kube/overdue.ts';
import { currentTrace, type Trace } from '../../src/kube/trace.ts';
import { Workqueue } from '../../src/kube/workqueue.ts';
import { ManualClock, settle } from './support/clock.ts';
import { recordingLog } from './support/log.ts';

type Reconcile = ControllerOptions['reconcile'];

const enders: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of enders.splice(0)) await end();
});

function run(reconcile: Reconcile, more: Partial<ControllerOptions> = {}) {
  const clock = new ManualClock();
  const queue = new Workqueue({ clock });
  const { log, lines, at } = recordingLog();
  const passes: string[] = [];
  const controller = createController({
    name: 'things',
    queue,
    reconcile,
    workers: 2,
    passTimeoutMs: 60_000,
    synced: () => Promise.resolve(),
    log,
    clock,
    observe: ({ result, ms }) => passes.push(`${result} ${ms}`),
    ...more,
  });
  controller.start();
  enders.push(async () => {
    const stopped = controller.stop();
    await clock.advance(60_000);
    await stopped;
  });
  return { clock, queue, lines, at, passes, controller };
}

const settled =
  (outcome: Outcome = { then: 'settle' }): Reconcile =>
  async () =>
    outcome;

/** A pass that ends when the test says so. */
function held() {
  const running = new Map<string, { end: (outcome: Outcome) => void; signal: AbortSignal }>();
  const reconcile: Reconcile = (key, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      running.set(key, {
        signal,
        end: (outcome) => {
          running.delete(key);
          resolve(outcome);
        },
      });
    });
  return { running, reconcile };
}

describe('workers', () => {
  it('begin only when the stores are synced', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    const { queue } = run(
      async (key) => {
        seen.push(key);
        return { then: 'settle' };
      },
      { synced: () => promise },
    );
    queue.add('a');
    await settle();
    expect(seen).toEqual([]);
    resolve();
    await settle();
    expect(seen).toEqual(['a']);
  });

  it('are as many as asked for, and never two on one key', async () => {
    const { running, reconcile } = held();
    const { queue } = run(reconcile);
    for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
    await settle();
    queue.add('a');
    await settle();
    expect([...running.keys()]).toEqual(['a', 'b']);
    running.get('b')?.end({ then: 'settle' });
    await settle();
    expect([...running.keys()]).toEqual(['a', 'c']);
  });
});

describe('an outcome', () => {
  it.each<[string, Outcome, readonly number[]]>([
    ['settle without a resync comes again on a change only', { then: 'settle' }, [0]],
    ['settle with a resync comes again then', { then: 'settle', resyncMs: 30_000 }, [0, 30_000]],
    ['retryAfter comes again then', { then: 'retryAfter', ms: 20_000 }, [0, 20_000, 40_000]],
    ['retry comes again after its back-off', { then: 'retry' }, [0, 1000, 3000, 7000, 15_000, 31_000]],
    ['forget does not come again', { then: 'forget' }, [0]],
  ])('%s', async (_, outcome, times) => {
    const seen: number[] = [];
    const { queue, clock, passes } = run(async () => {
      seen.push(clock.now());
      return outcome;
    });
    queue.add('a');
    await clock.advance(45_000);
    expect(seen).toEqual(times);
    expect(passes[0]).toBe(`${outcome.then} 0`);
  });

  it.each<Outcome>([{ then: 'settle' }, { then: 'forget' }])('$then ends the back-off', async (outcome) => {
    const outcomes: Outcome[] = [{ then: 'retry' }, { then: 'retry' }, outcome, { then: 'retry' }];
    const seen: number[] = [];
    const { queue, clock } = run(async () => {
      seen.push(clock.now());
      return outcomes.shift() ?? { then: 'settle' };
    });
    queue.add('a');
    await clock.advance(10_000);
    queue.add('a');
    await clock.advance(10_000);
    expect(seen).toEqual([0, 1000, 3000, 10_000, 11_000]);
  });
});

describe('the trace of a pass', () => {
  it('names the controller, the object and an id of its own, for as long as the pass takes', async () => {
    const traces: (Trace | undefined)[] = [];
    const { queue, clock } = run(async () => {
      const begun = currentTrace();
      await settle();
      expect(currentTrace()).toBe(begun);
      traces.push(begun);
      return { then: 'settle' };
    });
    let turn = 0;
    clock.random = () => (turn += 0.0625);
    queue.add('team-a/one');
    queue.add('two');
    await clock.advance(0);
    await settle();
    queue.add('team-a/one');
    await clock.advance(0);
    await settle();
    expect(traces).toEqual([
      { correlationId: '1000000020000000', controller: 'things', namespace: 'team-a', name: 'one' },
      { correlationId: '3000000040000000', controller: 'things', name: 'two' },
      { correlationId: '5000000060000000', controller: 'things', namespace: 'team-a', name: 'one' },
    ]);
    expect(currentTrace()).toBeUndefined();
  });

  it('is also that of what the log says about its end', async () => {
    const ends: unknown[] = [];
    const { log } = recordingLog();
    const { queue, clock } = run(
      async () => {
        throw new TypeError('x is undefined');
      },
      { log: { ...log, error: () => ends.push(currentTrace()?.name) } },
    );
    queue.add('a/bad');
    await clock.advance(0);
    expect(ends).toEqual(['bad']);
  });
});

describe('a pass that throws', () => {
  it.each<[string, unknown, string, string]>([
    ['a bug', new TypeError('x is undefined'), 'error', 'error'],
    ['what is no error at all', 'odd', 'error', 'error'],
    [
      'a conflict',
      new KubeError({ status: 409, reason: 'Conflict', message: 'moved on' }),
      'debug',
      'failed',
    ],
    [
      'a lost connection',
      new KubeError({ status: 0, reason: 'ECONNRESET', message: 'reset' }),
      'warn',
      'failed',
    ],
    [
      'a failure of ALM',
      new EdgeError({ kind: 'transient', reason: 'AlmUnavailable', message: 'ALM does not answer' }),
      'warn',
      'failed',
    ],
  ])('%s costs its own key a retry and nothing else', async (_, error, level, result) => {
    const seen: string[] = [];
    const { queue, clock, lines, passes } = run(async (key) => {
      seen.push(`${key} ${clock.now()}`);
      if (key === 'bad') throw error;
      return { then: 'settle' };
    });
    queue.add('bad');
    queue.add('good');
    await clock.advance(1500);
    expect(seen).toEqual(['bad 0', 'good 0', 'bad 1000']);
    const told = lines.filter(
      ({ message }) => message === (level === 'error' ? 'a pass hit a bug' : 'a pass failed'),
    );
    expect(told.map((line) => line.level)).toEqual([level, level]);
    const { err, error: words } = told[0]?.fields ?? {};
    const isBug = level === 'error';
    expect([err, words]).toEqual(isBug ? [error, undefined] : [undefined, (error as Error).message]);
    expect(told[0]?.fields).toMatchObject({ waitMs: 1000 });
    expect(passes).toContain(`${result} 0`);
  });

  it('before its first await is treated the same', async () => {
    const { queue, clock, at } = run(() => {
      throw new Error('at once');
    });
    queue.add('a');
    await clock.advance(10);
    expect(at('error')).toHaveLength(1);
  });
});

describe('the time limit of a pass', () => {
  it('aborts it, tells so, and has the key tried again', async () => {
    const { running, reconcile } = held();
    const { queue, clock, at, passes } = run(reconcile);
    queue.add('a');
    await clock.advance(59_999);
    expect(running.get('a')?.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(at('warn')).toEqual(['a pass took too long and was aborted']);
    expect(passes).toEqual(['timeout 60000']);
    const first = running.get('a')?.signal;
    await clock.advance(1000);
    expect(running.get('a')?.signal).not.toBe(first);
  });

  it('leaves no timer behind where the pass ends in time', async () => {
    const { queue, clock } = run(settled());
    queue.add('a');
    await clock.advance(10);
    expect(clock.timers).toBe(0);
  });
});

describe('stopping', () => {
  it('takes nothing in, and lets running passes end', async () => {
    const { running, reconcile } = held();
    const { queue, controller, clock } = run(reconcile, { workers: 1 });
    queue.add('a');
    queue.add('b');
    await settle();
    let stopped = false;
    const stopping = controller.stop().then(() => {
      stopped = true;
    });
    await clock.advance(5000);
    expect([stopped, running.get('a')?.signal.aborted]).toEqual([false, false]);
    running.get('a')?.end({ then: 'settle', resyncMs: 1 });
    await stopping;
    expect([...running.keys()]).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('aborts what still runs after the grace period, without a word about failures', async () => {
    const { running, reconcile } = held();
    const { queue, controller, clock, at } = run(reconcile, { graceMs: 2000 });
    queue.add('a');
    await settle();
    const stopping = controller.stop();
    await clock.advance(1999);
    expect(running.get('a')?.signal.aborted).toBe(false);
    await clock.advance(1);
    await stopping;
    expect(running.get('a')?.signal.aborted).toBe(true);
    expect([...at('warn'), ...at('error')]).toEqual([]);
  });

  it('ends in any case, and says so where a pass does not heed its abort', async () => {
    const { queue, controller, clock, at } = run(() => new Promise<never>(() => undefined), {
      graceMs: 2000,
    });
    queue.add('a');
    await settle();
    const stopping = controller.stop();
    await clock.advance(7000);
    await stopping;
    expect(at('error')).toEqual(['a pass did not heed its abort']);
  });

  it('at once aborts what runs, takes nothing in, and says nothing of it', async () => {
    const { running, reconcile } = held();
    const { queue, controller, clock, at, passes } = run(reconcile, { workers: 1 });
    queue.add('a');
    queue.add('b');
    await settle();
    const reason = new Error('the lease is gone');
    controller.abort(reason);
    expect(running.get('a')?.signal.reason).toBe(reason);
    queue.add('c');
    await clock.advance(60_000);
    expect([[...running.keys()], passes, at('warn'), at('error')]).toEqual([['a'], [], [], []]);
  });

  it.each(['stop', 'abort'] as const)('before the stores are synced ends the wait (%s)', async (how) => {
    let waiting = true;
    const { controller, at } = run(settled(), {
      synced: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            waiting = false;
            reject(signal.reason);
          });
        }),
    });
    await controller[how](new Error('the lease is gone'));
    await settle();
    expect([waiting, at('error')]).toEqual([false, []]);
  });
});

describe('a pass that does not heed its abort', () => {
  it('is overdue a minute after its time limit, and not before', async () => {
    const watch = new ManualClock();
    const overdue = new Overdue(watch);
    let end = (_: Outcome) => {};
    const deaf: Reconcile = () => new Promise((resolve) => (end = resolve));
    const { queue, clock } = run(deaf, { overdue, passTimeoutMs: 60_000 });
    queue.add('a');
    await settle();
    await Promise.all([clock.advance(120_000), watch.advance(120_000)]);
    expect(overdue.names()).toEqual([]);
    await watch.advance(1);
    expect(overdue.names()).toEqual(['things']);
    end({ then: 'settle' });
    await settle();
    expect(overdue.names()).toEqual([]);
  });
});
