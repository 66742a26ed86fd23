import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../src/kube/heap.ts';
import { Workqueue } from '../../src/kube/workqueue.ts';
import { ManualClock } from './support/clock.ts';

const never = new AbortController().signal;

function setup(options: { burst?: number; perSecond?: number } = {}) {
  const clock = new ManualClock();
  const { burst = 100, perSecond = 10 } = options;
  const queue = new Workqueue({ clock, retries: { burst, perSecond } });
  return { clock, queue };
}

/** The key that a worker would get now, if any. */
async function next(queue: Workqueue): Promise<string | undefined> {
  const stop = new AbortController();
  const got = queue.get(stop.signal).catch(() => undefined);
  await Promise.resolve();
  stop.abort();
  return got;
}

describe('a key', () => {
  it('waits at most once', async () => {
    const { queue } = setup();
    queue.add('a');
    queue.add('a');
    expect(await next(queue)).toBe('a');
    queue.done('a');
    expect(await next(queue)).toBeUndefined();
  });

  it('is never with two workers, and one added while worked on is worked on again', async () => {
    const { queue } = setup();
    queue.add('a');
    expect(await next(queue)).toBe('a');
    queue.add('a');
    expect(await next(queue)).toBeUndefined();
    queue.add('b');
    expect(await next(queue)).toBe('b');
    queue.done('a');
    expect(await next(queue)).toBe('a');
  });

  it('comes at the earlier of two times, and at the later one not again', async () => {
    const { queue, clock } = setup();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 300);
    queue.addAfter('a', 2000);
    await clock.advance(299);
    expect(await next(queue)).toBeUndefined();
    await clock.advance(1);
    expect(await next(queue)).toBe('a');
    queue.done('a');
    await clock.advance(10_000);
    expect(await next(queue)).toBeUndefined();
  });

  it('that is due at once is not put off by a later time', async () => {
    const { queue } = setup();
    queue.add('a');
    queue.addAfter('a', 5000);
    expect(await next(queue)).toBe('a');
  });

  it('comes in the order of the due times, and of the adding among equals', async () => {
    const { queue, clock } = setup();
    queue.addAfter('late', 20);
    queue.addAfter('early', 10);
    queue.addAfter('early too', 10);
    await clock.advance(30);
    queue.add('last');
    const order = [await next(queue), await next(queue), await next(queue), await next(queue)];
    expect(order).toEqual(['early', 'early too', 'late', 'last']);
  });

  it('reaches a worker who waits, without anybody asking again', async () => {
    const { queue, clock } = setup();
    const got = queue.get(never);
    queue.addAfter('a', 500);
    await clock.advance(500);
    expect(await got).toBe('a');
  });
});

describe('a worker who waits', () => {
  it('gets the key that is due first, though a later one was added before', async () => {
    const { queue, clock } = setup();
    const got = queue.get(never);
    queue.addAfter('late', 1000);
    queue.addAfter('early', 100);
    await clock.advance(100);
    expect(await got).toBe('early');
  });

  it('gets a key also where the timer fires early, as those of the platform may', async () => {
    const { clock } = setup();
    const early = {
      ...clock,
      now: clock.now,
      setTimer: (ms: number, run: () => void) => clock.setTimer(ms * 0.9, run),
    };
    const queue = new Workqueue({ clock: early });
    const got = queue.get(never);
    queue.addAfter('a', 1000);
    await clock.advance(1010);
    expect(await got).toBe('a');
  });
});

describe('back-off', () => {
  it('doubles from 1 s to 5 min for each key by itself, and starts anew after forget', () => {
    const { queue } = setup();
    const delays = Array.from({ length: 11 }, () => queue.retry('a'));
    expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(delays.at(-1)).toBe(300_000);
    expect(queue.retry('b')).toBe(1000);
    queue.forget('a');
    expect(queue.retry('a')).toBe(1000);
  });

  it('is jittered', () => {
    const { queue, clock } = setup();
    clock.random = () => 0;
    expect(queue.retry('a')).toBe(800);
  });

  it('gives way to a change, which is worked on at once', async () => {
    const { queue } = setup();
    queue.retry('a');
    queue.add('a');
    expect(await next(queue)).toBe('a');
  });

  it('of all keys together is bounded by one overall limit', async () => {
    const { queue, clock } = setup({ burst: 5, perSecond: 2 });
    for (let key = 0; key < 65; key += 1) queue.retry(`key-${key}`);
    await clock.advance(1000);
    expect(queue.counts()).toMatchObject({ ready: 7, delayed: 58, retried: 65 });
    await clock.advance(10_000);
    expect(queue.counts().ready).toBe(27);
    await clock.advance(19_000);
    expect(queue.counts().ready).toBe(65);
  });
});

