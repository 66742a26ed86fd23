import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimName } from '../../src/domain/ownership.ts';

describe('claimName', () => {
  /** RFC 4648, written out with arithmetic on one big number. */
  function base32Of(connection: string, clientId: string): string {
    const digest = createHash('sha256')
      .update(Buffer.from(`${connection}\u0000${clientId}`, 'utf8'))
      .digest('hex');
    let rest = BigInt(`0x${digest}`) >> 126n;
    let text = '';
    for (let n = 0; n < 26; n += 1) {
      text = 'abcdefghijklmnopqrstuvwxyz234567'[Number(rest % 32n)] + text;
      rest /= 32n;
    }
    return text;
  }
  const clientIds = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
  const connections = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/);

  it.each([
    ['an id in lower case as it is', 'orders', 'orders'],
    ['an id in mixed case in lower case', 'NimrodClient', 'nimrodclient'],
    ['digits as they are', 'orders0123456789', 'orders0123456789'],
    ['underscores as dashes, several as one', 'team-a__orders', 'team-a-orders'],
    ['no dash at the end', 'orders_', 'orders'],
    ['forty characters of a long id', 'a'.repeat(128), 'a'.repeat(40)],
    ['no dash where the forty characters end', `${'a'.repeat(39)}_b`, 'a'.repeat(39)],
    ['no dash at the start', '_orders', 'orders'],
    ['a word of its own where nothing is left', '___', 'client'],
  ])('shows %s', (_, clientId, slug) => {
    expect(claimName('main', clientId)).toBe(`${slug}-${base32Of('main', clientId.toLowerCase())}`);
  });

  it('stays the same from version to version, or every claim would be lost', () => {
    expect(claimName('default', 'NimrodClient')).toBe('nimrodclient-hl7l6rtfoifotdtos4vmbubi6g');
  });

  it('is the name of an object, at most 67 characters long, for every connection and id', () => {
    fc.assert(
      fc.property(connections, clientIds, (connection, clientId) => {
        const name = claimName(connection, clientId);
        expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
        expect(name.length).toBeLessThanOrEqual(67);
        expect(name.endsWith(`-${base32Of(connection, clientId.toLowerCase())}`)).toBe(true);
      }),
    );
  });

  it('is the same for ids that differ only in case', () => {
    fc.assert(
      fc.property(connections, clientIds, (connection, clientId) => {
        expect(claimName(connection, clientId.toUpperCase())).toBe(claimName(connection, clientId));
      }),
    );
  });

  it.each<[string, [string, string], [string, string]]>([
    ['the connection', ['main', 'orders'], ['other', 'orders']],
    ['the id', ['main', 'orders'], ['main', 'invoices']],
    ['ids with one slug', ['main', 'a_b'], ['main', 'a-b']],
    ['where the one ends and the other begins', ['main', 'x'], ['mai', 'nx']],
  ])('differs by %s', (_, a, b) => {
    expect(claimName(...a)).not.toBe(claimName(...b));
  });
});
