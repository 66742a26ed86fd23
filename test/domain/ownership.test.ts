import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClaimView, type Meeting, type Owner, standingOf } from '../../src/domain/ownership.ts';

const self: Owner = { namespace: 'team-a', name: 'orders', uid: 'u1' };
const endpoint = 'https://alm';

/** `self`, without consent to adoption. */
const meeting: Meeting = { self, endpoint, clientId: 'Orders', policy: 'Never' };

/** Held for exactly this object at exactly this endpoint. */
const held: ClaimView = {
  connection: 'main',
  endpoint,
  clientId: 'Orders',
  owner: self,
  phase: 'Held',
  origin: 'Created',
};

type Change = { readonly [K in keyof ClaimView]?: ClaimView[K] | undefined };

/** Members that are undefined are absent. */
function viewWith(change: Change): ClaimView {
  const entries = Object.entries({ ...held, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as ClaimView;
}

describe('standingOf', () => {
  const elsewhere = { endpoint: 'https://other' };
  const earlier = { owner: { ...self, uid: 'u0' } };
  const stranger = { owner: { namespace: 'team-b', name: 'orders', uid: 'u9' } };
  const namesake = { owner: { namespace: 'team-a', name: 'orders-2', uid: 'u1' } };

  const ours = { standing: 'ours', origin: 'Created' };
  const attempted = { standing: 'attempted' };
  const takeOver = (origin: string) => ({ standing: 'takeOver', as: 'Held', origin });
  const takeOverHeld = takeOver('Created');
  const takeOverAttempt = { standing: 'takeOver', as: 'Pending' };
  const refused = (kind: string, reason: string) => ({ standing: 'refused', failure: { kind, reason } });
  const spelt = { clientId: 'orders' };
  const unsettled = { phase: 'Revoking', origin: undefined };
  const exists = refused('stalled', 'AlreadyExists');
  const conflict = refused('stalled', 'ClientIdConflict');
  const wait = refused('waiting', 'Progressing');

  it('is free where no claim is', () => {
    expect(standingOf(undefined, meeting)).toEqual({ standing: 'free' });
  });

  it.each<[string, Change, object]>([
    ['Held for this object is ours', {}, ours],
    ['Held as adopted keeps that origin', { origin: 'Adopted' }, { standing: 'ours', origin: 'Adopted' }],
    ['Held at another endpoint counts as an attempt', elsewhere, takeOverAttempt],
    ['Held for an earlier object of this name is taken over as ours', earlier, takeOverHeld],
    [
      'Held for an earlier object at another endpoint is taken over as an attempt',
      { ...earlier, ...elsewhere },
      takeOverAttempt,
    ],
    ['Held in another namespace is a conflict', stranger, conflict],
    ['Held in another namespace at another endpoint is a conflict', { ...stranger, ...elsewhere }, conflict],
    ['Held under another name of this namespace is a conflict', namesake, conflict],

    ['Pending for this object is an attempt of its own', { phase: 'Pending' }, attempted],
    ['Pending at another endpoint is taken over', { phase: 'Pending', ...elsewhere }, takeOverAttempt],
    [
      'Pending for an earlier object of this name is taken over',
      { phase: 'Pending', ...earlier },
      takeOverAttempt,
    ],
    [
      'Pending for an earlier object at another endpoint is taken over',
      { phase: 'Pending', ...earlier, ...elsewhere },
      takeOverAttempt,
    ],
    ['Pending in another namespace is a conflict', { phase: 'Pending', ...stranger }, conflict],
    [
      'Pending in another namespace at another endpoint is a conflict',
      { phase: 'Pending', ...stranger, ...elsewhere },
      conflict,
    ],

    ['Retained is taken over again by the same object', { phase: 'Retained' }, takeOverHeld],
    [
      'Retained is taken over by the next object of the name',
      { phase: 'Retained', ...earlier },
      takeOverHeld,
    ],
    [
      'Retained at another endpoint counts as an attempt',
      { phase: 'Retained', ...elsewhere },
      takeOverAttempt,
    ],
    [
      'Retained by an earlier object at another endpoint counts as an attempt',
      { phase: 'Retained', ...earlier, ...elsewhere },
      takeOverAttempt,
    ],
    [
      'Retained of an attempt counts as an attempt',
      { phase: 'Retained', origin: undefined },
      takeOverAttempt,
    ],
    ['Retained by somebody else needs consent', { phase: 'Retained', ...stranger }, exists],
    [
      'Retained by somebody else at another endpoint needs consent',
      { phase: 'Retained', ...stranger, ...elsewhere },
      exists,
    ],
    [
      'Retained by somebody else in another spelling is a conflict',
      { phase: 'Retained', ...stranger, ...spelt },
      conflict,
    ],

    ['Revoking is waited for by the same object', { phase: 'Revoking' }, wait],
    ['Revoking is waited for by the next object of the name', { phase: 'Revoking', ...earlier }, wait],
    ['Revoking is waited for at another endpoint too', { phase: 'Revoking', ...elsewhere }, wait],
    ['Revoking by somebody else is waited for', { phase: 'Revoking', ...stranger }, wait],
    ['Revoking in another spelling is waited for', { phase: 'Revoking', ...spelt }, wait],
    [
      'Revoking of an attempt is settled by the next object of the name',
      { ...unsettled, ...earlier },
      takeOverAttempt,
    ],
    ['Revoking of an attempt is waited for by others', { ...unsettled, ...stranger }, wait],
    ['Revoking of an attempt in another spelling is waited for', { ...unsettled, ...spelt }, wait],

    ['Revoked is free to the same object', { phase: 'Revoked' }, takeOverHeld],
    ['Revoked is free to the next object of the name', { phase: 'Revoked', ...earlier }, takeOverHeld],
    ['Revoked is free to somebody else', { phase: 'Revoked', ...stranger }, takeOverHeld],
    ['Revoked is free in another spelling', { phase: 'Revoked', ...spelt }, takeOverHeld],
    ['Revoked makes an adopted client a created one', { phase: 'Revoked', origin: 'Adopted' }, takeOverHeld],
    ['Revoked at another endpoint counts as an attempt', { phase: 'Revoked', ...elsewhere }, takeOverAttempt],

    ['Held in another spelling is a conflict', spelt, conflict],
    ['Held for an earlier object in another spelling is a conflict', { ...earlier, ...spelt }, conflict],
    ['Pending in another spelling is a conflict', { phase: 'Pending', ...spelt }, conflict],
    ['Retained in another spelling is a conflict', { phase: 'Retained', ...spelt }, conflict],

    ['a word of a newer operator is left alone', { phase: 'Sealed' }, conflict],
    [
      'a word of a newer operator is left alone for an earlier object',
      { phase: 'Sealed', ...earlier },
      conflict,
    ],
    ['a word of a newer operator is left alone elsewhere', { phase: 'Sealed', ...elsewhere }, conflict],
    ['a phase in another case is another word', { phase: 'held' }, conflict],
  ])('%s', (_, change, expected) => {
    expect(standingOf(viewWith(change), meeting)).toMatchObject(expected);
  });

  it.each(['IfExists', 'Required'] as const)(
    'takes what somebody else left with a policy of %s',
    (policy) => {
      const left = viewWith({ phase: 'Retained', ...stranger });
      expect(standingOf(left, { ...meeting, policy })).toEqual(takeOver('Adopted'));
      expect(standingOf({ ...left, ...elsewhere }, { ...meeting, policy })).toEqual(takeOverAttempt);
    },
  );

  it.each(['IfExists', 'Required'] as const)(
    'takes nothing else from others with a policy of %s',
    (policy) => {
      for (const phase of ['Pending', 'Held', 'Revoking', 'Sealed'])
        expect(standingOf(viewWith({ phase, ...stranger }), { ...meeting, policy }).standing).toBe('refused');
    },
  );

  it('takes a held claim that does not name its origin for an adoption, whose deletion revokes nothing', () => {
    const { origin: _, ...nameless } = held;
    expect(standingOf(nameless, meeting)).toEqual({ standing: 'ours', origin: 'Adopted' });
  });

  it('writes its messages out for people', () => {
    const message = (change: Partial<ClaimView>) => {
      const found = standingOf({ ...held, ...change }, meeting);
      return found.standing === 'refused' ? found.failure.message : found.standing;
    };
    expect(message(stranger)).toBe(
      'clientId Orders on connection main belongs to ClientCredential team-b/orders; choose another clientId, or ' +
        'ask its owner or the administrators of the operator to release it',
    );
    expect(message({ phase: 'Revoking' })).toBe(
      'the client of an earlier object is being revoked; this object goes on when the claim of the client says Revoked',
    );
    expect(message({ phase: 'Retained', ...stranger })).toBe(
      'ALM still holds client Orders, which ClientCredential team-b/orders left there; set adoptionPolicy to IfExists ' +
        'to take it over, or choose another clientId',
    );
    expect(message({ clientId: 'orders' })).toBe(
      'this client is on record as orders, which differs in case only; declare it with that spelling, or ask the ' +
        'administrators of the operator to release it',
    );
    expect(message({ phase: 'Sealed' })).toBe(
      'the claim of clientId Orders is in phase Sealed, which this version of the operator does not know; upgrade ' +
        'the operator',
    );
  });

  it('names nobody as the owner of a claim that nobody can read', () => {
    const nobody = { owner: { namespace: '', name: '', uid: '' }, connection: '', endpoint: '' };
    const found = standingOf({ ...held, ...nobody, phase: 'Unreadable' }, meeting);
    expect(found).toMatchObject({
      failure: {
        reason: 'ClientIdConflict',
        message:
          'the claim of clientId Orders is in phase Unreadable, which this version of the operator does not know; ' +
          'upgrade the operator',
      },
    });
  });

  it('never lets anybody in who is not of the same namespace and name, but where the client is revoked', () => {
    const word = fc.constantFrom('team-a', 'team-b', 'orders', 'invoices');
    const phase = fc.constantFrom('Pending', 'Held', 'Retained', 'Revoking', 'Revoked', 'Sealed');
    fc.assert(
      fc.property(word, word, fc.constantFrom('u1', 'u2'), phase, (namespace, name, uid, of) => {
        const found = standingOf({ ...held, owner: { namespace, name, uid }, phase: of }, meeting);
        const isOther = namespace !== self.namespace || name !== self.name;
        if (isOther && of !== 'Revoked') expect(found.standing).toBe('refused');
      }),
    );
  });
});