describe('namespaces', () => {
  /** Keys as one worker gets them, until there are none. */
  async function order(queue: Workqueue): Promise<readonly string[]> {
    const out: string[] = [];
    for (let key = await next(queue); key !== undefined; key = await next(queue)) {
      out.push(key);
      queue.done(key);
    }
    return out;
  }

  it('take turns, so that thousands of keys of one delay the only key of another by one', async () => {
    const { queue } = setup();
    for (let n = 0; n < 5000; n += 1) queue.add(`many/${n}`);
    expect(await next(queue)).toBe('many/0');
    queue.add('one/a');
    queue.add('two/a');
    expect([await next(queue), await next(queue), await next(queue)]).toEqual(['many/1', 'one/a', 'two/a']);
    expect(queue.counts().ready).toBe(4998);
  });

  it('hand out in the order of the due times within one', async () => {
    const { queue, clock } = setup();
    queue.addAfter('a/late', 30);
    queue.addAfter('b/only', 20);
    queue.addAfter('a/early', 10);
    await clock.advance(40);
    expect(await order(queue)).toEqual(['a/early', 'b/only', 'a/late']);
  });

  it('are one where keys have none', async () => {
    const { queue } = setup();
    for (const key of ['b', 'a', 'c']) queue.add(key);
    expect(await order(queue)).toEqual(['b', 'a', 'c']);
  });

  it('may be something else that the owner of the queue knows', async () => {
    const clock = new ManualClock();
    const queue = new Workqueue({ clock, partition: (key) => key.slice(-1) });
    for (const key of ['home/1a', 'home/2a', 'home/3a', 'home/1b']) queue.add(key);
    expect(await order(queue)).toEqual(['home/1a', 'home/1b', 'home/2a', 'home/3a']);
  });
});

describe('workers', () => {
  it('are served in the order in which they asked', async () => {
    const { queue } = setup();
    const [first, second] = [queue.get(never), queue.get(never)];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
  });

  it('who give up get nothing, and nothing is lost to them', async () => {
    const { queue } = setup();
    const stop = new AbortController();
    const got = queue.get(stop.signal);
    stop.abort(new Error('enough'));
    await expect(got).rejects.toThrow('enough');
    await expect(queue.get(stop.signal)).rejects.toThrow('enough');
    queue.add('a');
    expect(await next(queue)).toBe('a');
  });

  it('get undefined after the shutdown, and nothing is taken in any more', async () => {
    const { queue, clock } = setup();
    const waiting = queue.get(never);
    queue.addAfter('late', 100);
    queue.shutdown();
    queue.add('a');
    queue.retry('b');
    await clock.advance(10_000);
    expect(await waiting).toBeUndefined();
    expect(await queue.get(never)).toBeUndefined();
    expect(queue.counts()).toMatchObject({ ready: 0, delayed: 0 });
    expect(clock.timers).toBe(0);
  });

  it('may give a key back after the shutdown', async () => {
    const { queue } = setup();
    queue.add('a');
    await next(queue);
    queue.shutdown();
    queue.done('a');
    expect(queue.counts().working).toBe(0);
  });
});

describe('counts', () => {
  it('tell due, delayed and working keys apart', async () => {
    const { queue, clock } = setup();
    queue.add('a');
    queue.addAfter('b', 100);
    queue.addAfter('c', 200);
    await next(queue);
    expect(queue.counts()).toEqual({ ready: 0, delayed: 2, working: 1, added: 3, retried: 0 });
    await clock.advance(150);
    expect(queue.counts()).toMatchObject({ ready: 1, delayed: 1 });
  });

  it('stay those of one key, however often it is brought forward', async () => {
    const { queue, clock } = setup();
    queue.addAfter('b', 1_790_000);
    for (let round = 0; round < 5000; round += 1) queue.addAfter('a', 1_800_000 - round);
    expect(queue.counts().delayed).toBe(2);
    await clock.advance(1_800_000);
    expect([await next(queue), await next(queue), await next(queue)]).toEqual(['b', 'a', undefined]);
  });
});

