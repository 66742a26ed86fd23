import { Alm, type Knobs } from './alm.ts';
import { restore } from './backup.ts';
import { Beliefs } from './belief.ts';
import { ModelClock } from './clock.ts';
import { CLAIMS, Cluster, CREDENTIALS } from './cluster.ts';
import { WATCHED } from './feed.ts';
import { Judge } from './judge.ts';
import { Ledger } from './ledger.ts';
import { Logins } from './logins.ts';
import { type Composition, type OperatorProcess, startOperator } from './process.ts';
import { type Fate, type Request, Requests, settled } from './requests.ts';
import { ENDPOINTS } from './slots.ts';
import { type Intent, Users } from './users.ts';

/** Everything that can happen in the modelled world, and the order in which it does. */

export type Action =
  | Intent
  /** Requests, watches and timers go on as chance has it, and nothing goes wrong. */
  | Readonly<{ drive: 'flow'; steps: number }>
  /** One request meets its fate; `half`: its answer is still on the way. */
  | Readonly<{ drive: 'request'; pick: number; fate: Fate; half: boolean }>
  /** The next request of that kind meets this fate, or is the last thing that the process does or begins to do. */
  | Readonly<{ drive: 'trap'; at: string; fate: Fate | 'crash' | 'crashAfterwards' }>
  | Readonly<{ drive: 'watch' | 'relist'; watch: number }>
  /** Time passes; with `live`, everything under way comes to its end meanwhile. */
  | Readonly<{ drive: 'wait' | 'live'; ms: number }>
  /** A backup is put back while the operator is away, or under its eyes; what is left of it comes with `bringBack`. */
  | Readonly<{ drive: 'crash' | 'start' | 'restore' | 'restoreUnder' | 'bringBack' }>;

/** A process that dies with every such step is one that was killed between any two. */
export class World {
  readonly violations: string[] = [];
  readonly clock: ModelClock;
  readonly cluster: Cluster;
  readonly alms: readonly Alm[];
  readonly ledger: Ledger;
  readonly requests = new Requests();
  readonly #users: Users;
  readonly #judge: Judge;
  readonly #beliefs: Beliefs;
  readonly #composition: Composition;
  #operator: OperatorProcess | undefined;
  #bringBack: (() => void) | undefined;
  #traps: Extract<Action, { drive: 'trap' }>[] = [];

  constructor(seed: number, knobs: readonly Knobs[], composition: Composition = {}) {
    this.clock = new ModelClock(seed);
    this.cluster = new Cluster(() => this.clock.wallMs);
    this.alms = knobs.map((one, index) => new Alm(ENDPOINTS[index] ?? '', one, () => this.clock.now));
    this.ledger = new Ledger(this.cluster);
    const violate = (what: string) => void this.violations.push(what);
    this.#judge = new Judge(this.cluster, this.alms, this.ledger, violate);
    this.#composition = composition;
    this.#users = new Users(this.cluster, this.alms);
    this.#users.furnish();
    this.#beliefs = new Beliefs(this.cluster, this.alms, violate);
    this.#listen(this.#beliefs, new Logins(this.cluster, this.alms, violate));
    this.#start();
  }

  #listen(beliefs: Beliefs, logins: Logins): void {
    for (const alm of this.alms) {
      alm.onTaken = (taken) => {
        if (taken.pass === undefined) this.#judge.lastMeddling = this.requests.sent;
        this.#judge.noteTaken(taken);
        logins.noteTaken(taken);
      };
      alm.onTold = (told) => {
        beliefs.noteTold(told);
        const isRead = typeof told.answer !== 'string' && told.answer.answer === 'record';
        if (isRead && !this.#judge.readers.has(alm)) this.#judge.readers.set(alm, this.requests.sent);
      };
    }
    this.cluster.onChange = (change) => {
      if (change.plural === CLAIMS) this.#judge.noteClaim(change);
      if (change.plural !== CREDENTIALS) return;
      this.ledger.noteObject(change);
      beliefs.noteStatus(change);
      logins.noteStatus(change);
    };
  }

