import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPending, type Sight, whyDue } from '../../src/domain/due.ts';
import type { Answer, Rung } from '../../src/domain/plan.ts';
import { absent, climbed, done, exists, good, ok, proof, record, refused, want } from './ladder.ts';
import { type Claim, type Fault, holds, type Knobs, pass, type World } from './world.ts';

const secret = { name: 's', key: 'clientSecret', uid: 'u1', resourceVersion: '7' };

describe('whyDue', () => {
  const inSync: Sight = {
    want,
    secret,
    endpoint: 'https://alm',
    applied: { record: want, secret, endpoint: 'https://alm' },
    held: true,
    requested: false,
    resyncDue: false,
    unproved: false,
    rotating: false,
  };
  const applied = { record: want, secret, endpoint: 'https://alm' };

  it.each<[string, Partial<Sight>, string[]]>([
    ['nothing where all is as applied', {}, []],
    ['nothing for roles in another order', { want: { ...want, roles: ['Portal'] } }, []],
    ['spec for another role', { want: { ...want, roles: ['Portal', 'ReadOnly'] } }, ['spec']],
    ['spec for a role fewer', { want: { ...want, roles: [] } }, ['spec']],
    ['spec for another grant', { want: { ...want, authorisedGrantTypes: ['password'] } }, ['spec']],
    ['spec for another access validity', { want: { ...want, accessTokenValidity: 1201 } }, ['spec']],
    ['spec for another refresh validity', { want: { ...want, refreshTokenValidity: 1 } }, ['spec']],
    ['spec for another id', { want: { ...want, clientId: 'Orders' } }, ['spec']],
    ['secret for another version', { secret: { ...secret, resourceVersion: '8' } }, ['secret']],
    ['secret for another uid of the same version', { secret: { ...secret, uid: 'u2' } }, ['secret']],
    ['secret for another key', { secret: { ...secret, key: 'password' } }, ['secret']],
    ['secret for another name', { secret: { ...secret, name: 't' } }, ['secret']],
    ['secret where the store knows none', { secret: undefined }, ['secret']],
    ['endpoint for another address', { endpoint: 'https://other' }, ['endpoint']],
    ['claim where none is held', { held: false }, ['claim']],
    ['requested for a new token', { requested: true }, ['requested']],
    ['resync when it is due', { resyncDue: true }, ['resync']],
    ['proof where no login has succeeded', { unproved: true }, ['proof']],
    ['rotate where a new secret is due', { rotating: true }, ['rotate']],
    [
      'everything else before the login that it asks for',
      { held: false, requested: true, resyncDue: true, unproved: true, rotating: true },
      ['claim', 'requested', 'resync', 'proof', 'rotate'],
    ],
    [
      'spec, secret and endpoint where nothing was applied',
      { applied: undefined },
      ['spec', 'secret', 'endpoint'],
    ],
    [
      'secret where another was applied',
      { applied: { ...applied, secret: { ...secret, uid: 'x' } } },
      ['secret'],
    ],
  ])('says %s', (_, change, expected) => {
    expect(whyDue({ ...inSync, ...change })).toEqual(expected);
  });

  it.each([
    [[], false],
    [['resync'], false],
    [['requested', 'resync'], false],
    [['proof'], false],
    [['rotate'], false],
    [['resync', 'drift'], true],
    [['proof', 'secret'], true],
    [['claim'], true],
    [['resync', 'secret'], true],
    [['spec'], true],
    [['endpoint'], true],
  ] as const)('counts %j as pending: %s', (why, pending) => {
    expect(isPending(why)).toBe(pending);
  });
});

