/** A namespace goes while ALM is down: what is owed is paid afterwards. */

import { OPERATOR_NAMESPACE } from '../support/install.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { check, type Stage } from './stage.ts';

const TEAM = 'team-billing';
const LIMIT_MS = 30_000;

export async function namespaceGoes({ story, cluster: { api }, alm }: Stage): Promise<void> {
  story.chapter('A namespace is deleted while ALM is down: kubectl delete namespace team-billing');
  const phases = (wanted: string) => async () => {
    const said = (claims: readonly Live[]) => phasesOf(claims) === wanted;
    await api.waitForAll('AlmClientClaim', OPERATOR_NAMESPACE, said, { what: wanted, timeoutMs: LIMIT_MS });
    return wanted;
  };
  await alm.down();
  await api.delete('Namespace', '', TEAM);
  await story.expect('it is gone all the same', async () => {
    await api.waitGone('Namespace', '', TEAM, { what: 'its end', timeoutMs: LIMIT_MS });
    return undefined;
  });
  await story.expect('its claims say what is owed', phases('reports: Retained, ui: Revoking'));
  await alm.up();
  await story.expect('back again, ALM gets it', phases('reports: Retained, ui: Revoked'));
  await story.expect('the password of the revoked client is no good any more', async () => {
    check(!alm.matches(`${TEAM}_ui`, 'change-me-billing'), 'ALM still takes the password');
    return undefined;
  });
  await story.expect('the client that was taken over is left as it is', async () => {
    check(alm.matches(`${TEAM}_reports`, 'made-by-hand'), 'ALM refuses the password');
    return undefined;
  });
}

function phasesOf(claims: readonly Live[]): string {
  return claims
    .filter(({ spec }) => String(spec?.['clientId']).startsWith(`${TEAM}_`))
    .map(({ spec }) => `${String(spec?.['clientId']).slice(TEAM.length + 1)}: ${spec?.['phase']}`)
    .sort()
    .join(', ');
}
