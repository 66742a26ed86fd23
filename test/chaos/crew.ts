/** The operator's processes: two at any time, one of which holds the lease; whoever ends is replaced. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../support/scenario.ts';
import { type Replica, spawnReplica } from '../system/handover/replica.ts';

/** Short, and long enough for a machine with much to do. */
const CREW_FLAGS = [
  '--leader-elect',
  ...['--leader-elect-lease-duration', '6s'],
  ...['--leader-elect-renew-deadline', '4s'],
  ...['--leader-elect-retry-period', '1s'],
];
/** The elder holds the lease through whatever befalls the API server, until it is killed. */
const ELDER_FLAGS = [
  '--leader-elect',
  ...['--leader-elect-lease-duration', '60s'],
  ...['--leader-elect-renew-deadline', '45s'],
  ...['--leader-elect-retry-period', '1s'],
];
const COMMON = ['--generated-secrets', 'true', '--log-level', 'debug'];
const ENV = { NODE_OPTIONS: `--import=${new URL('collected.ts', import.meta.url).href}` };

const CREW = 2;
const PAUSE_MS = 250;
const LIMIT_MS = 90_000;

export type Left = Readonly<{ heap: number; handles: number }>;

type Member = {
  readonly replica: Replica;
  readonly isElder: boolean;
  over: boolean;
  paused: boolean;
  told: boolean;
};

export class Crew {
  readonly #scenario: Scenario;
  readonly #members: Member[] = [];
  readonly #problems: string[] = [];
  #watching: Promise<void> = Promise.resolve();
  #closed = false;
  #elder: Member | undefined;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** All that there ever were. */
  get replicas(): readonly Replica[] {
    return this.#members.map(({ replica }) => replica);
  }

  /** Ends that nobody can explain: neither told to, nor killed, nor without the lease. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  async start(): Promise<void> {
    await this.#fill();
    this.#watching = this.#keep();
    await this.#until(() => this.holder() !== undefined, 'somebody to hold the lease');
  }

  /** Of those that are there the one that won last. */
  holder(): Replica | undefined {
    return this.#alive().findLast(isLeader)?.replica;
  }

  follower(): Replica | undefined {
    const holder = this.holder();
    return this.#alive().find(({ replica }) => replica !== holder)?.replica;
  }

  /** Whom a blow may strike that a process does not survive. */
  mayDie(replica: Replica): boolean {
    return replica !== this.#elder?.replica;
  }

  /** Once: a second signal would not let it end in order. */
  end(replica: Replica): void {
    const member = this.#members.find((one) => one.replica === replica);
    if (member === undefined || member.told) return;
    member.told = true;
    replica.operator.kill('SIGTERM');
  }

  /** For so long it stands still. */
  async pause(replica: Replica, ms: number): Promise<void> {
    const member = this.#members.find((one) => one.replica === replica);
    if (member === undefined || member.over || member.paused) return;
    member.paused = true;
    replica.operator.kill('SIGSTOP');
    await sleep(ms);
    replica.operator.kill('SIGCONT');
    member.paused = false;
  }

  /** From now on one process stays, which alone may lead. */
  async seat(): Promise<void> {
    this.#elder = await this.#spawn(true);
    const elder = this.#elder;
    const others = (isIn: (member: Member) => boolean) =>
      this.#alive().filter((member) => member !== elder && isIn(member));
    for (const { replica } of others(() => true)) this.end(replica);
    await this.#until(() => {
      for (const { replica } of others(isLeader)) this.end(replica);
      return isLeader(elder);
    }, 'the elder to hold the lease');
  }

  /** What the elder holds after collection. */
  async left(): Promise<Left> {
    if (this.#elder === undefined) throw new Error('There is no elder');
    const { operator } = this.#elder.replica;
    const before = operator.lines.filter(isCollected).length;
    operator.kill('SIGUSR2');
    const { heap, handles } = await operator.logged(
      ({ msg, count }) => msg === 'garbage collected' && count === before + 1,
    );
    return { heap: Number(heap), handles: Number(handles) };
  }

  /** All networks mended, two processes, one of which leads. */
  async calm(): Promise<void> {
    for (const { replica } of this.#alive()) {
      replica.tunnel.mend();
      replica.front.thaw();
      await replica.front.accept();
    }
    await this.#until(() => this.holder() !== undefined && this.follower() !== undefined, 'two processes');
  }

  async pages(): Promise<readonly string[]> {
    return Promise.all(this.#alive().map(({ replica }) => replica.operator.metrics()));
  }

  /** Told to end, they end in order; killed where that takes too long. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#watching;
    for (const { replica, told } of this.#alive()) {
      if (told) continue;
      await replica.operator.stop().catch((error: Error) => this.#problems.push(error.message));
    }
    await Promise.all(this.#members.map(({ replica }) => replica.clear().catch(() => undefined)));
  }

  #alive(): readonly Member[] {
    return this.#members.filter(({ over }) => !over);
  }

  async #keep(): Promise<void> {
    for (; !this.#closed; await sleep(PAUSE_MS)) await this.#fill();
  }

  async #fill(): Promise<void> {
    while (!this.#closed && this.#alive().length < CREW) await this.#spawn(false);
  }

  async #spawn(isElder: boolean): Promise<Member> {
    const name = `replica-${this.#members.length + 1}`;
    const flags = [...(isElder ? ELDER_FLAGS : CREW_FLAGS), ...COMMON];
    const replica = await spawnReplica(this.#scenario, name, flags, ENV);
    const member: Member = { replica, isElder, over: false, paused: false, told: false };
    this.#members.push(member);
    void replica.operator.exited.then(async ({ code, signal }) => {
      member.over = true;
      await replica.clear();
      if (signal === 'SIGKILL' || code === 0) return;
      const last = replica.operator.lines.findLast((line) => line.startsWith('alm-operator: ')) ?? '';
      const known = code === 1 && /^alm-operator: the lease was lost: /.test(last);
      if (!known || isElder)
        this.#problems.push(`${name} ended with ${code ?? signal}:\n${replica.operator.tail(20)}`);
    });
    return member;
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    for (const deadline = Date.now() + LIMIT_MS; !holds(); await sleep(PAUSE_MS)) {
      if (Date.now() > deadline) throw new Error(`Not seen: ${what}, within ${LIMIT_MS} ms`);
    }
  }
}

function isLeader({ replica }: Member): boolean {
  return replica.operator.lines.some((line) => line.includes('"msg":"lease won"'));
}

function isCollected(line: string): boolean {
  return line.includes('"msg":"garbage collected"');
}
