import type { AlmClientOptions } from '../../src/alm/options.ts';
import { Throttles } from '../../src/alm/throttles.ts';
import { type AlmConnection, type ConnectionStatus, connectionStatus } from '../../src/api/almconnection.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { parseStatus } from '../../src/api/parse.ts';
import { fail } from '../../src/domain/reasons.ts';
import type { KubeEvent } from '../../src/kube/eventseries.ts';
import { EdgeError, type Outcome } from '../../src/kube/outcome.ts';
import { connectionReconciler } from '../../src/reconcile/connection.ts';
import { Sessions } from '../../src/reconcile/sessions.ts';
import { connectionIndexes } from '../../src/reconcile/wakes.ts';
import { ManualClock } from '../kube/support/clock.ts';
import { secretText } from '../support/canary.ts';
import { Alm } from './alm.ts';
import { Cluster } from './cluster.ts';
import { HOUR, NAMESPACE, want } from './manifests.ts';
import { kept, relist } from './stores.ts';

export const LOGIN = secretText('login');
export const GOOD = 'read Secret → login → GET → status';
export const login = { clientCredentials: { clientId: 'LmOperator', clientSecretRef: { name: 'login' } } };
export const edge = (reason: Parameters<typeof fail>[0], retryAfterMs?: number) =>
  new EdgeError({ ...fail(reason, `${reason} it is`), ...(retryAfterMs !== undefined && { retryAfterMs }) });

/** Passes for connections, of which `main` is there from the beginning. */
export class Scene {
  readonly cluster = new Cluster();
  readonly alm = new Alm(this.cluster);
  readonly sessions = new Sessions();
  readonly clock = new ManualClock();
  readonly throttles = new Throttles(this.clock);
  readonly made: Omit<AlmClientOptions, 'now' | 'proxy'>[] = [];
  readonly probed: string[] = [];
  readonly events: KubeEvent[] = [];
  readonly logged: unknown[] = [];
  nowMs = Date.parse('2026-03-01T12:00:00Z');
  outcome: Outcome | undefined;
  thrown: unknown;
  refusal: EdgeError | undefined;
  #connections = kept<AlmConnection>(connectionIndexes);
  #reconcile: ReturnType<typeof connectionReconciler>;

  constructor(resyncIntervalMs = HOUR, { seesNamespaces = true } = {}) {
    const kube = this.cluster.client();
    const write = (fields: object) => {
      this.logged.push(fields);
    };
    this.#reconcile = connectionReconciler({
      kube,
      connections: this.#connections.store,
      secretReader: { kube, allowed: () => false, operatorNamespace: NAMESPACE },
      sessions: this.sessions,
      throttles: this.throttles,
      createClient: (options) => {
        if (this.refusal !== undefined) throw this.refusal;
        this.made.push(options);
        return this.alm.client();
      },
      probed: (name) => this.probed.push(name),
      resyncIntervalMs,
      seesNamespaces,
      events: { emit: (event) => this.events.push(event) },
      log: { debug: write, info: write, warn: write, error: write },
      now: () => this.nowMs,
      random: () => 0.5,
    });
    this.alm.clients.set('LmOperator', { record: { ...want, clientId: 'LmOperator' }, secret: LOGIN });
    this.applySecret();
    this.apply();
  }

  /** `createdAt`: hours of the day. */
  apply(change: Readonly<Record<string, unknown>> = {}, name = 'main', createdAt = '09'): void {
    const creationTimestamp = `2026-03-01T${createdAt}:00:00Z`;
    this.cluster.put('almconnections', {
      apiVersion: API_VERSION,
      kind: 'AlmConnection',
      metadata: { namespace: NAMESPACE, name, creationTimestamp },
      spec: { endpoint: 'https://alm/', auth: login, ...change },
    });
  }

  applySecret(password = LOGIN, name = 'login'): void {
    const data = { clientSecret: Buffer.from(password).toString('base64') };
    this.cluster.put('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: NAMESPACE, name },
      data,
    });
  }

  async pass(name = 'main'): Promise<string> {
    const begin = this.cluster.steps.length;
    relist(this.#connections, this.cluster.of('almconnections'));
    this.outcome = undefined;
    this.thrown = undefined;
    try {
      this.outcome = await this.#reconcile(`${NAMESPACE}/${name}`, new AbortController().signal);
    } catch (error) {
      this.thrown = error;
    }
    return this.cluster.steps.slice(begin).join(' → ');
  }

  status(name = 'main'): ConnectionStatus {
    return parseStatus(connectionStatus, this.cluster.one('almconnections', name)?.status);
  }

  conditions(name = 'main'): string {
    const { conditions = [] } = this.status(name);
    return conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).join(' ');
  }
}
