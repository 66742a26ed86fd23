/** Which conditions each kind has, and what each one asks. `reasons` is the heading of reasons.md behind it. */

export type ConditionRow = Readonly<{ type: string; says: string; reasons: string }>;

const UNTIL_TRUE = 'only while true:';
const GOES_ON = `${UNTIL_TRUE} something is on its way, and the operator goes on by itself`;
const STANDS = `${UNTIL_TRUE} the same input gives the same answer, and somebody has to change something`;

/** The page begins with what each kind of reason leads to. */
const KINDS = 'Reasons';
const ACCEPTED = 'Accepted: may this object manage this client?';
const RESOLVED = 'ResolvedRefs: are connection and Secret usable?';
const SYNCED = 'Synced: did ALM take it?';
const VERIFIED = 'Verified: does a login with the password work?';
const READY = 'Ready: does ALM hold this spec and this Secret, by its last answer?';

export const CONDITIONS: Readonly<Record<string, readonly ConditionRow[]>> = {
  ClientCredential: [
    {
      type: 'Ready',
      says: 'whether ALM holds this spec and this Secret, by its last answer',
      reasons: READY,
    },
    {
      type: 'Accepted',
      says: 'whether the spec is valid and the object may manage this client',
      reasons: ACCEPTED,
    },
    { type: 'ResolvedRefs', says: 'whether connection and Secret are there and usable', reasons: RESOLVED },
    { type: 'Synced', says: 'what ALM answered last; Unknown while ALM cannot be asked', reasons: SYNCED },
    {
      type: 'Verified',
      says: 'whether a login with the password works; absent where that cannot be tried',
      reasons: VERIFIED,
    },
    { type: 'Reconciling', says: GOES_ON, reasons: KINDS },
    { type: 'Stalled', says: STANDS, reasons: KINDS },
  ],
  AlmConnection: [
    { type: 'Ready', says: 'whether the connection can be used', reasons: 'AlmConnection' },
    { type: 'Reachable', says: 'whether ALM answers at the endpoint', reasons: 'AlmConnection' },
    { type: 'Authenticated', says: "whether ALM accepts the operator's login", reasons: 'AlmConnection' },
    {
      type: 'Authorised',
      says: 'whether the operator may manage clients; Unknown until a call has shown it',
      reasons: 'AlmConnection',
    },
    {
      type: 'InsecureTransport',
      says: `${UNTIL_TRUE} whoever stands between the operator and ALM can read all passwords`,
      reasons: 'AlmConnection',
    },
    { type: 'Reconciling', says: GOES_ON, reasons: KINDS },
    { type: 'Stalled', says: STANDS, reasons: KINDS },
  ],
  AlmClientClaim: [
    {
      type: 'Revoked',
      says: 'False while the client is to be revoked and is not yet; True once it was made useless and that was proved',
      reasons: 'AlmClientClaim',
    },
    {
      type: 'Orphaned',
      says: `${UNTIL_TRUE} the object that the client belongs to does not exist, and nobody saw it deleted`,
      reasons: 'AlmClientClaim',
    },
  ],
};

/** As GitHub makes anchors of headings. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
