import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { againAfter, verificationOf, verifiedFinding, WINDOW_MS } from '../../src/domain/proof.ts';

const refusing = fc.constantFrom('refused' as const, 'grantMissing' as const);
const sinces = fc.option(fc.integer({ min: -WINDOW_MS, max: 3 * WINDOW_MS }), { nil: undefined });

describe('verificationOf', () => {
  it.each([
    ['accepted', undefined, { verification: 'issued' }],
    ['accepted', 40_000, { verification: 'issued' }],
    ['cannotAsk', undefined, { verification: 'unprovable' }],
    ['cannotAsk', 0, { verification: 'unprovable' }],
    ['unreached', undefined, { verification: 'verifying' }],
    ['unreached', 40_000, { verification: 'verifying' }],
    ['refused', 0, { verification: 'verifying', againMs: 2000 }],
    ['refused', 1999, { verification: 'verifying', againMs: 2000 }],
    ['refused', 4000, { verification: 'verifying', againMs: 4000 }],
    ['refused', 16_000, { verification: 'verifying', againMs: 14_000 }],
    ['refused', 29_999, { verification: 'verifying', againMs: 1 }],
    ['grantMissing', 8000, { verification: 'verifying', againMs: 8000 }],
    ['refused', 30_000, { verification: 'refused' }],
    ['grantMissing', 30_000, { verification: 'refused' }],
    ['refused', undefined, { verification: 'refused' }],
    ['grantMissing', undefined, { verification: 'refused' }],
    ['refused', -1, { verification: 'refused' }],
    ['refused', Number.NaN, { verification: 'refused' }],
  ] as const)('makes of %s after %s ms %j', (proof, sinceMs, expected) => {
    expect(verificationOf(proof, sinceMs, false)).toMatchObject(expected);
    if (expected.verification !== 'refused') expect(verificationOf(proof, sinceMs, false)).toEqual(expected);
  });

  it('lets stand what an earlier login showed where nobody answers, and only there', () => {
    expect(verificationOf('unreached', 0, true)).toEqual({ verification: 'unheard' });
    expect(verificationOf('refused', 0, true)).toEqual({ verification: 'verifying', againMs: 2000 });
    expect(verificationOf('refused', undefined, true)).toMatchObject({ verification: 'refused' });
    expect(verificationOf('cannotAsk', undefined, true)).toEqual({ verification: 'unprovable' });
    expect(verificationOf('accepted', undefined, true)).toEqual({ verification: 'issued' });
  });

  it('tells a password that ALM does not take from a grant that it does not give', () => {
    const message = (proof: 'refused' | 'grantMissing') => {
      const said = verificationOf(proof, undefined, false);
      return said.verification === 'refused' ? said.failure : undefined;
    };
    expect(message('refused')).toEqual({
      kind: 'transient',
      reason: 'TokenRefused',
      message:
        'ALM accepted the client but refuses a login with the password of its Secret; it may ignore new passwords, or ' +
        'somebody else changes this one; it is written and tried again',
    });
    expect(message('grantMissing')).toEqual({
      kind: 'transient',
      reason: 'TokenRefused',
      message:
        'ALM knows the password but does not let the client use the grant client_credentials, although it accepted it; ' +
        'it is written and tried again',
    });
  });

  it('tries a refused login at 0, 2, 4, 8, 16 and 30 s, and then says so', () => {
    const tries: number[] = [];
    for (let sinceMs = 0; tries.length < 99; ) {
      tries.push(sinceMs);
      const said = verificationOf('refused', sinceMs, false);
      if (said.verification !== 'verifying') break;
      sinceMs += said.againMs ?? Number.NaN;
    }
    expect(tries).toEqual([0, 2000, 4000, 8000, 16_000, 30_000]);
  });

  it('never waits past the end of the window, nor for nothing', () => {
    fc.assert(
      fc.property(refusing, sinces, fc.boolean(), (proof, sinceMs, proved) => {
        const said = verificationOf(proof, sinceMs, proved);
        if (said.verification !== 'verifying') return said.verification === 'refused';
        const { againMs = 0 } = said;
        return againMs > 0 && (sinceMs ?? 0) + againMs <= WINDOW_MS;
      }),
    );
  });
});

describe('verifiedFinding', () => {
  it.each([
    ['issued', 'True/TokenIssued: ALM lets the client log in with the password of its Secret'],
    [
      'verifying',
      'Unknown/Verifying: ALM accepted the client; a login with its password has yet to succeed, and is tried for half ' +
        'a minute',
    ],
    [
      'unprovable',
      'Unknown/Unprovable: ALM accepted the client; its token endpoint does not say whether the password works',
    ],
  ] as const)('says of %s: %s', (verification, expected) => {
    const { type, status, reason, message } = verifiedFinding(verification);
    expect(type).toBe('Verified');
    expect(`${status}/${reason}: ${message}`).toBe(expected);
  });
});

describe('the last look of a window', () => {
  it('is never so near that no clock would tell it from now', () => {
    expect(againAfter(29_999.999_999_999_996)).toBe(1);
    expect(againAfter(30_000)).toBeUndefined();
  });
});
