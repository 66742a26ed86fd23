import { describe, expect, it } from 'vitest';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { compare } from '../support/rights/comparison.ts';
import { grantsOf, wordsOf } from '../support/rights/grants.ts';
import { ACCOUNT, featuresOf, installedRights } from '../support/rights/installed.ts';
import { OPERATOR_USER } from '../support/scenario.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf } from './clients.ts';
import { CONNECTION, everythingIn, olderServer, prepared } from './rights/story.ts';

/** The roles of an installation grant what its operator asks for, and nothing that it never does. */

const LIMIT_MS = 120_000;

type Installation = Readonly<{ name: string; flags: readonly string[]; named: boolean }>;

const INSTALLATIONS: readonly Installation[] = [
  { name: 'for all namespaces', flags: [], named: false },
  { name: 'for all namespaces, with generated secrets', flags: ['--generated-secrets'], named: false },
  { name: 'for named namespaces', flags: [], named: true },
  { name: 'for named namespaces, with generated secrets', flags: ['--generated-secrets'], named: true },
];

describe.each(INSTALLATIONS)('an installation $name', ({ flags, named }) => {
  const scenario = useScenario({ launch: false, connection: CONNECTION, cluster: { controllers: true } });
  const clients = clientsOf(scenario);

  it('grants what its operator uses, and nothing more', { timeout: LIMIT_MS }, async () => {
    const stage = { scenario: scenario(), clients, generatedSecrets: flags.includes('--generated-secrets') };
    const team = await scenario().namespace('team');
    const all = ['--leader-elect', ...flags, ...(named ? [`--watch-namespaces=${team}`] : [])];
    await prepared(stage);
    const older = olderServer(stage);
    await scenario().launch({ flags: all });
    older.end();
    await everythingIn(stage, team);
    await everythingIn(stage, OPERATOR_NAMESPACE);
    await scenario().operator().stop();

    const grants = grantsOf(installedRights(featuresOf(all)), ACCOUNT);
    const asked = scenario().gate.log.filter(
      ({ user, resource }) => user === OPERATOR_USER && resource !== '',
    );
    expect(compare(grants, asked, OPERATOR_NAMESPACE)).toEqual({ missing: [], idle: [] });
    expect(asked.filter(({ status }) => status === 403)).toEqual([]);

    // The comparison can fail: without any one of them something is missing, and any other one is idle.
    for (const grant of grants) {
      const others = grants.filter((other) => other !== grant);
      expect(compare(others, asked, OPERATOR_NAMESPACE).missing, wordsOf(grant)).not.toEqual([]);
    }
    const planted = { verb: 'delete', group: 'alm-operator.dev', resource: 'clientcredentials' };
    const more = [...grants, { ...planted, name: '', namespace: '' }];
    expect(compare(more, asked, OPERATOR_NAMESPACE).idle).toEqual([
      'delete clientcredentials.alm-operator.dev everywhere',
    ]);
  });
});
