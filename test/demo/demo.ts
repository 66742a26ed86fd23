/**
 * `npm run demo`: an API server, an ALM and the operator on this machine, and a day in their life in half a minute.
 * Stays up until Ctrl-C; with `--exit` it ends by itself, with 0 only when everything that it promises came true.
 */

import { almClientClaimKind } from '../../src/api/almclientclaim.ts';
import { almConnectionKind } from '../../src/api/almconnection.ts';
import { clientCredentialKind } from '../../src/api/clientcredential.ts';
import { OPERATOR_LOGIN } from '../support/alm/defaults.ts';
import { startAlm } from '../support/alm/server.ts';
import { startCluster } from '../support/cluster.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { hasCondition, type Live } from '../support/kubectl/objects.ts';
import { type Operator, startOperator } from '../support/operator.ts';
import { secret } from '../support/samples.ts';
import { namespaceGoes } from './farewell.ts';
import { generated } from './generated.ts';
import { logsIn } from './login.ts';
import { check, type Stage, sampleText, until } from './stage.ts';
import { createStory } from './story.ts';
import { kubectlTable } from './table.ts';
import { adoption, refusals } from './tenants.ts';

const FLAGS = ['--resync-interval', '5s', '--log-level', 'info', '--generated-secrets'];
const NIMROD_SECRET = 'the-secret-that-the-ui-knows';

async function main(): Promise<number> {
  const story = createStory(process.stdout);
  const begun = performance.now();
  story.chapter('An API server and an ALM on this machine');
  const alm = await startAlm({ knobs: { getItem: 'omitted' } });
  const cluster = await startCluster({ controllers: true });
  let operator: Operator | undefined;
  try {
    story.say(`${cluster.version} at ${cluster.gate.url}, ALM simulator at ${alm.url}`);
    const kubeconfig = await cluster.kubeconfigFor('operator');
    operator = await startOperator({ kubeconfig, flags: FLAGS });
    const stage = { story, cluster, alm };
    await story.expect('alm-operator run is ready', async () => operator?.ready().then(() => undefined));
    for (const scene of SCENES) await scene(stage);
    await epilogue(stage, (performance.now() - begun) / 1000);
    if (!process.argv.includes('--exit')) await stay(stage);
    return story.failures() === 0 ? 0 : 1;
  } finally {
    if (story.failures() > 0) process.stdout.write(`\nThe operator's last lines:\n${operator?.tail(20)}\n`);
    await operator?.stop();
    await cluster.stop();
    await alm.stop();
  }
}

async function connection({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('How to reach the ALM: deploy/samples/connection.yaml');
  const authority = { namespace: OPERATOR_NAMESPACE, name: 'alm-ca' };
  await api.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: authority,
    data: { 'ca.crt': alm.caPem },
  });
  await api.apply(secret(OPERATOR_NAMESPACE, 'alm-login', { clientSecret: OPERATOR_LOGIN.clientSecret }));
  const sample = await sampleText('connection');
  await api.apply(sample.replace(/endpoint: .*/, `endpoint: ${alm.url}`));
  await story.expect('AlmConnection default is Ready', () =>
    until(api, 'AlmConnection', OPERATOR_NAMESPACE, 'default', hasCondition('Ready', 'True')),
  );
}

