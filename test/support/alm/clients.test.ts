import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientStore, clientOf } from './clients.ts';
import { OPERATOR_LOGIN } from './defaults.ts';

type Step = Readonly<{ replica: number; write: 'none' | 'delete' | number }>;
type Write = Readonly<{ tick: number; replica: number; value: number | undefined }>;

const step: fc.Arbitrary<Step> = fc.record({
  replica: fc.nat(2),
  write: fc.oneof(fc.constantFrom('none' as const, 'delete' as const), fc.nat(99)),
});

function clientWith(accessTokenValidity: number) {
  return clientOf({ ...OPERATOR_LOGIN, clientId: 'app', accessTokenValidity }, undefined, false);
}

/** The same by the definition alone, over all writes there ever were. */
function newestSeen(
  writes: readonly Write[],
  tick: number,
  replica: number,
  lag: number,
): number | undefined {
  return writes.filter((write) => lag === 0 || write.replica === replica || write.tick + lag < tick).at(-1)
    ?.value;
}

describe('ClientStore', () => {
  it('shows each replica the newest of its own writes and of those that have reached it', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.array(step, { maxLength: 30 }), (lag, steps) => {
        const store = new ClientStore();
        const writes: Write[] = [];
        for (const [tick, { replica, write }] of steps.entries()) {
          const moment = { tick, replica, lag, foldCase: false };
          const expected = newestSeen(writes, tick, replica, lag);
          expect(store.readAt(moment, 'app')?.accessTokenValidity).toBe(expected);
          expect(store.listAt(moment).map((client) => client.accessTokenValidity)).toEqual(
            [expected].filter((value) => value !== undefined),
          );
          if (write === 'none') continue;
          const value = write === 'delete' ? undefined : write;
          store.writeAt(moment, 'app', value === undefined ? undefined : clientWith(value));
          writes.push({ tick, replica, value });
          expect(store.newest('app')?.accessTokenValidity).toBe(value);
        }
      }),
    );
  });
});
