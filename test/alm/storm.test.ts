import { describe, expect, it } from 'vitest';
import { almThat, reasonOf, record, signal } from './support/build.ts';
import { json } from './support/server.ts';

const REFUSED = json(401, { status: 401, error: 'Unauthorized' });
const DONE = { status: 204 };

describe('an ALM that answers 401 to every token', () => {
  it('is logged in to once more, whoever asks and however many', async () => {
    await using alm = await almThat(() => REFUSED);
    const write = (n: number) => reasonOf(alm.client.update({ ...record, clientId: `client-${n}` }, signal));
    const together = await Promise.all(Array.from({ length: 10 }, (_, n) => write(n)));
    for (let n = 10; n < 20; n += 1) together.push(await write(n));
    expect(new Set(together)).toEqual(new Set(['PrivilegeMissing']));
    expect(alm.logins()).toBe(2);
    // Those who came together were refused with both tokens, the later ones with the second alone.
    expect(alm.calls()).toHaveLength(30);
  });

  it('to one client alone costs one login for it, and then none', async () => {
    await using alm = await almThat(({ path }) => (path.endsWith('/bad') ? REFUSED : DONE));
    for (let round = 0; round < 5; round += 1) {
      expect(await reasonOf(alm.client.update({ ...record, clientId: 'bad' }, signal))).toBe(
        'PrivilegeMissing',
      );
      expect(await alm.client.update({ ...record, clientId: 'good' }, signal)).toEqual({
        answer: 'accepted',
      });
    }
    expect(alm.logins()).toBe(2);
    expect(alm.calls().filter(({ path }) => path.endsWith('/bad'))).toHaveLength(6);
  });
});
