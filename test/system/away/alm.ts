/** Deletions while ALM does not answer. */

import type { ExpectStatic } from 'vitest';
import { secretText } from '../../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { conditionOf, type Live } from '../../support/kubectl/objects.ts';
import { credential, secret } from '../../support/samples.ts';
import type { Scenario } from '../../support/scenario.ts';
import { isIn, isReady } from '../clients.ts';
import {
  connected,
  eventsAbout,
  LIMIT_MS,
  NAMESPACE_LIMIT_MS,
  namespaceGone,
  owes,
  type Site,
  UNANSWERED_LIMIT_MS,
} from './stage.ts';

const COUNT = 100;

/** All claims of the connection are in this phase. */
async function untilAll({ api }: Scenario, connection: string, phase: string): Promise<void> {
  const holds = (claims: readonly Live[]) => {
    const own = claims.filter(({ spec }) => spec?.['connection'] === connection);
    return own.length === COUNT && own.every(({ spec }) => spec?.['phase'] === phase);
  };
  const patience = { what: `all ${phase}`, timeoutMs: LIMIT_MS };
  await api.waitForAll<Live>('AlmClientClaim', OPERATOR_NAMESPACE, holds, patience);
}

/** Events are sent one after the other, when there is time. */
const EVENT_LIMIT_MS = 10_000;

/** A namespace of a hundred ends while ALM is down; they are all revoked when it is back. */
export async function hundred(site: Site, expect: ExpectStatic): Promise<void> {
  const { scenario } = site;
  const name = 'hundred';
  const { alm, of } = await connected(site, name);
  const { namespace } = of;
  const names = Array.from({ length: COUNT - 1 }, (_, at) => `client-${at}`);
  for (const one of names) {
    await scenario.api.create(secret(namespace, one, { clientSecret: secretText(one) }));
    await scenario.api.create(credential(namespace, one, { connectionRef: { name } }));
  }
  const all = (objects: readonly Live[]) => objects.length === COUNT && objects.every(isReady);
  const patience = { what: 'all Ready', timeoutMs: LIMIT_MS };
  await scenario.api.waitForAll('ClientCredential', namespace, all, patience);
  const works = () => [...names, name].filter((one) => alm.matches(`${namespace}_${one}`, secretText(one)));
  expect(works()).toHaveLength(COUNT);

  await alm.down();
  await namespaceGone(scenario, namespace);
  expect(works()).toHaveLength(COUNT);
  await untilAll(scenario, name, 'Revoking');
  await alm.up();
  await untilAll(scenario, name, 'Revoked');
  expect(works()).toEqual([]);
}

/** A single object waits for half a minute, and the truth is told before and after. */
export async function lone(site: Site, expect: ExpectStatic): Promise<void> {
  const { scenario, clients } = site;
  const { alm, of } = await connected(site, 'lone');
  await alm.down();
  await clients.remove(of);
  const asked = await clients.held(of, 'Progressing');
  expect(conditionOf(asked, 'Ready')?.message).toContain('ALM is being asked to revoke the client');
  await clients.gone(of, NAMESPACE_LIMIT_MS);
  await clients.untilClaims(of, 'ConnectionNotReady', owes('ConnectionNotReady'));
  expect(alm.matches(of.clientId, secretText(of.name))).toBe(true);
  await expect
    .poll(() => eventsAbout(scenario, of), { timeout: EVENT_LIMIT_MS })
    .toContain('Warning Released');
  expect(await eventsAbout(scenario, of)).not.toContain('Normal Revoked');

  await alm.up();
  await clients.untilClaims(of, 'Revoked', isIn('Revoked'), LIMIT_MS);
  expect(alm.matches(of.clientId, secretText(of.name))).toBe(false);
  await expect.poll(() => eventsAbout(scenario, of)).toContain('Normal Revoked');
}

/** Nobody knows whether the client is ours, and it is a stranger's. */
export async function unanswered({ scenario, clients }: Site, expect: ExpectStatic): Promise<void> {
  const name = 'strangers';
  const alm = await scenario.connect(name);
  const of = await clients.place(name);
  const stranger = {
    clientId: of.clientId,
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity: 60,
    refreshTokenValidity: 60,
    roles: ['Portal'],
  };
  alm.state.set({ ...stranger, clientSecret: secretText('theirs') });
  alm.faults.add({
    match: ({ method, path, clientId }) =>
      method === 'POST' && path === '/api/credentials' && clientId === of.clientId,
    do: { kind: 'reset', when: 'before' },
  });
  await clients.declare(of, { connectionRef: { name } });
  await clients.held(of, 'OutcomeUnknown');
  await clients.remove(of);
  await clients.gone(of, NAMESPACE_LIMIT_MS);
  const [claim] = await clients.untilClaims(of, 'OutcomeUnknown', owes('OutcomeUnknown'));
  expect(claim?.spec?.['origin']).toBeUndefined();

  alm.faults.clear();
  await clients.declare(of, { connectionRef: { name } });
  await clients.held(of, 'AlreadyExists', UNANSWERED_LIMIT_MS);
  await clients.untilClaims(of, 'gone', (found) => found.length === 0);
  expect(alm.state.get(of.clientId)).toEqual(stranger);
  expect(alm.matches(of.clientId, secretText('theirs'))).toBe(true);
}
