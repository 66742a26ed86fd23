import type { AlmClientOptions } from '../../src/alm/options.ts';
import { Throttles } from '../../src/alm/throttles.ts';
import type { AlmClientClaim } from '../../src/api/almclientclaim.ts';
import type { AlmConnection } from '../../src/api/almconnection.ts';
import type { ClientCredential } from '../../src/api/clientcredential.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { fail } from '../../src/domain/reasons.ts';
import type { AlmClient } from '../../src/domain/record.ts';
import { createController } from '../../src/kube/controller.ts';
import { EdgeError, type Outcome } from '../../src/kube/outcome.ts';
import { keyOf } from '../../src/kube/types.ts';
import { Workqueue } from '../../src/kube/workqueue.ts';
import { claimsIn } from '../../src/reconcile/claims.ts';
import { connectionReconciler } from '../../src/reconcile/connection.ts';
import { credentialReconciler } from '../../src/reconcile/credential.ts';
import { ResyncTimers } from '../../src/reconcile/resync.ts';
import { Sessions } from '../../src/reconcile/sessions.ts';
import { claimIndexes, connectionIndexes, credentialIndexes } from '../../src/reconcile/wakes.ts';
import { usersWaker } from '../../src/reconcile/wiring.ts';
import { ManualClock } from '../kube/support/clock.ts';
import { secretText } from '../support/canary.ts';
import { NAMESPACE, PASSWORD, spec } from './manifests.ts';
import { kept, relist } from './stores.ts';
import { World } from './world.ts';

/** Everything from the queues on, on a clock driven by hand: many objects, and ALMs that are away in some way. */

export type Call = Readonly<{ atMs: number; what: string; clientId: string }>;

/** What an ALM does with a call: undefined answers it as a sound one does. */
export type Manner = (call: Call) => EdgeError | undefined;

const WORKERS = 8;
const RESYNC_MS = 1_000 * 3_600_000;

export const away = () => new EdgeError(fail('AlmUnavailable', 'nobody answers'));

export class Outage {
  readonly clock = new ManualClock();
  readonly calls: Call[] = [];
  manner: Manner = () => undefined;
  readonly throttles = new Throttles(this.clock);
  readonly sessions = new Sessions();
  readonly world = new World();
  readonly queues = {
    credentials: new Workqueue({ clock: this.clock }),
    connections: new Workqueue({ clock: this.clock, backoff: { baseMs: 1_000, capMs: 60_000 } }),
    claims: new Workqueue({ clock: this.clock }),
  };
  readonly #connections = kept<AlmConnection>(connectionIndexes);
  readonly #credentials = kept<ClientCredential>(credentialIndexes('default'));
  readonly #claims = kept<AlmClientClaim>(claimIndexes);