async function clients({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('Two teams declare their clients: orders.yaml, billing.yaml');
  for (const name of ['team-orders', 'team-billing']) {
    await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  await api.apply(await sampleText('orders'));
  await api.apply(await sampleText('billing'));
  await story.expect('orders is created in ALM', async () => {
    const said = await until(
      api,
      'ClientCredential',
      'team-orders',
      'orders',
      hasCondition('Ready', 'True', 'Applied'),
    );
    check(alm.state.get('team-orders_orders') !== undefined, 'ALM does not hold team-orders_orders');
    return said;
  });
  await story.expect('orders can log in with the password of its Secret', async () => {
    check(await logsIn(alm, 'team-orders_orders', 'change-me-orders'), 'ALM refused the login');
    return undefined;
  });
  const missing = hasCondition('Ready', 'False', 'SecretNotFound');
  await story.expect('billing-ui waits for its Secret', () =>
    until(api, 'ClientCredential', 'team-billing', 'billing-ui', missing),
  );
  await api.apply(await sampleText('billing-secret'));
  await story.expect('billing-ui goes on by itself once it is there', () =>
    until(api, 'ClientCredential', 'team-billing', 'billing-ui', hasCondition('Ready', 'True', 'Applied')),
  );
}

async function nimrod({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter("The UI's login timeouts: nimrod.yaml");
  const before = alm.state.get('NimrodClient');
  if (before !== undefined) alm.state.set({ ...before, clientSecret: NIMROD_SECRET });
  story.say(
    `ALM has NimrodClient with ${before?.accessTokenValidity} s and ${before?.refreshTokenValidity} s`,
  );
  await api.apply(secret(OPERATOR_NAMESPACE, 'nimrod-client', { clientSecret: NIMROD_SECRET }));
  await api.apply(await sampleText('nimrod'));
  await story.expect('NimrodClient is adopted and tuned', async () => {
    const said = await until(
      api,
      'ClientCredential',
      OPERATOR_NAMESPACE,
      'nimrod',
      hasCondition('Ready', 'True', 'Adopted'),
    );
    const after = alm.state.get('NimrodClient');
    check(
      after?.accessTokenValidity === 600 && after.refreshTokenValidity === 43200,
      'the timeouts are not tuned',
    );
    return `${said}, now 600 s and 43200 s`;
  });
}

async function rotation({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('A password is rotated: kubectl patch secret orders-alm');
  const body = { data: { clientSecret: Buffer.from('rotated-orders').toString('base64') } };
  await api.patch('Secret', 'team-orders', 'orders-alm', { type: 'merge', body });
  await story.expect('the new password logs in', async () => {
    await until(
      api,
      'ClientCredential',
      'team-orders',
      'orders',
      ({ status }) => operationOf(status) === 'Updated',
    );
    check(await logsIn(alm, 'team-orders_orders', 'rotated-orders'), 'ALM refused the new password');
    return undefined;
  });
  await story.expect('the old one does not', async () => {
    check(!(await logsIn(alm, 'team-orders_orders', 'change-me-orders')), 'ALM took the old password');
    return undefined;
  });
}

async function drift({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter("Somebody changes a client in ALM, behind everybody's back");
  const held = alm.state.get('team-orders_orders');
  if (held !== undefined) alm.state.set({ ...held, clientSecret: 'rotated-orders', roles: ['SLMAdmin'] });
  story.say('roles of team-orders_orders are now SLMAdmin');
  await story.expect('the next resync finds and repairs it', async () => {
    const noticed = (events: readonly Live[]) =>
      events.filter((event) => isUpdateOf(event, 'orders')).reduce((all, event) => all + timesOf(event), 0) >=
      2;
    await api.waitForAll('Event', 'team-orders', noticed, {
      what: 'an event of the repair',
      timeoutMs: 20_000,
    });
    const roles = alm.state.get('team-orders_orders')?.roles;
    check(roles?.join() === 'Portal', `the roles are ${roles?.join()}`);
    return `roles are ${roles?.join()} again`;
  });
}

async function outage({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('ALM goes down, and comes back');
  await alm.down();
  const body = { spec: { accessTokenValidity: 300 } };
  await api.patch('ClientCredential', 'team-billing', 'billing-ui', { type: 'merge', body });
  await story.expect('the changed billing-ui says that it is not applied', () =>
    until(api, 'ClientCredential', 'team-billing', 'billing-ui', hasCondition('Ready', 'False')),
  );
  await story.expect('orders, which nobody changed, stays Ready', () =>
    until(api, 'ClientCredential', 'team-orders', 'orders', hasCondition('Ready', 'True')),
  );
  await alm.up();
  await story.expect('back again, ALM gets the change', async () => {
    const said = await until(
      api,
      'ClientCredential',
      'team-billing',
      'billing-ui',
      hasCondition('Ready', 'True'),
    );
    check(alm.state.get('team-billing_ui')?.accessTokenValidity === 300, 'ALM does not hold the change');
    return said;
  });
}

async function epilogue({ story, cluster: { api } }: Stage, seconds: number): Promise<void> {
  for (const kind of [almConnectionKind, clientCredentialKind, almClientClaimKind]) {
    story.chapter(`kubectl get ${kind.resource.plural} -A`);
    const table = kubectlTable(kind, await api.list<Live>(kind.resource.kind), new Date());
    process.stdout.write(`${table.replace(/^/gm, '  ')}\n`);
  }
  const failures = story.failures();
  const verdict = failures === 0 ? 'Everything came true' : `${failures} expectations did not come true`;
  story.chapter(`${verdict}, in ${seconds.toFixed(1)} s.`);
}

async function stay({ story, cluster }: Stage): Promise<void> {
  const kubeconfig = await cluster.kubeconfigFor('you');
  story.say(`Still running, until Ctrl-C. KUBECONFIG=${kubeconfig}`);
  await new Promise<void>((resolve) =>
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve()),
  );
}

function operationOf(status: Live['status']): unknown {
  const applied = status?.['applied'];
  return typeof applied === 'object' && applied !== null && 'operation' in applied
    ? applied.operation
    : undefined;
}

/** Repeats are counted in the series of one Event. */
function timesOf(event: Live): number {
  const { series } = event as Live & Readonly<{ series?: Readonly<{ count: number }> | null }>;
  return series?.count ?? 1;
}

function isUpdateOf(event: Live, name: string): boolean {
  const { reason, regarding } = event as Live & { reason?: string; regarding?: { name?: string } };
  return reason === 'Updated' && regarding?.name === name;
}

const SCENES = [
  connection,
  clients,
  refusals,
  nimrod,
  adoption,
  rotation,
  generated,
  drift,
  outage,
  namespaceGoes,
];

process.exitCode = await main();
