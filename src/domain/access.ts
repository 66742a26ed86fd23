import type { Failure } from '../kube/outcome.ts';
import type { AdoptionPolicy } from './desired.ts';
import { fail } from './reasons.ts';

/** Which client ids nobody takes by accident. Ids are compared without case: whether ALM tells them apart is unknown. */

export const PROTECTED_CLIENT_IDS: readonly string[] = ['LmClient', 'NimrodClient', 'DokiClient', 'Admin'];

export type IdRequest = Readonly<{
  clientId: string;
  policy: AdoptionPolicy;
  protectedIds: readonly string[];
  /** The ids under which the operator itself logs in, of all connections. */
  loginIds: readonly string[];
}>;

export function refusalOf({ clientId, policy, protectedIds, loginIds }: IdRequest): Failure | undefined {
  if (isListed(clientId, loginIds)) {
    return fail(
      'OwnLoginClient',
      `clientId ${clientId} is the login of the operator itself; a wrong value would lock it out, so it is managed ` +
        'where it was made; choose another clientId',
    );
  }
  if (isListed(clientId, protectedIds) && policy === 'Never') {
    return fail(
      'ProtectedClientId',
      `clientId ${clientId} is protected; set adoptionPolicy to IfExists or Required to take it over`,
    );
  }
  return undefined;
}

export function isListed(clientId: string, ids: readonly string[]): boolean {
  return ids.some((id) => id.toLowerCase() === clientId.toLowerCase());
}
