import { Throttles } from '../../src/alm/throttles.ts';
import type { AlmClientClaim } from '../../src/api/almclientclaim.ts';
import type { AlmConnection } from '../../src/api/almconnection.ts';
import type { ClientCredential } from '../../src/api/clientcredential.ts';
import type { KubeEvent } from '../../src/kube/eventseries.ts';
import type { Outcome } from '../../src/kube/outcome.ts';
import { parseSelector } from '../../src/kube/selector.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { Changes } from '../../src/reconcile/changes.ts';
import { claimsIn } from '../../src/reconcile/claims.ts';
import { credentialReconciler } from '../../src/reconcile/credential.ts';
import { Departures } from '../../src/reconcile/departures.ts';
import type { CredentialDeps } from '../../src/reconcile/deps.ts';
import { Drifts } from '../../src/reconcile/drifts.ts';
import { type Observer, unobserved } from '../../src/reconcile/observer.ts';
import { Proofs } from '../../src/reconcile/proofs.ts';
import { ResyncTimers } from '../../src/reconcile/resync.ts';
import { Sessions } from '../../src/reconcile/sessions.ts';
import { ClaimQueue } from '../../src/reconcile/waiting.ts';
import { claimIndexes, secretIndexes } from '../../src/reconcile/wakes.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { secretText } from '../support/canary.ts';
import { Alm } from './alm.ts';
import { HOUR, Manifests, NAMESPACE, TEAM } from './manifests.ts';
import { kept, relist } from './stores.ts';

/** Passes for credentials, with everything around them in the process: a cluster, an ALM, stores and a clock. */

export type LogLine = Readonly<{ level: string; fields: object; message: string }>;

export class World extends Manifests {
  readonly alm = new Alm(this.cluster);
  readonly events: KubeEvent[] = [];
  readonly logged: LogLine[] = [];
  readonly woken: string[] = [];
  readonly probed: string[] = [];
  /** `blind`: named namespaces are watched, so that nothing is known of their labels. */
  readonly settings: { resyncIntervalMs: number; labels?: string; blind?: boolean; generates?: boolean } = {
    resyncIntervalMs: HOUR,
  };
  nowMs = Date.parse('2026-03-01T12:00:00Z');
  random = 0.5;
  sessions = new Sessions();
  throttles = this.#newThrottles();
  claimQueue = this.#newQueue();
  timers = this.#newTimers();
  drifts = new Drifts();
  departures = this.#newDepartures();
  proofs = this.#newProofs();
  changes = new Changes(() => this.nowMs);
  observer: Observer = unobserved;
  /** Every secret that the operator made, in order. */
  readonly made: string[] = [];
  #credentials = kept<ClientCredential>();
  #connections = kept<AlmConnection>();
  #claims = kept<AlmClientClaim>(claimIndexes);
  #secrets = kept<KubeObject>(secretIndexes);
  #namespaces = kept<KubeObject>();
  #reconcile = this.#newReconciler();

  /** A connection that is logged in, a Secret, an object: the good case. */
  static good(change: Readonly<Record<string, unknown>> = {}): World {
    const world = new World();
    world.connect();
    world.applySecret();
    world.apply(change);
    return world;
  }

  connect(readable = false): void {
    this.applyConnection();
    this.sessions.set('default', {
      usable: true,
      client: this.alm.client(),
      endpoint: 'https://alm',
      readable,
    });
  }

