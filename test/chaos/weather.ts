/** What befalls the processes, the API server, ALM and the networks between them. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { GateRequest } from '../support/gate/request.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import type { Scenario } from '../support/scenario.ts';
import type { Replica } from '../system/handover/replica.ts';
import type { Crew } from './crew.ts';
import type { Weather } from './deeds.ts';
import { TENANTS } from './slots.ts';

type Strike<S extends Weather['strike']> = Extract<Weather, { strike: S }>;
type OnServer = Extract<Weather, { strike: 'apiDown' | 'apiFrozen' }>;
type OnProcess = Extract<Weather, { who: unknown }>;
type OnAlm = Exclude<
  Weather,
  OnProcess | { strike: `api${string}` | 'cutWatches' | 'cutAll' | 'compact' | 'denied' }
>;

/** How long the moment before a write is waited for; those who write to ALM may have to wait themselves. */
const REACH_MS = 1500;
const ALM_REACH_MS = 8000;
const AGAIN_MS = 300;
const LATENCY_MS = 250;
const RATE = 5;

export class Storm {
  readonly #scenario: Scenario;
  readonly #crew: Crew;
  readonly #knobs: Scenario['alm']['knobs'];
  readonly #under: Promise<void>[] = [];
  readonly problems: string[] = [];
  readonly #denied = new Set<string>();
  /** The API server is struck by one thing at a time, ALM by one that takes it away. */
  #api: Promise<void> = Promise.resolve();
  #alm: Promise<void> = Promise.resolve();
  done = 0;

  constructor(scenario: Scenario, crew: Crew) {
    this.#scenario = scenario;
    this.#crew = crew;
    this.#knobs = { ...scenario.alm.knobs };
  }

