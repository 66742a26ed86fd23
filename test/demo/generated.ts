/** A password that nobody has ever seen: made, published once it works, and replaced on demand. */

import type { KubeObject } from '../../src/kube/types.ts';
import { hasCondition } from '../support/kubectl/objects.ts';
import { logsIn } from './login.ts';
import { check, type Stage, sampleText, until } from './stage.ts';

const [TEAM, NAME, SECRET] = ['team-shipping', 'shipping', 'shipping-alm'];

/** What an application finds where it mounts the Secret. */
type Mounted = Readonly<{ clientId: string; password: string; tokenUrl: string }>;

export async function generated({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('A password that nobody has to invent: generated.yaml');
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: TEAM } });
  await api.apply(await sampleText('generated'));
  await story.expect('shipping is created in ALM, and a login has proved it', async () => {
    const said = await until(api, 'ClientCredential', TEAM, NAME, hasCondition('Ready', 'True', 'Applied'));
    await until(api, 'ClientCredential', TEAM, NAME, hasCondition('Verified', 'True', 'TokenIssued'));
    return said;
  });
  const first = await mounted(api);
  await story.expect('an application logs in with nothing but what Secret shipping-alm says', async () => {
    check(first.tokenUrl === `${alm.url}/oauth/token`, `the token URL is ${first.tokenUrl}`);
    check(await logsIn(alm, first.clientId, first.password), 'ALM refused the login');
    return `${first.clientId}, ${first.password.length} characters`;
  });
  story.say('kubectl annotate ccred shipping alm-operator.dev/rotate=now');
  const body = { metadata: { annotations: { 'alm-operator.dev/rotate': 'now' } } };
  await api.patch('ClientCredential', TEAM, NAME, { type: 'merge', body });
  await story.expect('the Secret has a new one, which logs in', async () => {
    const said = await until(
      api,
      'ClientCredential',
      TEAM,
      NAME,
      ({ status }) => status?.['lastHandledRotateAt'] === 'now',
    );
    const second = await mounted(api);
    check(second.password !== first.password, 'the password is the same');
    check(await logsIn(alm, second.clientId, second.password), 'ALM refused the new password');
    return said;
  });
  await story.expect('the old one does not', async () => {
    check(!(await logsIn(alm, first.clientId, first.password)), 'ALM took the old password');
    return undefined;
  });
}

async function mounted(api: Stage['cluster']['api']): Promise<Mounted> {
  const { data } = await api.get<KubeObject & Readonly<{ data?: Readonly<Record<string, string>> }>>(
    'Secret',
    TEAM,
    SECRET,
  );
  const at = (key: string) => Buffer.from(data?.[key] ?? '', 'base64').toString();
  return { clientId: at('clientId'), password: at('clientSecret'), tokenUrl: at('tokenUrl') };
}
