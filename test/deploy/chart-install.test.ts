/**
 * The chart, installed by helm, and the operator as its Deployment would start it: with its flags and its environment, and
 * on a real API server as its service account. On the embedded one it may do everything.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { OPERATOR_LOGIN } from '../support/alm/defaults.ts';
import { type AlmSim, startAlm } from '../support/alm/server.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { hasCondition, type Manifest } from '../support/kubectl/objects.ts';
import { type Operator, startOperator } from '../support/operator.ts';
import { credential, secret } from '../support/samples.ts';
import { CHART, helm, type Values, withValues } from './helm.ts';
import { type Container, podOf } from './rendering.ts';
import { writeServiceAccountKubeconfig } from './serviceaccount.ts';
import { describeHelm } from './suite.ts';

const LIMIT_MS = 120_000;
const NAMESPACE = 'alm-operator';
const RELEASE = 'alm-operator';
const TEAM = 'team-orders';
const PASSWORD = 'canary-7f3a9-orders';
const isReal = (process.env['KUBEBUILDER_ASSETS'] ?? '') !== '';
const ready = hasCondition('Ready', 'True');

let cluster: Cluster;
let alm: AlmSim;
let folder: string;
let kubeconfig: string;
const operators: Operator[] = [];

beforeAll(async () => {
  [cluster, alm] = await Promise.all([startCluster({ install: false, controllers: true }), startAlm()]);
  folder = await mkdtemp(join(tmpdir(), 'chart-install-'));
  kubeconfig = await cluster.kubeconfigFor('helm');
  console.info(`Runs on ${cluster.version}`);
}, LIMIT_MS);
afterEach(async () => {
  for (const operator of operators.splice(0)) await operator.stop();
});
afterAll(async () => {
  await Promise.all([cluster.stop(), alm.stop()]);
  await rm(folder, { recursive: true, force: true });
}, LIMIT_MS);

const helmed = (...words: readonly string[]) =>
  helm([...words, '--namespace', NAMESPACE], { KUBECONFIG: kubeconfig });

/** As a platform team would: one values file. */
function values(more: Values = {}): Values {
  return {
    connection: {
      endpoint: alm.url,
      tls: { caBundle: alm.caPem },
      access: [{ namespaces: { all: true }, clientIds: ['$(namespace)_*'], roles: ['Portal'] }],
    },
    ...more,
  };
}

const install = (verb: 'install' | 'upgrade', more?: Values) =>
  withValues(values(more), (file) =>
    helmed(verb, RELEASE, CHART, '--values', file, ...(verb === 'install' ? ['--create-namespace'] : [])),
  );

/** What a kubelet would start for the Deployment. */
async function startPod(): Promise<Operator> {
  const deployment = (await cluster.api.get('Deployment', NAMESPACE, RELEASE)) as unknown as Manifest;
  const pod = podOf([deployment]);
  const [container] = pod.containers;
  const path = isReal ? join(folder, 'pod.kubeconfig') : await cluster.kubeconfigFor('pod');
  const name = pod.serviceAccountName;
  if (isReal) await writeServiceAccountKubeconfig(cluster, { namespace: NAMESPACE, name, path });
  const operator = await startOperator({
    kubeconfig: path,
    flags: flagsFor(container),
    env: envOf(container),
  });
  operators.push(operator);
  await operator.ready();
  return operator;
}

/** Ports are taken by whoever else runs here. */
function flagsFor({ args }: Container): readonly string[] {
  expect(args[0]).toBe('run');
  return args.slice(1).filter((word) => !/^--(health|metrics)-address=/.test(word));
}

function envOf({ env }: Container): Readonly<Record<string, string>> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value ?? NAMESPACE]));
}

const writesOf = (clientId: string) =>
  alm.log.filter((request) => request.clientId === clientId && request.wrote !== undefined).length;

const credentialIsReady = () =>
  cluster.api.waitFor('ClientCredential', TEAM, 'orders', ready, { what: 'Ready', timeoutMs: 30_000 });

/** A change that ALM has no part in, so that the operator has seen the object once more when it is Ready. */
async function lookedAtAgain(resyncInterval: string): Promise<void> {
  await connectionIsReady();
  const body = { spec: { resyncInterval } };
  await cluster.api.patch('ClientCredential', TEAM, 'orders', { type: 'merge', body });
  await credentialIsReady();
}

