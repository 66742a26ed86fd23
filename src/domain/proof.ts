import type { Finding } from '../kube/conditions.ts';
import type { Failure } from '../kube/outcome.ts';
import { fail } from './reasons.ts';
import type { Proof } from './record.ts';

/**
 * What a login with the client's own secret says about it. Replicas and caches of ALM take their time after a write, so
 * that a refusal counts only once it has lasted.
 */

/** How long after a write a login may be refused. */
export const WINDOW_MS = 30_000;

/** How soon it is tried again, then at growing distances: after 2 s, 4 s, 8 s, 16 s and at the end. */
const AGAIN_MS = 2_000;

/**
 * `verifying`: not yet, and it may still come; without `againMs` nobody answered, and the usual back-off will do.
 * `unheard`: nobody answered, and what an earlier login showed still stands.
 */
export type Verification =
  | Readonly<{ verification: 'issued' | 'unprovable' | 'unheard' }>
  | Readonly<{ verification: 'verifying'; againMs?: number }>
  | Readonly<{ verification: 'refused'; failure: Failure }>;

/**
 * `sinceMs`: how long ago ALM took the secret, as far as that is known; a time to come means that clocks disagree.
 * `proved`: a login has succeeded with what ALM is believed to hold.
 */
export function verificationOf(
  proof: Proof | 'unreached',
  sinceMs: number | undefined,
  proved: boolean,
): Verification {
  switch (proof) {
    case 'accepted':
      return { verification: 'issued' };
    case 'cannotAsk':
      return { verification: 'unprovable' };
    case 'unreached':
      return { verification: proved ? 'unheard' : 'verifying' };
    case 'refused':
    case 'grantMissing':
      return refusedFor(sinceMs, proof);
  }
}

function refusedFor(sinceMs: number | undefined, proof: 'refused' | 'grantMissing'): Verification {
  const againMs = sinceMs === undefined ? undefined : againAfter(sinceMs);
  if (againMs === undefined) return { verification: 'refused', failure: refusalOf(proof) };
  return { verification: 'verifying', againMs };
}

/** When to ask again after a refusal so long after the write, in whole milliseconds; undefined where the window is over. */
export function againAfter(sinceMs: number): number | undefined {
  if (!(sinceMs >= 0 && sinceMs < WINDOW_MS)) return undefined;
  return Math.ceil(Math.min(Math.max(AGAIN_MS, sinceMs), WINDOW_MS - sinceMs));
}

function refusalOf(proof: 'refused' | 'grantMissing'): Failure {
  const refused =
    'ALM accepted the client but refuses a login with the password of its Secret; it may ignore new passwords, or ' +
    'somebody else changes this one; it is written and tried again';
  const grantless =
    'ALM knows the password but does not let the client use the grant client_credentials, although it accepted it; ' +
    'it is written and tried again';
  return fail('TokenRefused', proof === 'refused' ? refused : grantless);
}

const FINDINGS: Readonly<Record<'issued' | 'verifying' | 'unprovable', Finding>> = {
  issued: {
    type: 'Verified',
    status: 'True',
    reason: 'TokenIssued',
    message: 'ALM lets the client log in with the password of its Secret',
  },
  verifying: {
    type: 'Verified',
    status: 'Unknown',
    reason: 'Verifying',
    message:
      'ALM accepted the client; a login with its password has yet to succeed, and is tried for half a minute',
  },
  unprovable: {
    type: 'Verified',
    status: 'Unknown',
    reason: 'Unprovable',
    message: 'ALM accepted the client; its token endpoint does not say whether the password works',
  },
};

export function verifiedFinding(verification: 'issued' | 'verifying' | 'unprovable'): Finding {
  return FINDINGS[verification];
}
