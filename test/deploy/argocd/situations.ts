/** Objects in every state that the operator leaves them in, and what a GitOps tool should make of each. Pure. */

import { CLAIMS } from './situations/claims.ts';
import { CONNECTIONS } from './situations/connections.ts';
import { CREDENTIALS } from './situations/credentials.ts';
import type { Situation } from './situations/situation.ts';

const named = (kind: string, rows: readonly Situation[]) =>
  rows.map((row) => ({ ...row, name: `${kind}: ${row.name}` }));

export const SITUATIONS: readonly Situation[] = [
  ...named('ClientCredential', CREDENTIALS),
  ...named('AlmConnection', CONNECTIONS),
  ...named('AlmClientClaim', CLAIMS),
];