type Entry = { key: string; dueAt: number; turn: number };

const namespaceIn = (key: string) => key.split('/')[0] ?? '';

/**
 * What the queue should do, said in the plainest way: a list of waiting keys, a list of namespaces with ripe ones, of
 * which the first has its turn, and a set of those being worked on.
 */
class Model {
  waiting: Entry[] = [];
  namespaces: string[] = [];
  working = new Set<string>();
  now = 0;
  turn = 0;

  addAfter(key: string, ms: number): void {
    const dueAt = this.now + ms;
    const before = this.waiting.find((entry) => entry.key === key);
    if (before !== undefined && before.dueAt <= dueAt) return;
    this.turn += 1;
    this.waiting = this.waiting.filter((entry) => entry !== before);
    this.waiting.push({ key, dueAt, turn: this.turn });
    this.#ripen();
  }

  pass(ms: number): void {
    for (let step = 0; step < ms; step += 1) {
      this.now += 1;
      this.#ripen();
    }
  }

  take(): string | undefined {
    for (const namespace of this.namespaces) {
      const first = this.#ripe(namespace).find(({ key }) => !this.working.has(key));
      if (first === undefined) continue;
      this.waiting = this.waiting.filter((entry) => entry !== first);
      this.working.add(first.key);
      const others = this.namespaces.filter((other) => other !== namespace);
      this.namespaces = this.#ripe(namespace).length === 0 ? others : [...others, namespace];
      return first.key;
    }
    return undefined;
  }

  #ripe(namespace?: string): Entry[] {
    const due = this.waiting.filter(({ dueAt }) => dueAt <= this.now);
    const own = due.filter(({ key }) => namespace === undefined || namespaceIn(key) === namespace);
    return own.sort((a, b) => a.dueAt - b.dueAt || a.turn - b.turn);
  }

  #ripen(): void {
    for (const { key } of this.#ripe())
      if (!this.namespaces.includes(namespaceIn(key))) this.namespaces.push(namespaceIn(key));
  }
}

type Command =
  | Readonly<{ do: 'add'; key: string; ms: number }>
  | Readonly<{ do: 'take' }>
  | Readonly<{ do: 'done'; key: string }>
  | Readonly<{ do: 'wait'; ms: number }>;

/** Does the same to both; the keys that each handed out are the answer. */
async function obey(command: Command, queue: Workqueue, clock: ManualClock, model: Model) {
  switch (command.do) {
    case 'add':
      queue.addAfter(command.key, command.ms);
      return model.addAfter(command.key, command.ms);
    case 'take':
      return expect(await next(queue)).toBe(model.take());
    case 'done':
      queue.done(command.key);
      return model.working.delete(command.key);
    case 'wait':
      clock.advanceNow(command.ms);
      model.pass(command.ms);
  }
}

describe('against a naive model', () => {
  const key = fc.constantFrom('a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'c/1');
  const command: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ do: fc.constant('add' as const), key, ms: fc.constantFrom(0, 0, 5, 10, 20) }),
    fc.record({ do: fc.constant('take' as const) }),
    fc.record({ do: fc.constant('done' as const), key }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 5, 10) }),
  );

  it('hands out the same keys in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 80 }), async (commands) => {
        const clock = new ManualClock();
        const queue = new Workqueue({ clock });
        const model = new Model();
        for (const one of commands) {
          await obey(one, queue, clock, model);
          const { ready, delayed, working } = queue.counts();
          expect([ready + delayed, working]).toEqual([model.waiting.length, model.working.size]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('heap', () => {
  it('gives what a stable sort gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (orders) => {
        const heap = new Heap<number>();
        for (const [index, order] of orders.entries()) heap.push(index, order);
        const out = Array.from({ length: heap.size }, () => heap.pop());
        const sorted = [...orders.keys()].sort((a, b) => (orders[a] ?? 0) - (orders[b] ?? 0));
        expect(out).toEqual(sorted);
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });
});