describe('the ladder', () => {
  const created = { end: 'applied', operation: 'Created', origin: 'Created', changed: true };
  const adopted = { end: 'applied', operation: 'Adopted', origin: 'Adopted', changed: true };
  const failed = (reason: string) => ({ end: 'failed', failure: { reason } });

  type Row = [string, Partial<Rung>, Answer[], string, object];
  const first: Row[] = [
    ['creates', {}, [ok, done], 'post hold:Created', created],
    ['leaves an existing client alone', {}, [exists, done], 'post drop', failed('AlreadyExists')],
    ['leaves alone what 400 may mean', {}, [refused(400), done], 'post drop', failed('RejectedByAlm')],
    ['leaves alone what 422 may mean', {}, [refused(422), done], 'post drop', failed('RejectedByAlm')],
    ['leaves alone what 500 may mean', {}, [refused(500), done], 'post drop', failed('RejectedByAlm')],
    ['creates with consent', { policy: 'IfExists' }, [ok, done], 'post hold:Created', created],
    ['adopts with consent', { policy: 'IfExists' }, [exists, ok, done], 'post put hold:Adopted', adopted],
    [
      'adopts after a 400',
      { policy: 'IfExists' },
      [refused(400), ok, done],
      'post put hold:Adopted',
      adopted,
    ],
    [
      'adopts after a 500',
      { policy: 'IfExists' },
      [refused(500), ok, done],
      'post put hold:Adopted',
      adopted,
    ],
    [
      'tells of the creation where nothing was there to adopt',
      { policy: 'IfExists' },
      [refused(400), absent, done],
      'post put drop',
      failed('RejectedByAlm'),
    ],
    [
      'lets the answer to the PUT stand',
      { policy: 'IfExists' },
      [exists, refused(400), done],
      'post put drop',
      failed('RejectedByAlm'),
    ],
    [
      'keeps the attempt where the PUT met a 500',
      { policy: 'IfExists' },
      [exists, refused(500)],
      'post put',
      failed('AlmUnavailable'),
    ],
    [
      'gives up where existing became absent',
      { policy: 'IfExists' },
      [exists, absent, done],
      'post put drop',
      failed('NotFoundForUpdate'),
    ],
    [
      'only updates when adoption is required',
      { policy: 'Required' },
      [ok, done],
      'put hold:Adopted',
      adopted,
    ],
    [
      'never creates when adoption is required',
      { policy: 'Required' },
      [absent, done],
      'put drop',
      failed('NotFoundForUpdate'),
    ],
    [
      'reports a refused adoption',
      { policy: 'Required' },
      [refused(400), done],
      'put drop',
      failed('RejectedByAlm'),
    ],
    [
      'reads a readable ALM first',
      { readable: true },
      [record(), done],
      'read drop',
      failed('AlreadyExists'),
    ],
    [
      'creates what a readable ALM lacks',
      { readable: true },
      [absent, ok, done, record()],
      'read post hold:Created read',
      created,
    ],
    [
      'creates where a read turns out not to be offered',
      { readable: true },
      [{ answer: 'notOffered' }, ok, done, { answer: 'notOffered' }],
      'read post hold:Created read',
      created,
    ],
    [
      'adopts what it read',
      { readable: true, policy: 'IfExists' },
      [record(), ok, done, record()],
      'read put hold:Adopted read',
      adopted,
    ],
    [
      'takes a record in another case for the one it wrote',
      { readable: true, policy: 'IfExists' },
      [record(), ok, done, record({ clientId: 'ORDERS' })],
      'read put hold:Adopted read',
      adopted,
    ],
    [
      'notices what ALM made of it',
      { readable: true },
      [absent, ok, done, record({ accessTokenValidity: 60 })],
      'read post hold:Created read',
      failed('RecordDiffers'),
    ],
    [
      'does not believe that ALM holds what it does not show',
      { readable: true },
      [absent, ok, done, absent],
      'read post hold:Created read',
      failed('AlmUnavailable'),
    ],
  ];
  const attempted: Row[] = [
    ['knows its client by the login', {}, [proof('accepted'), done, ok], 'prove hold:Created put', created],
    [
      'takes the login for an adoption where it had consent',
      { policy: 'IfExists' },
      [proof('accepted'), done, ok],
      'prove hold:Adopted put',
      adopted,
    ],
    [
      'begins anew where the login is refused',
      {},
      [proof('refused'), ok, done],
      'prove post hold:Created',
      created,
    ],
    [
      'begins anew where nobody can say',
      {},
      [proof('cannotAsk'), exists, done],
      'prove post drop',
      failed('AlreadyExists'),
    ],
    [
      'takes no hint where a login was possible',
      {},
      [proof('grantMissing'), exists, done],
      'prove post drop',
      failed('AlreadyExists'),
    ],
    [
      'takes the hint of a password client',
      { want: { ...want, authorisedGrantTypes: ['password'] } },
      [proof('grantMissing'), done, ok],
      'prove hold:Created put',
      created,
    ],
    [
      'takes no hint for a protected id',
      { want: { ...want, authorisedGrantTypes: ['password'] }, isProtected: true },
      [proof('grantMissing'), exists, done],
      'prove post drop',
      failed('AlreadyExists'),
    ],
    [
      'waits for replicas where the login is refused and the client is there',
      { patienceMs: 4000 },
      [proof('refused'), exists],
      'prove post',
      failed('OutcomeUnknown'),
    ],
    [
      'waits for replicas however ALM says that the client is there',
      { patienceMs: 4000 },
      [proof('refused'), refused(400)],
      'prove post',
      failed('OutcomeUnknown'),
    ],
    [
      'waits for replicas where a record is there to be read',
      { patienceMs: 4000, readable: true },
      [proof('refused'), record()],
      'prove read',
      failed('OutcomeUnknown'),
    ],
    [
      'waits for replicas where there is nothing to adopt yet',
      { patienceMs: 4000, policy: 'Required' },
      [proof('refused'), absent],
      'prove put',
      { end: 'failed', failure: { reason: 'OutcomeUnknown', retryAfterMs: 4000 } },
    ],
    [
      'creates at once what is not there, however young the attempt',
      { patienceMs: 4000 },
      [proof('refused'), ok, done],
      'prove post hold:Created',
      created,
    ],
    [
      'waits for no login that nobody can judge',
      { patienceMs: 4000 },
      [proof('cannotAsk'), exists, done],
      'prove post drop',
      failed('AlreadyExists'),
    ],
    [
      'waits for no login that the client cannot have',
      { patienceMs: 4000, want: { ...want, authorisedGrantTypes: ['password'] } },
      [proof('refused'), exists, done],
      'prove post drop',
      failed('AlreadyExists'),
    ],
    [
      'keeps the client where the update fails',
      {},
      [proof('accepted'), done, refused(500)],
      'prove hold:Created put',
      failed('AlmUnavailable'),
    ],
  ];
  const mine = { start: { from: 'ours', origin: 'Created' }, applied: true } as const;
  const updated = { end: 'applied', operation: 'Updated', origin: 'Created', changed: true };
  const ours: Row[] = [
    ['updates', mine, [ok], 'put', updated],
    [
      'keeps the origin',
      { ...mine, start: { from: 'ours', origin: 'Adopted' } },
      [ok],
      'put',
      { ...updated, origin: 'Adopted' },
    ],
    ['calls the first write by its origin', { ...mine, applied: false }, [ok], 'put', created],
    [
      're-asserts without a change',
      { ...mine, onlyCheck: true, reasserts: true },
      [ok],
      'put',
      { ...updated, changed: false },
    ],
    [
      'leaves alone what reads back equal',
      { ...mine, onlyCheck: true, reasserts: true, readable: true },
      [record({ roles: ['Portal'] })],
      'read',
      { end: 'unchanged', origin: 'Created' },
    ],
    [
      'leaves alone what reads back in another case',
      { ...mine, onlyCheck: true, reasserts: true, readable: true },
      [record({ clientId: 'ORDERS' })],
      'read',
      { end: 'unchanged', origin: 'Created' },
    ],
    [
      'repairs drift',
      { ...mine, onlyCheck: true, reasserts: true, readable: true },
      [record({ roles: [] }), ok, record()],
      'read put read',
      updated,
    ],
    [
      're-asserts without a change where a read turns out not to be offered',
      { ...mine, onlyCheck: true, reasserts: true, readable: true },
      [{ answer: 'notOffered' }, ok, { answer: 'notOffered' }],
      'read put read',
      { ...updated, changed: false },
    ],
    [
      'calls it a change where a PUT alone made anew what was absent',
      { ...mine, onlyCheck: true, reasserts: true, readable: true },
      [absent, ok, record()],
      'read put read',
      updated,
    ],
    [
      'makes anew what drifted away',
      { ...mine, onlyCheck: true, reasserts: true, readable: true },
      [absent, absent, ok, record()],
      'read put post read',
      { ...updated, operation: 'Recreated' },
    ],
    ['makes a lost client anew', mine, [absent, ok], 'put post', { ...updated, operation: 'Recreated' }],
    [
      'tries a POST after a 400',
      mine,
      [refused(400), ok],
      'put post',
      { ...updated, operation: 'Recreated' },
    ],
    [
      'tries a POST after a 422',
      mine,
      [refused(422), ok],
      'put post',
      { ...updated, operation: 'Recreated' },
    ],
    [
      'lets the refusal of the PUT stand',
      mine,
      [refused(400, 'no such role'), refused(400)],
      'put post',
      failed('RejectedByAlm'),
    ],
    [
      'lets the refusal of the PUT stand where the client exists',
      mine,
      [refused(400), exists],
      'put post',
      failed('RejectedByAlm'),
    ],
    [
      'believes neither where ALM says both that the client is there and that it is not',
      mine,
      [absent, exists],
      'put post',
      failed('AlmUnavailable'),
    ],
    ['lets the 404 of the PUT stand', mine, [absent, refused(400)], 'put post', failed('NotFoundForUpdate')],
    ['makes nothing of a 500', mine, [refused(500)], 'put', failed('AlmUnavailable')],
    ['does not read after an update of an unreadable ALM', mine, [ok], 'put', updated],
    [
      'notices what ALM made of an update',
      { ...mine, readable: true },
      [ok, record({ roles: [] })],
      'put read',
      failed('RecordDiffers'),
    ],
    [
      'does not believe an update after which the client is gone',
      { ...mine, readable: true },
      [ok, absent],
      'put read',
      failed('AlmUnavailable'),
    ],
  ];

  it.each(first)('first: %s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...good, ...rung }, answers)).toMatchObject({ moves, end });
  });
  it.each(attempted)('attempted: %s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...good, start: { from: 'attempted' }, ...rung }, answers)).toMatchObject({
      moves,
      end,
    });
  });
  it.each(ours)('ours: %s', (_, rung, answers, moves, end) => {
    expect(climbed({ ...good, ...rung }, answers)).toMatchObject({ moves, end });
  });

  it('writes its messages out for people', () => {
    const message = (rung: Partial<Rung>, answers: Answer[]) => {
      const { end } = climbed({ ...good, ...rung }, answers);
      return end.end === 'failed' ? end.failure.message : end;
    };
    expect(message({}, [exists, done])).toBe(
      'ALM already has a client orders that this object did not create; set adoptionPolicy to IfExists to take it ' +
        'over, or choose another clientId',
    );
    expect(message({ policy: 'Required' }, [absent, done])).toBe(
      'ALM has no client orders to update; create it there, or set adoptionPolicy to IfExists or Never',
    );
    expect(message({}, [refused(400, 'Unknown role Portal'), done])).toBe(
      "ALM refused the creation with 400: Unknown role Portal; correct the spec or ask ALM's administrator",
    );
    expect(message(mine, [refused(422), refused(400)])).toBe(
      "ALM refused the update with 422; correct the spec or ask ALM's administrator",
    );
    expect(message({ policy: 'IfExists' }, [exists, refused(422), done])).toBe(
      "ALM refused the update with 422; correct the spec or ask ALM's administrator",
    );
    expect(message(mine, [refused(500)])).toBe(
      "ALM answered 500 to the update; see ALM's own log if it lasts",
    );
    expect(message({ ...mine, readable: true }, [ok, record({ roles: [], accessTokenValidity: 60 })])).toBe(
      'ALM accepted the client but reads back other values of roles, accessTokenValidity; ALM limits or rewrites them',
    );
  });
});

