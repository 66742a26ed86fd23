import type { Failure, FailureKind } from '../kube/outcome.ts';

/** Condition types of a ClientCredential, in the order in which a pass decides them. */
export type Step = 'Accepted' | 'ResolvedRefs' | 'Synced' | 'Verified';

type Entry = Readonly<{ kind: FailureKind; step: Step }>;

/**
 * Every reason a pass can stop for: what the queue does with it, and the condition that it turns. What each means and
 * what to do about it stands in docs/reference/reasons.md; a test holds the two together.
 */
export const FAILURES = {
  InvalidSpec: { kind: 'stalled', step: 'Accepted' },
  AccessDenied: { kind: 'stalled', step: 'Accepted' },
  ProtectedClientId: { kind: 'stalled', step: 'Accepted' },
  OwnLoginClient: { kind: 'stalled', step: 'Accepted' },
  ClientIdConflict: { kind: 'stalled', step: 'Accepted' },
  ConnectionMoved: { kind: 'stalled', step: 'Accepted' },
  AlreadyExists: { kind: 'stalled', step: 'Synced' },
  NotFoundForUpdate: { kind: 'stalled', step: 'Synced' },
  RejectedByAlm: { kind: 'stalled', step: 'Synced' },
  Contested: { kind: 'stalled', step: 'Synced' },
  SecretInvalid: { kind: 'stalled', step: 'ResolvedRefs' },
  SecretNotAllowed: { kind: 'stalled', step: 'ResolvedRefs' },
  GeneratedSecretConflict: { kind: 'stalled', step: 'ResolvedRefs' },
  EndpointConflict: { kind: 'stalled', step: 'ResolvedRefs' },
  ConnectionNotFound: { kind: 'waiting', step: 'ResolvedRefs' },
  ConnectionNotReady: { kind: 'waiting', step: 'ResolvedRefs' },
  CircuitOpen: { kind: 'waiting', step: 'Synced' },
  SecretNotFound: { kind: 'waiting', step: 'ResolvedRefs' },
  SecretKeyNotFound: { kind: 'waiting', step: 'ResolvedRefs' },
  SecretEmpty: { kind: 'waiting', step: 'ResolvedRefs' },
  Progressing: { kind: 'waiting', step: 'Synced' },
  OutcomeUnknown: { kind: 'transient', step: 'Synced' },
  Unauthorised: { kind: 'transient', step: 'Synced' },
  PrivilegeMissing: { kind: 'transient', step: 'Synced' },
  EndpointNotFound: { kind: 'transient', step: 'Synced' },
  RateLimited: { kind: 'transient', step: 'Synced' },
  AlmUnavailable: { kind: 'transient', step: 'Synced' },
  TlsError: { kind: 'transient', step: 'Synced' },
  MalformedAnswer: { kind: 'transient', step: 'Synced' },
  RecordDiffers: { kind: 'transient', step: 'Synced' },
  SecretNotPublished: { kind: 'transient', step: 'ResolvedRefs' },
  TokenRefused: { kind: 'transient', step: 'Verified' },
  Unprovable: { kind: 'stalled', step: 'Verified' },
  InternalError: { kind: 'bug', step: 'Synced' },
} as const satisfies Readonly<Record<string, Entry>>;

export type FailureReason = keyof typeof FAILURES;

/** Reasons of conditions that hold nothing back. */
export const STATES = [
  'Applied',
  'Adopted',
  'Suspended',
  'Valid',
  'Resolved',
  'Created',
  'Updated',
  'Recreated',
  'Released',
  'Generated',
  'Rotated',
  'Connected',
  'Answering',
  'LoggedIn',
  'PrivilegeShown',
  'NotYetShown',
  'PlainHttp',
  'VerificationDisabled',
  'Verifying',
  'TokenIssued',
  'Revoked',
  'Orphaned',
  'OwnerNotFound',
] as const;

export function fail(reason: FailureReason, message: string): Failure {
  return { kind: FAILURES[reason].kind, reason, message };
}

/** The condition that a failure turns; what nobody listed counts as ALM's. */
export function stepOf({ reason }: Failure): Step {
  return isFailureReason(reason) ? FAILURES[reason].step : 'Synced';
}

/** Whether it says what an attempt came to that will be made again. Patience that ALM asks for is waiting, too. */
export function tellsOfAttempt(reason: string): boolean {
  return isFailureReason(reason) && FAILURES[reason].kind === 'transient' && reason !== 'RateLimited';
}

function isFailureReason(reason: string): reason is FailureReason {
  return Object.hasOwn(FAILURES, reason);
}
