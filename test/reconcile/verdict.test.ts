import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClientCredential,
  type CredentialStatus,
  credentialSpec,
} from '../../src/api/clientcredential.ts';
import { API_VERSION, REQUESTED_AT } from '../../src/api/group.ts';
import type { Operation } from '../../src/domain/plan.ts';
import { FAILURES, type FailureReason, fail } from '../../src/domain/reasons.ts';
import { nextStatus, type Verdict } from '../../src/reconcile/verdict.ts';
import type { Wish } from '../../src/reconcile/wish.ts';
import { HOUR, spec, want } from './manifests.ts';

const noon = Date.parse('2026-03-01T12:00:00Z');
const secret = { name: 'orders', key: 'clientSecret', uid: 's1', resourceVersion: '7' };
const wish: Wish = {
  spec: credentialSpec.parse(spec),
  want,
  policy: 'Never',
  connection: 'default',
  endpoint: 'https://alm',
  secret: { namespace: 'team-a', name: 'orders', key: 'clientSecret' },
  self: { namespace: 'team-a', name: 'orders', uid: 'u1' },
  claim: 'orders-x',
  isProtected: false,
  requireRevoke: false,
  generated: undefined,
  tokenUrl: 'https://alm/oauth/token',
  proves: false,
  provesAtResync: false,
  resyncMs: HOUR,
};

function credential(status?: unknown, change: Partial<ClientCredential['metadata']> = {}): ClientCredential {
  const metadata = {
    namespace: 'team-a',
    name: 'orders',
    uid: 'u1',
    resourceVersion: '1',
    generation: 3,
    ...change,
  };
  return {
    apiVersion: API_VERSION,
    kind: 'ClientCredential',
    metadata,
    spec,
    ...(status !== undefined && { status }),
  };
}

function next(on: ClientCredential, verdict: Verdict, nowMs = noon): CredentialStatus {
  return nextStatus(on, verdict, { now: () => nowMs, resyncIntervalMs: HOUR });
}

const wrote = (operation: Operation, changed = true) =>
  ({ end: 'applied', operation, origin: 'Created', changed, drift: false }) as const;
const first: Verdict = {
  wish,
  origin: 'Created',
  pending: false,
  end: wrote('Created'),
  secret,
  warning: null,
};
/** What a pass knows that finds nothing due. */
const idle: Verdict = { wish, origin: 'Created', pending: false };
const applied = next(credential(), first);

