import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleFor } from '../../src/domain/access.ts';
import { refusal, ruled, TEAM, VIEW } from './access-requests.ts';

/** What a glob means, in another way than the code's: tried at every place, one character after the other. */
function matches(glob: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = glob;
  if (first === undefined) return text.length === 0;
  if (first === '*') return matches(rest, text) || (text.length > 0 && matches(glob, text.slice(1)));
  return text[0] === first && matches(rest, text.slice(1));
}

describe('globs', () => {
  const few = (...letters: readonly string[]) =>
    fc.string({ unit: fc.constantFrom(...letters), maxLength: 7 });

  it('match what they say character by character, and nothing by accident', () => {
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(few('a', 'b', '*', '*', '.', '['), few('a', 'b', '.', '['), (glob, role) => {
        const expected = matches([...glob], [...role]);
        seen[expected ? 'yes' : 'no'] += 1;
        const view = ruled({ roles: [glob] });
        expect(refusal(TEAM, { roles: [role] }, view) === undefined).toBe(expected);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(100);
  });

  it('take every character of a role but the star for itself', () => {
    const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((c) => c !== '*');
    fc.assert(
      fc.property(fc.oneof(character, fc.constantFrom(...'.+?^$(){}|[]\\/&-')), character, (a, b) => {
        const of = (role: string) => refusal(TEAM, { roles: [role] }, ruled({ roles: [`x${a}*${a}y`] }));
        expect(of(`x${a}${b}${a}y`)).toBeUndefined();
        expect(of(`x${a}${a}y`)).toBeUndefined();
        if (a !== b) expect(of(`x${b}${b}y`)).toBeDefined();
      }),
    );
  });

  it('of a namespace and an underscore match no id of another namespace', () => {
    const name = fc.stringMatching(/^[a-c]([-a-c]{0,4}[a-c])?$/);
    const view = { ...VIEW, ...ruled({ clientIds: ['$(namespace)_*'] }), protectedIds: [] };
    fc.assert(
      fc.property(name, name, few('a', 'b', '-', '_'), (mine, theirs, rest) => {
        const tenant = { namespace: mine, labels: {} };
        expect(ruleFor(`${theirs}_${rest}`, tenant, view) !== undefined).toBe(mine === theirs);
      }),
      { numRuns: 1000 },
    );
  });

  it('take no time to speak of, however they are made', () => {
    const roles = Array.from({ length: 64 }, (_, i) => `${'*a'.repeat(63)}${i}`);
    const asked = Array.from({ length: 64 }, (_, i) => `${'a'.repeat(125)}b${i}`);
    expect(refusal(TEAM, { roles: asked }, ruled({ roles }))).toMatchObject({ reason: 'AccessDenied' });
  });
});
