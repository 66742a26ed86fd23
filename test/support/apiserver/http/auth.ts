/** Bearer tokens. Whoever is known may do everything. */

import { unauthorised } from '../status.ts';

/** Returns the user's name; throws 401. */
export function authenticate(tokens: ReadonlyMap<string, string>, authorization: string | undefined): string {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  const user = tokens.get(token);
  if (user === undefined) throw unauthorised();
  return user;
}