  strikes(weather: Weather): void {
    this.done += 1;
    const blow = this.#blow(weather).catch((error: unknown) => {
      this.problems.push(`${weather.strike} failed: ${String(error)}`);
    });
    this.#under.push(blow);
  }

  /** When everything that goes on for a while is over. */
  async over(): Promise<void> {
    await Promise.all(this.#under);
  }

  async #blow(weather: Weather): Promise<void> {
    if ('who' in weather) return this.#process(weather);
    switch (weather.strike) {
      case 'apiDown':
      case 'apiFrozen':
        this.#api = this.#api.then(() => this.#server(weather));
        return this.#api;
      case 'compact':
        this.#api = this.#api.then(() => this.#scenario.cluster.compact());
        return this.#api;
      case 'cutWatches':
        return this.#scenario.gate.cut({ verb: 'watch' });
      case 'cutAll':
        return this.#scenario.gate.cut();
      case 'apiRefuses':
        this.#scenario.gate.fault(
          isWork,
          { times: weather.times },
          { kind: 'status', status: weather.status },
        );
        return;
      case 'apiLoses':
        this.#scenario.gate.fault(isWork, { times: weather.times }, { kind: 'reset', when: weather.when });
        return;
      case 'denied':
        return this.#deny(weather);
      default:
        return this.#onAlm(weather);
    }
  }

  async #process(weather: OnProcess): Promise<void> {
    const replica = weather.who === 'holder' ? this.#crew.holder() : this.#crew.follower();
    if (replica === undefined) return;
    const mayDie = this.#crew.mayDie(replica);
    switch (weather.strike) {
      case 'kill':
        return mayDie ? replica.operator.kill('SIGKILL') : undefined;
      case 'end':
        return mayDie ? this.#crew.end(replica) : undefined;
      case 'pause':
        return this.#crew.pause(replica, weather.ms);
      case 'pauseAtWrite':
        return this.#pauseAtWrite(replica, weather);
      case 'offAlm':
        replica.tunnel.cut();
        await sleep(weather.ms);
        return replica.tunnel.mend();
      case 'offKubernetes':
        return cutOff(replica, weather.ms);
    }
  }

  /** It has what it waited for when it stands still: the next thing that it would do is to write. */
  async #pauseAtWrite(
    replica: Replica,
    { after, ms }: Extract<Weather, { strike: 'pauseAtWrite' }>,
  ): Promise<void> {
    const { gate, alm } = this.#scenario;
    const isNext = ({ user, verb, resource }: GateRequest) =>
      user === replica.name &&
      verb === 'get' &&
      (resource === 'almclientclaims' || resource === 'clientcredentials');
    const hold = after === 'alm' ? alm.hold(isWrite, 'after') : gate.hold(isNext, 'after');
    const reached = await Promise.race([
      (hold.reached as Promise<unknown>).then(
        () => true,
        () => false,
      ),
      sleep(after === 'alm' ? ALM_REACH_MS : REACH_MS, false),
    ]);
    const paused = reached ? this.#crew.pause(replica, ms) : undefined;
    hold.release();
    await paused;
  }

  async #server(weather: OnServer): Promise<void> {
    const { cluster, gate } = this.#scenario;
    if (weather.strike === 'apiDown') {
      await cluster.down();
      await sleep(weather.ms);
      return cluster.up();
    }
    cluster.freeze();
    await sleep(weather.ms);
    // What a frozen connection still carries was asked by somebody who may have lost the lease since.
    gate.cut();
    cluster.thaw();
  }

  async #deny({ tenant, ms }: Strike<'denied'>): Promise<void> {
    this.#denied.add(tenant);
    await this.#admit();
    await sleep(ms);
    this.#denied.delete(tenant);
    await this.#admit();
  }

  /** Every tenant but those that are denied, until the API server has taken it. */
  async #admit(): Promise<void> {
    for (;;) {
      const names = TENANTS.filter((tenant) => !this.#denied.has(tenant));
      const rule = { namespaces: { names: names.length > 0 ? names : ['nobody'] } };
      const access = [{ ...rule, clientIds: ['*'], roles: ['*'], allowAdoption: true }];
      try {
        const patch = { type: 'merge', body: { spec: { access } } } as const;
        await this.#scenario.api.patch('AlmConnection', OPERATOR_NAMESPACE, 'default', patch);
        return;
      } catch {
        await sleep(AGAIN_MS);
      }
    }
  }

  async #onAlm(weather: OnAlm): Promise<void> {
    const { alm } = this.#scenario;
    switch (weather.strike) {
      case 'almDown':
        this.#alm = this.#alm.then(async () => {
          await alm.down();
          await sleep(weather.ms);
          await alm.up();
        });
        return this.#alm;
      case 'almErrs':
        return this.#erring(weather.ms);
      case 'almSlow':
        return this.#turned({ latencyMs: LATENCY_MS }, weather.ms);
      case 'almLimits':
        return this.#turned({ rateLimitPerSecond: RATE }, weather.ms);
      case 'almLags':
        return this.#turned({ replicas: 3, replicaLag: 4 }, weather.ms);
      case 'almLoses':
        alm.faults.add({
          match: () => true,
          times: weather.times,
          do: { kind: 'reset', when: weather.when },
        });
        return;
      case 'almIsUnheard':
        alm.faults.add({ match: isWrite, times: weather.times, do: { kind: 'reset', when: 'after' } });
        return;
      case 'almHangs':
        alm.faults.add({ match: isApi, times: weather.times, do: { kind: 'hang', when: weather.when } });
        return;
      case 'almForgets':
        return alm.state.tokens.clear();
      case 'almRefusesLogin':
        alm.faults.add({
          match: ({ path, clientId }) => path === '/oauth/token' && clientId === 'operator-login',
          times: 2,
          do: { kind: 'status', status: 401, body: '{"error":"invalid_client"}' },
        });
    }
  }

  /** As an ingress does whose ALM is away: some before it, some when it has done its work already. */
  async #erring(ms: number): Promise<void> {
    const { faults } = this.#scenario.alm;
    const ends = [503, 502, 504].map((status, n) =>
      faults.add({
        match: ({ n: at }) => at % 3 === n,
        do: { kind: 'status', status, when: n === 2 ? 'after' : 'before' },
      }),
    );
    await sleep(ms);
    for (const end of ends) end();
  }

  async #turned(knobs: Partial<Scenario['alm']['knobs']>, ms: number): Promise<void> {
    Object.assign(this.#scenario.alm.knobs, knobs);
    await sleep(ms);
    for (const name of Object.keys(knobs) as (keyof typeof knobs)[])
      Object.assign(this.#scenario.alm.knobs, { [name]: this.#knobs[name] });
  }
}

/** Its network to the API server carries nothing, and then drops what it carried. */
async function cutOff({ front }: Replica, ms: number): Promise<void> {
  front.freeze();
  await sleep(ms);
  await front.refuse();
  front.thaw();
  await front.accept();
}

function isWork({ user, resource }: GateRequest): boolean {
  return user.startsWith('replica-') && resource !== 'leases';
}

export function isWrite({ method, path }: Readonly<{ method: string; path: string }>): boolean {
  return isApi({ path }) && (method === 'POST' || method === 'PUT');
}

function isApi({ path }: Readonly<{ path: string }>): boolean {
  return path.startsWith('/api/');
}