  /** The watches catch up with the cluster. */
  sync(): void {
    relist(this.#credentials, this.cluster.of('clientcredentials'));
    relist(this.#connections, this.cluster.of('almconnections'));
    relist(this.#claims, this.cluster.of('almclientclaims'));
    const metadataOnly = this.cluster
      .of('secrets')
      .map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }));
    relist(this.#secrets, metadataOnly);
    relist(this.#namespaces, this.cluster.of('namespaces'));
  }

  /** One pass, on stores that are up to date. Answers its steps; what it threw is in `thrown`. */
  async pass(key = `${TEAM}/orders`): Promise<string> {
    this.sync();
    return this.passOnStale(key);
  }

  outcome: Outcome | undefined;
  thrown: unknown;

  /** One pass, on the stores as they are. */
  async passOnStale(key = `${TEAM}/orders`, signal = new AbortController().signal): Promise<string> {
    const begin = this.cluster.steps.length;
    this.outcome = undefined;
    this.thrown = undefined;
    try {
      this.outcome = await this.#reconcile(key, signal);
    } catch (error) {
      this.thrown = error;
    }
    return this.cluster.steps.slice(begin).join(' → ');
  }

  /** The process ends and another starts: nothing but cluster and ALM is left, and the connection is probed anew. */
  restart(readable = false): void {
    this.cluster.dead = false;
    this.cluster.breaks.length = 0;
    this.sessions = new Sessions();
    this.throttles = this.#newThrottles();
    this.claimQueue = this.#newQueue();
    this.timers = this.#newTimers();
    this.drifts = new Drifts();
    this.departures = this.#newDepartures();
    this.changes = new Changes(() => this.nowMs);
    this.proofs = this.#newProofs();
    this.#credentials = kept();
    this.#connections = kept();
    this.#claims = kept(claimIndexes);
    this.#secrets = kept(secretIndexes);
    this.#namespaces = kept();
    this.#reconcile = this.#newReconciler();
    this.connect(readable);
  }

  deps(): CredentialDeps {
    const kube = this.cluster.client();
    const { labels } = this.settings;
    const allowed = labels === undefined ? undefined : parseSelector(labels);
    const write = (level: string) => (fields: object, message: string) => {
      this.logged.push({ level, fields, message });
    };
    return {
      operatorNamespace: NAMESPACE,
      defaultConnection: 'default',
      resyncIntervalMs: this.settings.resyncIntervalMs,
      kube,
      credentials: this.#credentials.store,
      connections: this.#connections.store,
      claims: this.#claims.store,
      secrets: this.#secrets.store,
      namespaces: this.settings.blind === true ? undefined : this.#namespaces.store,
      claimWriter: claimsIn(NAMESPACE, kube, this.#claims.store, { info: write('info') }),
      secretReader: { kube, allowed, operatorNamespace: NAMESPACE },
      sessions: this.sessions,
      claimQueue: this.claimQueue,
      throttles: this.throttles,
      lane: { name: 'clientcredential', workers: 8, wake: (key) => this.woken.push(key) },
      timers: this.timers,
      drifts: this.drifts,
      departures: this.departures,
      proofs: this.proofs,
      changes: this.changes,
      observer: this.observer,
      generatesSecrets: this.settings.generates ?? false,
      newSecret: (length) => this.newSecret(length),
      probe: (connection) => this.probed.push(connection),
      events: { emit: (event) => this.events.push(event), stop: async () => undefined },
      log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      now: () => this.nowMs,
      random: () => this.random,
    };
  }

  /** After the settings were changed. */
  reconfigure(): void {
    this.#reconcile = this.#newReconciler();
  }

  #newReconciler() {
    return credentialReconciler(this.deps());
  }

  /** Nothing fires by itself here: what waits for a time waits for ever. */
  #newThrottles(): Throttles {
    return new Throttles({
      now: () => this.nowMs,
      wallMs: () => this.nowMs,
      random: () => this.random,
      setTimer: () => () => undefined,
    });
  }

  #newQueue(): ClaimQueue {
    return new ClaimQueue((key) => this.woken.push(key));
  }

  newSecret(length: number): Sensitive {
    const secret = secretText(`made-${this.made.length}`).padEnd(length, 'x').slice(0, length);
    this.made.push(secret);
    return new Sensitive(secret);
  }

  #newProofs(): Proofs {
    return new Proofs(() => this.nowMs);
  }

  #newDepartures(): Departures {
    return new Departures(() => this.nowMs);
  }

  #newTimers(): ResyncTimers {
    return new ResyncTimers(
      () => this.nowMs,
      () => this.random,
    );
  }
}

/** What Ready and the steps before Synced say where nothing holds the object back. */
export const READY = 'Ready=True/Applied Accepted=True/Valid ResolvedRefs=True/Resolved';

export const CREATION = 'read Secret → add finalizer → create claim → POST → claim Held → status';

/** A world in which the object has been created. */
export async function settled(change = {}): Promise<World> {
  const world = World.good(change);
  await world.pass();
  return world;
}

export function claimNameOf(world: World): string {
  return world.cluster.of('almclientclaims')[0]?.metadata.name ?? CLAIM;
}

/** As computed in test/domain/ownership.test.ts, for connection default and id orders. */
const CLAIM = 'orders-4bgp2pr4zle6i4ltiv4iytji6q';

/** The claim of an object orders in that namespace, before its first write. */
export function claimBy(namespace: string, name: string) {
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'AlmClientClaim',
    metadata: { namespace: 'alm-operator', name },
    spec: {
      connection: 'default',
      endpoint: 'https://alm',
      clientId: 'orders',
      owner: { namespace, name: 'orders', uid: `uid-of-${namespace}` },
      phase: 'Pending',
    },
  };
}