  async does(action: Action): Promise<void> {
    if ('user' in action) {
      // Times are told to the second: a kind that is defined anew is younger than what was of it before.
      if (action.user === 'bringKind') await this.#wait(1000);
      this.ledger.kindEnding = action.user === 'endKind';
      this.#users.does(action);
      this.ledger.kindEnding = false;
      return;
    }
    switch (action.drive) {
      case 'flow':
        for (let step = 0; step < action.steps; step += 1) await this.#flow();
        return;
      case 'request':
        return this.#meet(action.pick, action.fate, action.half);
      case 'trap':
        this.#traps.push(action);
        return;
      case 'watch':
      case 'relist':
        this.#watch(action.drive, action.watch);
        return settled();
      case 'wait':
        return this.#wait(action.ms);
      case 'live':
        return this.#live(action.ms, 2000);
      case 'crash':
        this.#crash();
        return;
      case 'start':
        return this.#start();
      case 'restore':
        this.#crash();
        this.#restore();
        return this.#start();
      case 'restoreUnder':
        this.#restore();
        for (const feed of Object.values(this.#operator?.feeds ?? {})) feed.relist();
        return;
      case 'bringBack':
        return this.#finishRestore();
    }
  }

  /** All that is under way comes to its end, nothing goes wrong any more, and then this much time passes. */
  async calm(ms: number, most: number): Promise<void> {
    this.#traps = [];
    this.#start();
    this.#finishRestore();
    return this.#live(ms, most);
  }

  async #live(ms: number, most: number): Promise<void> {
    const until = this.clock.now + ms;
    const before = this.requests.sent;
    while (this.requests.sent - before <= most) {
      if (await this.#proceed()) continue;
      if (!this.clock.step(until)) return;
      await settled();
    }
    this.violations.push(`${most} requests were not enough to come to rest`);
  }

  /** Brings whatever is on its way; false where nothing is. */
  async #proceed(): Promise<boolean> {
    const feeds = Object.values(this.#operator?.feeds ?? {}).filter((feed) => feed.isBehind);
    const [request] = this.requests.open;
    for (const feed of feeds) feed.deliver();
    if (request !== undefined) this.#answer(request);
    if (feeds.length === 0 && request === undefined) return false;
    await settled();
    return true;
  }

  async #flow(): Promise<void> {
    const feeds = Object.values(this.#operator?.feeds ?? {}).filter((feed) => feed.isBehind);
    const choices = [...feeds, ...this.requests.open];
    const choice = choices[Math.floor(this.clock.random() * choices.length)];
    if (choice === undefined) this.clock.step(this.clock.now + 40_000);
    else if ('deliver' in choice) choice.deliver();
    else this.#answer(choice);
    await settled();
  }

  #answer(request: Request): void {
    const trap = this.#traps.find(({ at }) => request.ask.what.startsWith(at));
    this.#traps = this.#traps.filter((other) => other !== trap);
    const fate = trap?.fate ?? 'answered';
    if (fate === 'crash' || fate === 'crashAfterwards') {
      if (fate === 'crashAfterwards') this.requests.reach(request, 'answered');
      this.#crash();
    } else {
      this.requests.answer(request, fate);
    }
  }

  async #meet(pick: number, fate: Fate, half: boolean): Promise<void> {
    const { open } = this.requests;
    const request: Request | undefined = open[pick % Math.max(1, open.length)];
    if (request === undefined) return;
    if (half) this.requests.reach(request, fate);
    else this.requests.answer(request, fate);
    await settled();
  }

  #watch(how: 'watch' | 'relist', pick: number): void {
    const feed = this.#operator?.feeds[WATCHED[pick % WATCHED.length] ?? CLAIMS];
    if (how === 'relist') feed?.relist();
    else feed?.deliver();
  }

  async #wait(ms: number): Promise<void> {
    const until = this.clock.now + ms;
    while (this.clock.step(until)) await settled();
  }

  #crash(): void {
    this.#beliefs.noteCrash(this.requests.open.flatMap(({ pass }) => pass ?? []));
    this.#operator?.kill();
    this.#operator = undefined;
    this.#judge.readers.clear();
  }

  #start(): void {
    if (this.#operator !== undefined) return;
    this.#operator = startOperator(
      {
        ...this,
        sawEnd: (uid) => this.ledger.seenEnds.add(uid),
        onError: (fields, message) => this.violations.push(`${message}: ${String(Object.values(fields)[0])}`),
      },
      this.#composition,
    );
  }

  #restore(): void {
    this.#finishRestore();
    this.ledger.restoring = true;
    this.#bringBack = restore(this.cluster);
    this.ledger.restoring = false;
  }

  #finishRestore(): void {
    this.#bringBack?.();
    this.#bringBack = undefined;
  }
}
