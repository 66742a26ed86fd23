/** What a team may not have, and what it may have once two people agreed. */

import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { hasCondition } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import { check, type Stage, until } from './stage.ts';

const TEAM = 'team-billing';

export async function refusals({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('A team asks for what is not its own');
  const before = alm.log.length;
  const attempts = [
    ['the client of another team', credential(TEAM, 'theirs', { clientId: 'team-orders_orders' })],
    ['a role that its rule does not give', credential(TEAM, 'powerful', { roles: ['SLMAdmin'] })],
    ['the client of the user interface', credential(TEAM, 'nimrod', { clientId: 'nimrodclient' })],
  ] as const;
  for (const [what, manifest] of attempts) {
    const { name } = manifest.metadata;
    await api.apply(manifest);
    await story.expect(`${what} is refused`, () =>
      until(api, 'ClientCredential', TEAM, name, hasCondition('Ready', 'False', 'AccessDenied')),
    );
    await api.delete('ClientCredential', TEAM, name);
  }
  await story.expect('ALM never heard of it', async () => {
    const written = alm.log
      .slice(before)
      .filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token');
    check(written.length === 0, `ALM was written ${written.length} times`);
    return undefined;
  });
}

export async function adoption({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('A client that somebody made by hand');
  const [clientId, name] = [`${TEAM}_reports`, 'reports'];
  const held = { authorisedGrantTypes: ['client_credentials'], roles: ['ReadOnly'] };
  alm.state.set({
    ...held,
    clientId,
    clientSecret: 'made-by-hand',
    accessTokenValidity: 1200,
    refreshTokenValidity: 30_600,
  });
  await api.apply(secret(TEAM, name, { clientSecret: 'made-by-hand' }));
  await api.apply(credential(TEAM, name, held));
  await story.expect('reports is not touched without consent', () =>
    until(api, 'ClientCredential', TEAM, name, hasCondition('Ready', 'False', 'AlreadyExists')),
  );
  story.say(
    'the team sets adoptionPolicy: IfExists, and whoever keeps the connection adds a rule with allowAdoption',
  );
  const rule = {
    namespaces: { names: [TEAM] },
    clientIds: [`${TEAM}_*`],
    roles: ['ReadOnly'],
    allowAdoption: true,
  };
  const add = { op: 'add', path: '/spec/access/0', value: rule };
  await api.patch('AlmConnection', OPERATOR_NAMESPACE, 'default', { type: 'json', body: [add] });
  const body = { spec: { adoptionPolicy: 'IfExists' } };
  await api.patch('ClientCredential', TEAM, name, { type: 'merge', body });
  await story.expect('reports is taken over', () =>
    until(api, 'ClientCredential', TEAM, name, hasCondition('Ready', 'True', 'Adopted')),
  );
}
