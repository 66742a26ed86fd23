import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controllersMissing } from '../kube/conformance/support/controllers.ts';
import { startScenario } from '../support/scenario.ts';
import { hundred, lone, unanswered } from './away/alm.ts';
import { contested, moved, type Sites, sameName, twoSites } from './away/clusters.ts';
import { connectionFirst, operatorAway, operatorsNamespace } from './away/namespaces.ts';
import { LIMIT_MS, type Site } from './away/stage.ts';
import { clientsOf } from './clients.ts';

/**
 * Deletions while something is away, and two clusters with one ALM. Some of these stories have to sit out the half minute
 * that a finalizer waits, or several resyncs, so that they are under way at once; each has an ALM of its own. Numbers are
 * those of issues in which users of other operators met the same.
 */

const isMissing = controllersMissing();
let alone: Site | undefined;
let sites: Sites | undefined;

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The scenarios have not started');
  return value;
}

beforeAll(async () => {
  const scenario = await startScenario({
    cluster: { controllers: !isMissing },
    operator: { flags: ['--resync-interval', '1000h'] },
  });
  alone = { scenario, clients: clientsOf(() => scenario) };
  sites = await twoSites();
  console.info(`Runs on ${scenario.cluster.version}`);
}, LIMIT_MS);

afterAll(async () => {
  const all = [alone, sites?.there, sites?.here].filter((site) => site !== undefined);
  for (const { scenario } of all) await scenario.stop();
}, LIMIT_MS);

describe.concurrent('while it is away,', { timeout: LIMIT_MS }, () => {
  it('grafana/grafana-operator#2098: ALM holds an object for half a minute, and Revoked is not said before it is', ({
    expect,
  }) => lone(started(alone), expect));

  it('the answer to a creation holds its object for half a minute, and no client of a stranger is touched', ({
    expect,
  }) => unanswered(started(alone), expect));

  it('two operators that want one client repair it three times; then one says Contested and both only look on', ({
    expect,
  }) => contested(started(sites), expect));

  it.skipIf(isMissing)(
    'ALM holds no namespace of a hundred credentials, and all of them are revoked when it is back',
    ({ expect }) => hundred(started(alone), expect),
  );

  it.skipIf(isMissing)(
    'external-secrets/external-secrets#3411: a connection that went first holds no namespace; its return is enough',
    ({ expect }) => connectionFirst(started(alone), expect),
  );

  it.skipIf(isMissing)(
    'grafana/grafana-operator#79: an operator holds a namespace only until it is back',
    ({ expect }) => operatorAway(expect),
  );

  it.skipIf(isMissing)(
    'the operator’s own namespace holds nothing, be it the last to go or the first',
    ({ expect }) => operatorsNamespace(expect),
  );

  it('hydra-maester j: an operator of the same name in another cluster leaves the client alone', ({
    expect,
  }) => sameName(started(sites), expect));
});

it(
  'crossplane-contrib/provider-keycloak#181, #459: a cluster built anew from a copy of the claims finds its clients',
  () => moved(started(sites), expect),
  LIMIT_MS,
);
