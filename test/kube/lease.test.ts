import { describe, expect, it } from 'vitest';
import { type KubeClient, KubeError } from '../../src/kube/client.ts';
import type { Clock } from '../../src/kube/clock.ts';
import type { Lease, LeaseSpec } from '../../src/kube/election.ts';
import { createElector, type Elector } from '../../src/kube/lease.ts';
import { ManualClock, settle } from './support/clock.ts';
import { recordingLog } from './support/log.ts';

const TIMING = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2_000 };

type Verb = 'get' | 'create' | 'replace';

/** Leases in memory, by the API server's rules for versions; `meets` decides what becomes of a call. */
class Leases implements Pick<KubeClient, Verb> {
  lease: Lease | undefined;
  readonly calls: Verb[] = [];
  meets: (verb: Verb) => 'answer' | 'hang' | 'lose' | KubeError = () => 'answer';
  slowMs = 0;
  #version = 0;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  get = <T>(_: unknown, __: unknown, signal: AbortSignal) =>
    this.#call('get', signal, () => this.lease ?? refusal(404)) as Promise<T>;

  create = <T>(_: unknown, object: object, signal: AbortSignal) =>
    this.#call('create', signal, () => (this.lease ? refusal(409) : this.put(object as Lease))) as Promise<T>;

  replace = <T>(_: unknown, object: object, signal: AbortSignal) =>
    this.#call('replace', signal, () => {
      const { metadata } = object as Lease;
      const isCurrent = metadata.resourceVersion === this.lease?.metadata.resourceVersion;
      return isCurrent ? this.put(object as Lease) : refusal(409);
    }) as Promise<T>;

  put({ metadata, ...rest }: Lease): Lease {
    this.#version += 1;
    this.lease = { ...rest, metadata: { ...metadata, uid: 'u', resourceVersion: String(this.#version) } };
    return this.lease;
  }

  say(spec: LeaseSpec): void {
    const metadata = { name: 'alm-operator', namespace: 'home', uid: 'u', resourceVersion: '' };
    this.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  }

  async #call(verb: Verb, signal: AbortSignal, serve: () => Lease | KubeError): Promise<Lease> {
    this.calls.push(verb);
    const fate = this.meets(verb);
    if (fate instanceof KubeError) throw fate;
    const answer = fate === 'hang' ? undefined : serve();
    if (this.slowMs > 0)
      await new Promise<void>((resolve) => {
        this.#clock.setTimer(this.slowMs, resolve);
        signal.addEventListener('abort', () => resolve());
      });
    if (answer === undefined || fate === 'lose') await aborted(signal);
    signal.throwIfAborted();
    if (answer instanceof KubeError) throw answer;
    return answer as Lease;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function refusal(status: number): KubeError {
  return new KubeError({ status, reason: `Status${status}`, message: `refused with ${status}` });
}

const THEIRS: LeaseSpec = { holderIdentity: 'them', leaseDurationSeconds: 15, leaseTransitions: 2 };

type World = Readonly<{
  clock: ManualClock;
  leases: Leases;
  elector: Elector;
  stop: AbortController;
  /** Of the run. */
  ended: () => boolean;
  wins: () => number;
  log: ReturnType<typeof recordingLog>;
  /** Lets time pass that nobody notices: no timer fires. */
  freeze: (ms: number) => void;
}>;

async function campaign(prepare: (leases: Leases) => void = () => undefined): Promise<World> {
  const clock = new ManualClock();
  const leases = new Leases(clock);
  prepare(leases);
  const log = recordingLog();
  let frozenMs = 0;
  const jumping: Clock = {
    now: () => clock.now() + frozenMs,
    wallMs: clock.wallMs,
    random: () => 0.5,
    setTimer: clock.setTimer,
  };
  const elector = createElector({
    client: leases,
    namespace: 'home',
    name: 'alm-operator',
    identity: 'me',
    timing: TIMING,
    log: log.log,
    clock: jumping,
  });
  const stop = new AbortController();
  let wins = 0;
  let ended = false;
  const won = () => {
    wins += 1;
  };
  void elector.run(won, stop.signal).then(() => {
    ended = true;
  });
  await settle();
  const freeze = (ms: number) => {
    frozenMs += ms;
  };
  return { clock, leases, elector, stop, ended: () => ended, wins: () => wins, log, freeze };
}

describe('a campaign', () => {
  it('wins a lease that nobody has, and says so once', async () => {
    const { elector, leases, wins, clock, log } = await campaign();
    expect(leases.lease).toMatchObject({
      metadata: { namespace: 'home', name: 'alm-operator' },
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15, leaseTransitions: 0 },
    });
    expect([elector.permit(), elector.holds(), wins()]).toEqual([10_000, true, 1]);
    await clock.advance(60_000);
    expect(wins()).toBe(1);
    expect(log.at('info')).toEqual(['lease won']);
  });

  it('waits while another has it, and takes it soon after that one released it', async () => {
    const { elector, leases, clock, wins, log } = await campaign((them) => them.say(THEIRS));
    for (let renewal = 0; renewal < 20; renewal += 1) {
      await clock.advance(2000);
      leases.say(THEIRS);
    }
    expect([elector.permit(), elector.holds(), wins(), elector.lost.aborted]).toEqual([0, false, 0, false]);
    expect(log.at('info')).toEqual(['waiting for the lease']);
    leases.say({ ...THEIRS, holderIdentity: '', leaseDurationSeconds: 1 });
    await clock.advance(1200);
    expect([wins(), elector.holds(), leases.lease?.spec?.leaseTransitions]).toEqual([1, true, 3]);
  });

  it('takes the lease of one who renews no more after its duration', async () => {
    const { clock, wins } = await campaign((them) => them.say(THEIRS));
    await clock.advance(14_999);
    expect(wins()).toBe(0);
    await clock.advance(1200);
    expect(wins()).toBe(1);
  });

  it('warns once of a trouble that goes on, and goes on itself', async () => {
    const { clock, leases, log, wins } = await campaign((them) => {
      them.meets = () => refusal(403);
    });
    await clock.advance(30_000);
    expect(leases.calls.length).toBeGreaterThan(20);
    expect(log.at('warn')).toEqual(['the lease cannot be read or written']);
    leases.meets = () => 'answer';
    await clock.advance(1200);
    expect(wins()).toBe(1);
  });

  it('warns again of a trouble that comes back', async () => {
    const { clock, leases, log } = await campaign((them) => them.say(THEIRS));
    for (const fate of [refusal(503), 'answer', refusal(503)] as const) {
      leases.meets = () => fate;
      await clock.advance(2400);
    }
    expect(log.at('warn')).toHaveLength(2);
  });

  it('warns where there is no place for a lease', async () => {
    const { clock, log } = await campaign((leases) => {
      leases.meets = (verb) => (verb === 'create' ? refusal(404) : 'answer');
    });
    await clock.advance(3000);
    expect(log.at('warn').length).toBeGreaterThan(0);
  });

  it('takes a lost race for no trouble', async () => {
    const { clock, log, wins } = await campaign((leases) => {
      leases.meets = (verb) => {
        if (verb === 'create') leases.say(THEIRS);
        return 'answer';
      };
    });
    await clock.advance(3000);
    expect([wins(), log.at('warn'), log.at('info')]).toEqual([0, [], ['waiting for the lease']]);
  });

  it('ends when it is told to, and leaves alone what it never wrote', async () => {
    const { elector, leases, stop, ended } = await campaign((them) => them.say(THEIRS));
    stop.abort();
    await settle();
    expect(ended()).toBe(true);
    const before = leases.calls.length;
    await elector.release();
    expect(leases.calls.length).toBe(before);
    expect(elector.lost.aborted).toBe(false);
  });
});

describe('a holder', () => {
  it('renews in time, without a look before each renewal', async () => {
    const { elector, leases, clock } = await campaign();
    for (let ms = 0; ms < 60_000; ms += 500) {
      await clock.advance(500);
      expect(elector.permit()).toBeGreaterThanOrEqual(8000);
    }
    expect(leases.calls.filter((verb) => verb === 'get')).toHaveLength(1);
    expect(leases.calls.filter((verb) => verb === 'replace')).toHaveLength(30);
  });

  it('keeps the lease on an API server that takes four seconds for each answer', async () => {
    const { elector, leases, clock } = await campaign();
    leases.slowMs = 4000;
    for (let ms = 0; ms < 120_000; ms += 500) {
      await clock.advance(500);
      expect(elector.permit()).toBeGreaterThan(0);
    }
  });

  it('survives lost answers and refusals for as long as its time lasts', async () => {
    const { elector, leases, clock } = await campaign();
    const met = { get: 0, create: 0, replace: 0 };
    leases.meets = (verb) => {
      met[verb] += 1;
      if (met[verb] % 2 === 0) return 'answer';
      return verb === 'replace' ? 'lose' : refusal(503);
    };
    await clock.advance(120_000);
    expect(elector.holds()).toBe(true);
    expect(elector.lost.aborted).toBe(false);
  });

  it('loses it ten seconds after it sent the last renewal that was answered', async () => {
    const { elector, leases, clock, ended } = await campaign();
    await clock.advance(4000);
    leases.meets = () => 'hang';
    await clock.advance(9999);
    expect([elector.permit(), elector.lost.aborted]).toEqual([1, false]);
    await clock.advance(1);
    expect([elector.permit(), elector.lost.aborted, ended()]).toEqual([0, true, true]);
    expect(elector.lost.reason).toEqual(new Error('it could not be renewed in time'));
  });

  it('that stood still finds out with the first permit it asks for, before any timer does', async () => {
    const { elector, freeze, clock, leases } = await campaign();
    freeze(60_000);
    expect(elector.lost.aborted).toBe(false);
    expect(elector.permit()).toBe(0);
    expect(elector.lost.aborted).toBe(true);
    await clock.advance(60_000);
    expect(leases.calls.at(-1)).toBe('create');
  });

  it('that stood still and asks for nothing finds out with its next renewal', async () => {
    const { elector, freeze, clock } = await campaign();
    freeze(60_000);
    expect(elector.holds()).toBe(false);
    expect(elector.lost.aborted).toBe(false);
    await clock.advance(2000);
    expect(elector.lost.aborted).toBe(true);
  });

  it('puts a lease back that somebody deleted, and goes on', async () => {
    const { elector, leases, clock, wins, log } = await campaign();
    leases.meets = () => {
      if (leases.calls.at(-1) === 'replace' && leases.lease !== undefined) {
        leases.lease = undefined;
        return refusal(404);
      }
      return 'answer';
    };
    await clock.advance(2600);
    leases.meets = () => 'answer';
    await clock.advance(20_000);
    expect([elector.holds(), wins(), log.at('warn')]).toEqual([true, 1, []]);
    expect(leases.calls.filter((verb) => verb === 'create')).toHaveLength(2);
  });

  it('loses it to whoever it finds in it', async () => {
    const { elector, leases, clock, wins } = await campaign();
    leases.say(THEIRS);
    await clock.advance(2600);
    expect(elector.lost.reason).toEqual(new Error('them holds it'));
    leases.say({ ...THEIRS, holderIdentity: '' });
    await clock.advance(60_000);
    expect([wins(), elector.permit()]).toEqual([1, 0]);
  });
});

describe('a release', () => {
  it('empties the lease, and nothing is permitted from before it is sent', async () => {
    const { elector, leases, stop } = await campaign();
    stop.abort();
    await settle();
    expect(elector.permit()).toBe(10_000);
    const permits: number[] = [];
    leases.meets = () => {
      permits.push(elector.permit());
      return 'answer';
    };
    await elector.release();
    expect(permits).toEqual([0, 0]);
    expect(leases.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(elector.lost.aborted).toBe(false);
  });

  it('gives back also what was won by an answer that nobody heard', async () => {
    const { elector, leases, stop } = await campaign((them) => {
      them.meets = (verb) => (verb === 'create' ? 'lose' : 'answer');
    });
    expect(leases.lease?.spec?.holderIdentity).toBe('me');
    stop.abort();
    await settle();
    await elector.release();
    expect(leases.lease?.spec?.holderIdentity).toBe('');
  });

  it('takes nothing from another', async () => {
    const { elector, leases, stop } = await campaign();
    stop.abort();
    leases.say(THEIRS);
    await elector.release();
    expect(leases.lease?.spec).toEqual(THEIRS);
  });

  it('is given up after three seconds, with a warning', async () => {
    const { elector, leases, stop, clock, log } = await campaign();
    stop.abort();
    leases.meets = () => 'hang';
    let over = false;
    const released = elector.release().then(() => {
      over = true;
    });
    await clock.advance(2999);
    expect(over).toBe(false);
    await clock.advance(1);
    await released;
    expect(log.at('warn')).toEqual(['the lease could not be released; others wait for its end']);
  });
});