  /** `limits` of the connection; `counts` says how many objects each namespace has. */
  constructor(counts: Readonly<Record<string, number>>, limits: Readonly<Record<string, number>> = {}) {
    const { cluster } = this.world;
    this.world.applyConnection({ limits });
    const login = { clientSecret: Buffer.from(secretText('login')).toString('base64') };
    const metadata = { namespace: NAMESPACE, name: 'login' };
    cluster.put('secrets', { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: login });
    for (const [namespace, count] of Object.entries(counts)) {
      this.world.applyNamespace(namespace);
      this.world.applySecret(PASSWORD, {}, namespace);
      for (let n = 0; n < count; n += 1) this.#put(namespace, `${namespace}-${n}`);
    }
    this.world.sync();
    relist(this.#connections, cluster.of('almconnections'));
    relist(this.#credentials, cluster.of('clientcredentials'));
    relist(this.#claims, []);
  }

  #put(namespace: string, name: string): void {
    this.world.cluster.put('clientcredentials', {
      apiVersion: API_VERSION,
      kind: 'ClientCredential',
      metadata: { namespace, name },
      spec: { ...spec, clientId: name },
    });
  }

  /** One more object, of which a watch tells. */
  declare(namespace: string, name: string): void {
    this.world.applyNamespace(namespace);
    this.world.applySecret(PASSWORD, {}, namespace);
    this.#put(namespace, name);
    this.world.sync();
    relist(this.#credentials, this.world.cluster.of('clientcredentials'));
    this.queues.credentials.add(`${namespace}/${name}`);
  }

  start(): void {
    const { queues } = this;
    this.#control('connection', queues.connections, 2, this.#connectionPass());
    this.#control('credential', queues.credentials, WORKERS, this.#credentialPass());
    queues.connections.add(`${NAMESPACE}/default`);
    for (const { metadata } of this.#credentials.store.list()) queues.credentials.add(keyOf(metadata));
  }

  /** How many objects say this of Ready. */
  ready(status: string, reason: string): number {
    return this.#credentials.store.list().filter((object) => {
      const { conditions = [] } = (object.status ?? {}) as { conditions?: Record<string, unknown>[] };
      const said = conditions.find(({ type }) => type === 'Ready');
      return said?.['status'] === status && said['reason'] === reason;
    }).length;
  }

  about(what: string): readonly Call[] {
    return this.calls.filter((call) => call.what === what);
  }

  #control(
    name: string,
    queue: Workqueue,
    workers: number,
    reconcile: (key: string, signal: AbortSignal) => Promise<Outcome>,
  ): void {
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object, message: string) => {
        throw new Error(message, { cause: fields });
      },
    };
    const synced = async () => undefined;
    createController({
      name,
      queue,
      workers,
      reconcile,
      passTimeoutMs: 3_600_000,
      synced,
      log,
      clock: this.clock,
    }).start();
  }

  #common() {
    const deps = this.world.deps();
    return {
      ...deps,
      resyncIntervalMs: RESYNC_MS,
      sessions: this.sessions,
      throttles: this.throttles,
      now: () => this.clock.wallMs(),
      random: () => this.clock.random(),
    };
  }

  #connectionPass() {
    return connectionReconciler({
      ...this.#common(),
      connections: this.#connections.store,
      createClient: ({ pace }) => this.#client(pace),
      probed: usersWaker(
        { credentials: this.#credentials.store, claims: this.#claims.store },
        this.sessions,
        this.queues,
      ),
      seesNamespaces: true,
    });
  }

  #credentialPass() {
    const common = this.#common();
    return credentialReconciler({
      ...common,
      credentials: this.#credentials.store,
      connections: this.#connections.store,
      claims: this.#claims.store,
      claimWriter: claimsIn(NAMESPACE, common.kube, this.#claims.store, { info: () => undefined }),
      timers: new ResyncTimers(
        () => this.clock.now(),
        () => this.clock.random(),
      ),
      lane: { name: 'credential', workers: WORKERS, wake: (key) => this.queues.credentials.add(key) },
      probe: (name, inMs = 0) => this.queues.connections.addAfter(`${NAMESPACE}/${name}`, inMs),
    });
  }

  #client(pace: AlmClientOptions['pace']): AlmClient {
    const honest = this.world.alm.client();
    const call = async <T>(what: string, clientId: string, signal: AbortSignal, answer: () => Promise<T>) => {
      await pace?.next(signal);
      const made = { atMs: this.clock.now(), what, clientId };
      this.calls.push(made);
      const failure = this.manner(made);
      if (failure !== undefined) throw failure;
      return answer();
    };
    return {
      read: (id, signal) => call('GET', id, signal, () => honest.read(id, signal)),
      create: (record, signal) => call('POST', record.clientId, signal, () => honest.create(record, signal)),
      update: (record, signal) => call('PUT', record.clientId, signal, () => honest.update(record, signal)),
      remove: (id, signal) => call('DELETE', id, signal, () => honest.remove(id, signal)),
      prove: (id, secret, signal) => call('prove', id, signal, () => honest.prove(id, secret, signal)),
      login: (signal) => call('login', '', signal, () => honest.login(signal)),
      close: () => honest.close(),
    };
  }
}
