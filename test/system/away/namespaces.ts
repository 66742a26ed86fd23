/** Namespaces that end while what their objects need is away: the connection, the operator, or its namespace. */

import type { ExpectStatic } from 'vitest';
import { secretText } from '../../support/canary.ts';
import { installKinds, OPERATOR_NAMESPACE } from '../../support/install.ts';
import { conditionOf } from '../../support/kubectl/objects.ts';
import { connectionManifests } from '../../support/samples.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { clientsOf, isIn, isReady } from '../clients.ts';
import { connected, namespaceEnded, namespaceGone, owes, type Site } from './stage.ts';

export async function connectionFirst(site: Site, expect: ExpectStatic): Promise<void> {
  const { scenario, clients } = site;
  const { alm, of } = await connected(site, 'first');
  await scenario.api.delete('AlmConnection', OPERATOR_NAMESPACE, 'first');
  await clients.held(of, 'ConnectionNotFound');
  await namespaceGone(scenario, of.namespace);
  const [claim] = await clients.untilClaims(of, 'ConnectionNotFound', owes('ConnectionNotFound'));
  const said = claim === undefined ? undefined : conditionOf(claim, 'Revoked');
  expect(said?.message).toMatch(/create it again, or delete this claim/);
  expect(alm.matches(of.clientId, secretText(of.name))).toBe(true);

  for (const manifest of connectionManifests('first', alm)) await scenario.api.apply(manifest);
  await clients.untilClaims(of, 'Revoked', isIn('Revoked'));
  expect(alm.matches(of.clientId, secretText(of.name))).toBe(false);
}

/** In a scenario of its own, for the other stories need their operator and its namespace. */
async function alone(
  play: (site: Site) => Promise<void>,
  rights: 'installed' | 'all' = 'installed',
): Promise<void> {
  const scenario = await startScenario({ cluster: { controllers: true }, rights });
  try {
    await play({ scenario, clients: clientsOf(() => scenario) });
  } finally {
    await scenario.stop();
  }
}

export function operatorAway(expect: ExpectStatic): Promise<void> {
  return alone(async ({ scenario, clients }) => {
    const { api, alm } = scenario;
    const of = await clients.created('absent');
    await scenario.operator().stop();
    await api.delete('Namespace', '', of.namespace);
    await api.waitGone('Secret', of.namespace, of.name);
    const { metadata } = await api.get('Namespace', '', of.namespace);
    expect(metadata.finalizers ?? []).toEqual([]);
    await scenario.launch();
    await namespaceEnded(scenario, of.namespace);
    await clients.untilClaims(of, 'Revoked', isIn('Revoked'));
    expect(alm.matches(of.clientId, secretText(of.name))).toBe(false);
  });
}

/** Last, as is right, and then, with everything there again, first: neither order hangs. */
export function operatorsNamespace(expect: ExpectStatic): Promise<void> {
  return alone(async ({ scenario, clients }) => {
    const early = await clients.created('early');
    await namespaceGone(scenario, early.namespace);
    await clients.revoked(early);
    await namespaceGone(scenario, OPERATOR_NAMESPACE);

    await restore(scenario);
    const late = await clients.created('late');
    await namespaceGone(scenario, OPERATOR_NAMESPACE);
    await clients.held(late, 'ConnectionNotFound');
    await namespaceGone(scenario, late.namespace);
    // With its claim gone, nobody knows any more that the client was ours: it works as before.
    const writes = scenario.alm.log.filter(
      ({ clientId, wrote }) => clientId === late.clientId && wrote !== undefined,
    );
    expect(writes).toHaveLength(1);
    expect(scenario.alm.matches(late.clientId, secretText(late.name))).toBe(true);
  }, 'all');
}

async function restore({ api, alm }: Scenario): Promise<void> {
  await installKinds(api);
  for (const manifest of connectionManifests('default', alm)) await api.apply(manifest);
  await api.waitFor('AlmConnection', OPERATOR_NAMESPACE, 'default', isReady, { what: 'Ready' });
}