describe('the status that a pass leaves', () => {
  it('after a first write holds what was sent, from what, and when', () => {
    expect(applied).toEqual({
      observedGeneration: 3,
      conditions: [
        condition('Ready', 'Applied', 'ALM holds this client as declared'),
        condition('Accepted', 'Valid', 'the spec is valid and the object may manage this client'),
        condition('ResolvedRefs', 'Resolved', 'connection and Secret are usable'),
        condition('Synced', 'Created', 'ALM accepted the new client'),
      ],
      origin: 'Created',
      connection: 'default',
      effective: { ...want, adoptionPolicy: 'Never', deletionPolicy: 'Revoke', resyncInterval: '1h' },
      applied: {
        generation: 3,
        endpoint: 'https://alm',
        secret,
        operation: 'Created',
        time: '2026-03-01T12:00:00Z',
      },
    });
  });

  it('is the same after a pass that finds nothing due, however much later', () => {
    expect(next(credential(applied), idle, noon + 99 * HOUR)).toEqual(applied);
  });

  it('is the same after a re-assertion', () => {
    const again: Verdict = { ...first, end: wrote('Updated', false) };
    expect(next(credential(applied), again, noon + HOUR)).toEqual(applied);
  });

  it('is the same after a look that found no difference', () => {
    const look: Verdict = { ...first, end: { end: 'unchanged', origin: 'Created' } };
    expect(next(credential(applied), look, noon + HOUR)).toEqual(applied);
  });

  it('holds a new write, and leaves the times of conditions that did not turn', () => {
    const later = next(
      credential(applied, { generation: 4 }),
      { ...first, end: wrote('Updated') },
      noon + HOUR,
    );
    expect(later.applied).toMatchObject({
      generation: 4,
      operation: 'Updated',
      time: '2026-03-01T13:00:00Z',
    });
    expect(later.conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(
      Array(4).fill('2026-03-01T12:00:00Z'),
    );
    expect(later.conditions?.map(({ observedGeneration }) => observedGeneration)).toEqual([4, 4, 4, 4]);
  });

  it('keeps what was applied through a failure', () => {
    const failed = next(
      credential(applied, { generation: 4 }),
      { failure: fail('InvalidSpec', 'wrong') },
      noon + HOUR,
    );
    expect(failed).toMatchObject({
      observedGeneration: 4,
      origin: 'Created',
      connection: 'default',
      effective: applied.effective,
      applied: applied.applied,
    });
    expect(failed.conditions?.map(({ type }) => type)).toEqual([
      'Ready',
      'Accepted',
      'ResolvedRefs',
      'Synced',
      'Stalled',
    ]);
  });

  it('does not take a record for applied that ALM did not take', () => {
    const newer: Verdict = { ...idle, wish: { ...wish, want: { ...want, roles: [] } }, pending: true };
    const failed = next(credential(applied), { ...newer, failure: fail('RejectedByAlm', 'no') });
    expect(failed.effective?.roles).toEqual(want.roles);
    expect(failed.applied).toEqual(applied.applied);
  });

  it('has no effective record before the first write', () => {
    const failed = next(credential(), { wish, pending: true, failure: fail('AlmUnavailable', 'away') });
    expect(failed).not.toHaveProperty('effective');
    expect(failed).not.toHaveProperty('applied');
    expect(failed).not.toHaveProperty('origin');
    expect(failed.connection).toBe('default');
  });

  it.each<[string, Partial<Wish>, Partial<Verdict>, object]>([
    ['Retain for an adopted client', {}, { origin: 'Adopted' }, { deletionPolicy: 'Retain' }],
    ['Revoke for a created client', {}, { origin: 'Created' }, { deletionPolicy: 'Revoke' }],
    [
      'what the spec says over both',
      { spec: credentialSpec.parse({ ...spec, deletionPolicy: 'Revoke' }) },
      { origin: 'Adopted' },
      { deletionPolicy: 'Revoke' },
    ],
    ['the adoption policy', { policy: 'IfExists' }, {}, { adoptionPolicy: 'IfExists' }],
    ['the resync interval', { resyncMs: 0 }, {}, { resyncInterval: '0s' }],
  ])('resolves %s', (_, wishes, change, expected) => {
    const status = next(credential(applied), { ...idle, wish: { ...wish, ...wishes }, ...change });
    expect(status.effective).toMatchObject(expected);
  });

  it.each([
    ['Created', 'Created', 'ALM accepted the new client'],
    ['Adopted', 'Updated', 'ALM accepted this record for a client that it already had'],
    ['Updated', 'Updated', 'ALM accepted the changed client'],
    ['Recreated', 'Recreated', 'ALM had lost the client and accepted it anew'],
  ])('goes on to tell of the operation %s', (operation, reason, message) => {
    const status = next(credential({ ...applied, applied: { ...applied.applied, operation } }), idle);
    expect(status.conditions?.at(-1)).toMatchObject({ type: 'Synced', status: 'True', reason, message });
  });

  it.each([
    ['Created', 'Created'],
    ['Adopted', 'Adopted'],
    ['Inherited', undefined],
  ])('keeps the origin %s through a pass that does not learn it: %s', (origin, kept) => {
    const failed = next(credential({ ...applied, origin }), { failure: fail('InvalidSpec', 'wrong') });
    expect(failed.origin).toBe(kept);
  });

  it('takes an operation of a newer version for an update', () => {
    const newer = { ...applied, applied: { ...applied.applied, operation: 'Reforged' } };
    const status = next(credential(newer), idle);
    expect(status.conditions?.at(-1)).toMatchObject({ type: 'Synced', status: 'True', reason: 'Updated' });
    expect(status.applied?.operation).toBe('Reforged');
  });

  it('begins anew on a status that nobody can read', () => {
    expect(next(credential({ conditions: 'none' }), first)).toEqual(applied);
  });

  it('says of rotations what the claim says, and nothing where a Secret is named', () => {
    const last = '2026-01-01T00:00:00.000Z';
    const generated = {
      length: 40,
      clientIdKey: undefined,
      tokenUrlKey: undefined,
      template: undefined,
      token: 'r2',
      due: undefined,
      nextMs: Date.parse('2026-06-01T00:00:00Z'),
      replaces: true,
      rotation: { last, token: 'r1' },
    };
    const told = next(credential(applied), { ...idle, wish: { ...wish, generated } });
    expect(told).toMatchObject({
      rotation: { last, next: '2026-06-01T00:00:00Z' },
      lastHandledRotateAt: 'r1',
    });
    const named = next(credential(told), idle);
    expect([named.rotation, named.lastHandledRotateAt]).toEqual([undefined, undefined]);
  });

  it('keeps what it says of rotations where the pass stopped before it could tell', () => {
    const rotation = { last: '2026-01-01T00:00:00Z', next: '2026-06-01T00:00:00Z' };
    const status = { ...applied, rotation, lastHandledRotateAt: 'r1' };
    const { wish: _, ...early } = { ...idle, failure: fail('AccessDenied', 'no') };
    expect(next(credential(status), early)).toMatchObject({ rotation, lastHandledRotateAt: 'r1' });
  });

  it.each<[string, Verdict, string | undefined]>([
    ['is echoed by a pass that came to its end', idle, 'new'],
    ['is not echoed by a failure', { ...idle, failure: fail('AlmUnavailable', 'away') }, 'old'],
    [
      'is echoed where ALM has answered and the login alone is refused',
      { ...idle, failure: fail('TokenRefused', 'no'), end: { end: 'unchanged', origin: 'Created' } },
      'new',
    ],
    ['is not echoed while suspended', { ...idle, suspended: true }, 'old'],
  ])('a request %s', (_, verdict, echoed) => {
    const status = { ...applied, lastHandledReconcileAt: 'old' };
    const asked = credential(status, { annotations: { [REQUESTED_AT]: 'new' } });
    expect(next(asked, verdict).lastHandledReconcileAt).toBe(echoed);
  });

  it('measures the silence of ALM in intervals of the object, else of the operator', () => {
    const silent: Verdict = { ...idle, failure: fail('AlmUnavailable', 'away') };
    const begun = next(credential(applied), silent);
    const ready = (verdict: Verdict, hours: number) =>
      next(credential(begun), verdict, noon + hours * HOUR).conditions?.[0]?.status;
    expect([ready(silent, 1), ready(silent, 2)]).toEqual(['True', 'Unknown']);
    const slow = { ...silent, wish: { ...wish, resyncMs: 2 * HOUR } };
    expect([ready(slow, 3), ready(slow, 4)]).toEqual(['True', 'Unknown']);
    expect(ready({ ...silent, wish: { ...wish, resyncMs: 0 } }, 999)).toBe('True');
  });

  it('is the same when a pass comes to the same a second time', () => {
    const verdicts = fc.record<Verdict>({
      wish: fc.constantFrom(wish, { ...wish, resyncMs: 0 }),
      origin: fc.constantFrom('Created', 'Adopted'),
      pending: fc.boolean(),
      suspended: fc.boolean(),
      failure: fc
        .option(fc.constantFrom(...(Object.keys(FAILURES) as FailureReason[])), { nil: undefined })
        .map((reason) => reason && fail(reason, reason)) as never,
      warning: fc.constantFrom(undefined, null, 'odd'),
    });
    const starts = fc.constantFrom(credential(), credential(applied), credential(applied, { generation: 9 }));
    fc.assert(
      fc.property(starts, fc.array(verdicts, { minLength: 1, maxLength: 4 }), (start, history) => {
        let status: CredentialStatus | undefined;
        for (const [hour, verdict] of history.entries()) {
          const on = status === undefined ? start : { ...start, status };
          status = next(on, verdict, noon + hour * HOUR);
          expect(next({ ...start, status }, verdict, noon + hour * HOUR)).toEqual(status);
        }
      }),
    );
  });
});

function condition(type: string, reason: string, message: string) {
  const lastTransitionTime = '2026-03-01T12:00:00Z';
  return { type, status: 'True', reason, message, observedGeneration: 3, lastTransitionTime };
}
