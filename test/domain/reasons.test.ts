import { describe, expect, it } from 'vitest';
import {
  FAILURES,
  type FailureReason,
  fail,
  STATES,
  stepOf,
  tellsOfAttempt,
} from '../../src/domain/reasons.ts';

describe('reasons', () => {
  it.each<[FailureReason, string, string]>([
    ['InvalidSpec', 'stalled', 'Accepted'],
    ['ProtectedClientId', 'stalled', 'Accepted'],
    ['OwnLoginClient', 'stalled', 'Accepted'],
    ['ClientIdConflict', 'stalled', 'Accepted'],
    ['ConnectionMoved', 'stalled', 'Accepted'],
    ['SecretInvalid', 'stalled', 'ResolvedRefs'],
    ['SecretNotAllowed', 'stalled', 'ResolvedRefs'],
    ['ConnectionNotFound', 'waiting', 'ResolvedRefs'],
    ['ConnectionNotReady', 'waiting', 'ResolvedRefs'],
    ['SecretNotFound', 'waiting', 'ResolvedRefs'],
    ['SecretKeyNotFound', 'waiting', 'ResolvedRefs'],
    ['SecretEmpty', 'waiting', 'ResolvedRefs'],
    ['AlreadyExists', 'stalled', 'Synced'],
    ['NotFoundForUpdate', 'stalled', 'Synced'],
    ['RejectedByAlm', 'stalled', 'Synced'],
    ['Progressing', 'waiting', 'Synced'],
    ['OutcomeUnknown', 'transient', 'Synced'],
    ['Unauthorised', 'transient', 'Synced'],
    ['PrivilegeMissing', 'transient', 'Synced'],
    ['EndpointNotFound', 'transient', 'Synced'],
    ['RateLimited', 'transient', 'Synced'],
    ['AlmUnavailable', 'transient', 'Synced'],
    ['TlsError', 'transient', 'Synced'],
    ['MalformedAnswer', 'transient', 'Synced'],
    ['RecordDiffers', 'transient', 'Synced'],
    ['GeneratedSecretConflict', 'stalled', 'ResolvedRefs'],
    ['SecretNotPublished', 'transient', 'ResolvedRefs'],
    ['TokenRefused', 'transient', 'Verified'],
    ['Unprovable', 'stalled', 'Verified'],
    ['InternalError', 'bug', 'Synced'],
  ])('%s is %s and turns %s', (reason, kind, step) => {
    const failure = fail(reason, 'why');
    expect(failure).toEqual({ kind, reason, message: 'why' });
    expect(stepOf(failure)).toBe(step);
  });

  it.each(['Novel', 'toString', '__proto__'])('counts %s, which nobody listed, as ALM’s', (reason) => {
    expect(stepOf({ kind: 'transient', reason, message: '' })).toBe('Synced');
  });

  it.each([
    ['AlmUnavailable', true],
    ['OutcomeUnknown', true],
    ['TokenRefused', true],
    ['RateLimited', false],
    ['CircuitOpen', false],
    ['ConnectionNotReady', false],
    ['RejectedByAlm', false],
    ['InternalError', false],
    ['Applied', false],
    ['toString', false],
  ])('%s tells of an attempt that will be made again: %s', (reason, tells) => {
    expect(tellsOfAttempt(reason)).toBe(tells);
  });

  it('gives each word one meaning', () => {
    const words = [...Object.keys(FAILURES), ...STATES];
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect(word).toMatch(/^[A-Z][A-Za-z]+$/);
  });
});