const connectionIsReady = () =>
  cluster.api.waitFor('AlmConnection', NAMESPACE, 'default', ready, { what: 'Ready', timeoutMs: 30_000 });

describeHelm('the chart, installed', () => {
  it('brings a sample to ALM with one values file and the Secret of the login', {
    timeout: LIMIT_MS,
  }, async () => {
    const notes = await install('install');
    expect(notes).toContain(
      `kubectl create secret generic alm-login -n ${NAMESPACE} --from-literal=clientSecret=…`,
    );
    await cluster.api.apply(secret(NAMESPACE, 'alm-login', { clientSecret: OPERATOR_LOGIN.clientSecret }));
    await startPod();
    await connectionIsReady();
    await cluster.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: TEAM } });
    await cluster.api.apply(secret(TEAM, 'orders', { clientSecret: PASSWORD }));
    await cluster.api.apply(credential(TEAM, 'orders', { roles: ['Portal'] }));
    await credentialIsReady();
    expect(alm.matches(`${TEAM}_orders`, PASSWORD)).toBe(true);
  });

  it('changes nothing at ALM when it is upgraded', { timeout: LIMIT_MS }, async () => {
    const before = writesOf(`${TEAM}_orders`);
    await install('upgrade', { logLevel: 'debug', generatedSecrets: { enabled: true }, replicas: 1 });
    expect(await cluster.api.list('PodDisruptionBudget', NAMESPACE)).toEqual([]);
    await startPod();
    await lookedAtAgain('29m');
    expect(writesOf(`${TEAM}_orders`)).toBe(before);
  });

  it('keeps kinds, objects, claims and clients over uninstalling and installing again', {
    timeout: LIMIT_MS,
  }, async () => {
    const clientId = `${TEAM}_orders`;
    const writes = writesOf(clientId);
    const [claim] = await cluster.api.list('AlmClientClaim', NAMESPACE);
    await helmed('uninstall', RELEASE);
    for (const kind of ['Deployment', 'AlmConnection', 'Role', 'ClusterRoleBinding']) {
      const left = await cluster.api.list(kind);
      expect(left.filter(({ metadata }) => /^alm-operator|^default/.test(metadata.name))).toEqual([]);
    }
    expect(await cluster.api.list('AlmClientClaim', NAMESPACE)).toEqual([claim]);
    const kept = await cluster.api.get('ClientCredential', TEAM, 'orders');
    expect([kept.metadata.deletionTimestamp, alm.matches(clientId, PASSWORD)]).toEqual([undefined, true]);

    await install('install');
    await startPod();
    await lookedAtAgain('28m');
    expect(writesOf(clientId)).toBe(writes);
    await cluster.api.apply(secret(TEAM, 'orders', { clientSecret: `${PASSWORD}-new` }));
    const isNew = () => alm.matches(clientId, `${PASSWORD}-new`);
    await cluster.api.waitFor('ClientCredential', TEAM, 'orders', isNew, {
      what: 'the new secret',
      timeoutMs: 30_000,
    });
    const [again] = await cluster.api.list('AlmClientClaim', NAMESPACE);
    expect(again?.metadata.uid).toBe(claim?.metadata.uid);
  });

  it('works, and lets a namespace end, with no right to Secrets but in the named ones', {
    timeout: LIMIT_MS,
  }, async () => {
    await install('upgrade', { watchNamespaces: [TEAM], generatedSecrets: { enabled: true } });
    await startPod();
    await lookedAtAgain('27m');
    const { clientSecretRef: _none, ...spec } = credential(TEAM, 'made')['spec'] as Values;
    const made = { ...credential(TEAM, 'made'), spec: { ...spec, generatedSecret: { name: 'made' } } };
    await cluster.api.apply(made);
    const what = { what: 'Ready', timeoutMs: 30_000 };
    await cluster.api.waitFor('ClientCredential', TEAM, 'made', ready, what);
    expect(Object.keys((await cluster.api.get('Secret', TEAM, 'made')).data ?? {})).toContain('clientSecret');
    await cluster.api.delete('Namespace', '', TEAM);
    await cluster.api.waitGone('Namespace', '', TEAM, {
      what: 'the end of the namespace',
      timeoutMs: 60_000,
    });
    expect(alm.matches(`${TEAM}_orders`, `${PASSWORD}-new`)).toBe(false);
  });
});
