import { Throttles } from './alm/throttles.ts';
import { GROUP } from './api/group.ts';
import { type Base, createControllers, type Environment } from './controllers.ts';
import { type KubeAuth, loadKubeConfig } from './kube/auth.ts';
import { systemClock } from './kube/clock.ts';
import { createEventRecorder } from './kube/events.ts';
import { KubeconfigError } from './kube/kubeconfig.ts';
import { createElector, type Elector } from './kube/lease.ts';
import type { Log } from './kube/log.ts';
import { Overdue } from './kube/overdue.ts';
import { createPresence } from './kube/presence.ts';
import { createKubeReader } from './kube/reads.ts';
import { createKubeClient } from './kube/requests.ts';
import { currentTrace } from './kube/trace.ts';
import { createTransport, type Transport } from './kube/transport.ts';
import type { Checks } from './ops/health.ts';
import { createLifecycle, type Lifecycle } from './ops/lifecycle.ts';
import { createLog } from './ops/log.ts';
import { createMetrics } from './ops/metrics.ts';
import { randomWord } from './ops/random.ts';
import { healthRoutes } from './ops/server.ts';
import { startServers } from './ops/servers.ts';
import { censusOf } from './reconcile/census.ts';
import { checksOf } from './reconcile/checks.ts';
import { createStores } from './reconcile/stores.ts';
import type { Settings } from './settings.ts';

/** Composition of `run`: settings → clients → stores → controllers → servers, and back at the end. */

/** The same for all: there is one active operator for each operator namespace. */
const LEASE = 'alm-operator';

/**
 * Runs until the signal fires, then ends in order: passes, events, lease. Resolves with one clear line where it could not
 * start, and where it lost its lease.
 */
export async function runOperator(
  settings: Settings,
  environment: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const namespace = settings.operatorNamespace ?? environment.serviceAccountNamespace;
  if (namespace === undefined) return 'outside a cluster --operator-namespace has to be given';
  const auth = authOf(settings, environment);
  if (typeof auth === 'string') return auth;
  const log = logOf(settings, environment);
  const metrics = createMetrics({ version: environment.version, now: () => systemClock.now() });
  const overdue = new Overdue(systemClock);
  const operator = compose({ settings, environment, auth, namespace, overdue, log, metrics });
  const health = healthRoutes(operator.checks);
  const servers = await startServers({ ...settings, health, metrics: metrics.page, log });
  if (typeof servers === 'string') {
    await operator.stop();
    return servers;
  }
  const started = { operatorNamespace: namespace, server: auth.server.origin, version: environment.version };
  log.info(started, 'operator starting');
  operator.start();
  await fired(AbortSignal.any([signal, operator.lost]));
  if (operator.lost.aborted && !signal.aborted) {
    await operator.abandon();
    await servers.close();
    return `the lease was lost: ${operator.lost.reason.message}`;
  }
  log.info({}, 'operator stopping');
  await operator.stop();
  await servers.close();
  log.info({}, 'operator stopped');
  return undefined;
}

function logOf({ logLevel, logFormat }: Settings, { isTerminal }: Environment): Log {
  const auto = isTerminal ? 'pretty' : 'json';
  return createLog({
    level: logLevel,
    format: logFormat === 'auto' ? auto : logFormat,
    context: currentTrace,
  });
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function authOf({ kubeconfig }: Settings, { kube }: Environment): KubeAuth | string {
  try {
    return loadKubeConfig(kubeconfig === undefined ? kube : { ...kube, kubeconfig });
  } catch (error) {
    if (error instanceof KubeconfigError) return error.message;
    throw error;
  }
}

/** Followers are ready, too: they have what they need to take over. */
type Operator = Lifecycle & Readonly<{ checks: Checks }>;

function compose(base: Base): Operator {
  const { settings, environment, auth, namespace, overdue, log, metrics } = base;
  const userAgent = `alm-operator/${environment.version}`;
  const observe = metrics.kubeCalls(auth.server.host);
  // Its own connections, so that no slow request holds a renewal up.
  const leases = createTransport({ auth, userAgent, observe });
  const elector = electorOf(base, leases);
  const permit = elector?.permit ?? always;
  const presence = createPresence(systemClock);
  const transport = createTransport({ auth, userAgent, observe, presence, permit });
  const stores = createStores({ ...settings, namespace, reader: createKubeReader(transport), log, presence });
  metrics.readFrom(censusOf(stores, () => systemClock.wallMs()));
  const events = createEventRecorder({
    client: createKubeClient(transport),
    operatorNamespace: namespace,
    reportingController: `${GROUP}/operator`,
    reportingInstance: environment.hostname,
    correlationAnnotation: `${GROUP}/correlation-id`,
    log,
  });
  const throttles = new Throttles(systemClock, metrics.waits);
  metrics.readThrottles(() => throttles.all());
  const controllers = createControllers(base, { stores, transport, events, permit, throttles });
  const transports = [transport, leases];
  if (elector !== undefined) metrics.leading(LEASE, false);
  const won = () => metrics.leading(LEASE, true);
  const lifecycle = createLifecycle({ stores, controllers, throttles, events, elector, transports, won });
  return { ...lifecycle, checks: checksOf(stores.reflectors, overdue) };
}

function always(): number {
  return Number.POSITIVE_INFINITY;
}

function electorOf(
  { settings, environment, namespace, log }: Base,
  transport: Transport,
): Elector | undefined {
  if (settings.leaderElection === undefined) return undefined;
  return createElector({
    client: createKubeClient(transport),
    namespace,
    name: LEASE,
    identity: `${environment.hostname}_${randomWord(12)}`,
    timing: settings.leaderElection,
    log,
  });
}