describe('whatever is lost on the way', () => {
  const knobs: fc.Arbitrary<Knobs> = fc.record({
    readable: fc.boolean(),
    postOnExisting: fc.constantFrom(409, 400, 500),
    putOnMissing: fc.constantFrom<Knobs['putOnMissing'][]>(404, 400, 'upsert'),
    proves: fc.boolean(),
  });
  const faults: fc.Arbitrary<Fault[]> = fc.array(
    fc.record({ at: fc.nat(4), kind: fc.constantFrom('crash before', 'crash after', 'lost answer') }),
    { maxLength: 3 },
  );
  const stranger = {
    record: { ...want, roles: ['SLMAdmin'] },
    secret: 'theirs',
    madeBy: 'stranger' as const,
  };
  const policies = fc.constantFrom('Never', 'IfExists', 'Required');
  const wish = { want, secret: 'mine', applied: false };

  function afterFaults(world: World, policy: Rung['policy'], how: Knobs, lost: readonly Fault[]) {
    for (const fault of lost) pass(world, { ...wish, policy }, how, fault);
    // A settled failure may be looked at again: the second pass shows that the first left nothing behind.
    return [pass(world, { ...wish, policy }, how), pass(world, { ...wish, policy }, how)].at(-1);
  }
  const fresh = (held: World['held'], claim: Claim = 'none'): World => ({
    held,
    claim,
    calls: [],
    strangerTouched: false,
  });

  it('a stranger’s client is never written without consent', () => {
    fc.assert(
      fc.property(knobs, faults, (how, lost) => {
        const world = fresh(stranger);
        const end = afterFaults(world, 'Never', how, lost);
        expect(world.held).toEqual(stranger);
        expect(end).toMatchObject({ end: 'failed' });
        expect(world.claim).toBe('none');
      }),
    );
  });

  it('an end called applied means that ALM holds the record and the secret, and that the claim says so', () => {
    fc.assert(
      fc.property(knobs, faults, policies, fc.boolean(), (how, lost, policy, taken) => {
        const world = fresh(taken ? stranger : undefined);
        const end = afterFaults(world, policy, how, lost);
        const applied = end !== 'lost' && end?.end !== 'failed';
        expect(applied).toBe(
          holds(world, want, 'mine') && world.claim !== 'none' && world.claim !== 'Pending',
        );
      }),
    );
  });

  it('with a login to prove it, a creation whose answer was lost always ends well', () => {
    fc.assert(
      fc.property(knobs, faults, (how, lost) => {
        const world = fresh(undefined);
        const end = afterFaults(world, 'Never', { ...how, proves: true }, lost);
        expect(end).toMatchObject({ end: 'applied', origin: 'Created' });
        expect(holds(world, want, 'mine')).toBe(true);
      }),
    );
  });

  it('an adoption is never taken for a creation, so that its deletion revokes nothing', () => {
    fc.assert(
      fc.property(knobs, faults, fc.constantFrom('IfExists', 'Required'), (how, lost, policy) => {
        const world = fresh(stranger);
        afterFaults(world, policy, how, lost);
        expect(world.claim).toEqual({ held: 'Adopted' });
      }),
    );
  });

  it('what is held is held again after ALM lost it, whatever ALM answers to a PUT of a missing client', () => {
    fc.assert(
      fc.property(knobs, faults, (how, lost) => {
        const world = fresh(undefined, { held: 'Created' });
        for (const fault of lost) pass(world, { ...wish, policy: 'Never', applied: true }, how, fault);
        const end = pass(world, { ...wish, policy: 'Never', applied: true }, how);
        expect(end).toMatchObject({ end: 'applied' });
        expect(holds(world, want, 'mine')).toBe(true);
        expect(world.claim).toEqual({ held: 'Created' });
      }),
    );
  });

  it('a pass asks ALM at most five times', () => {
    fc.assert(
      fc.property(
        knobs,
        policies,
        fc.boolean(),
        fc.constantFrom<Claim>('none', 'Pending', { held: 'Created' }),
        (how, policy, taken, claim) => {
          const world = fresh(taken ? stranger : undefined, claim);
          pass(world, { ...wish, policy }, how);
          const asked = world.calls.filter((call) => call !== 'hold' && call !== 'drop');
          expect(asked.length).toBeLessThanOrEqual(5);
        },
      ),
    );
  });
});
