import { AsyncResource } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { KubeError } from '../../src/kube/client.ts';
import { troubleOf } from '../../src/kube/log.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { correlationIdFrom, currentTrace, type Trace, traced } from '../../src/kube/trace.ts';

const trace = (name: string): Trace => ({ correlationId: `id-of-${name}`, controller: 'things', name });
const turns = async () => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('a trace', () => {
  it('follows its work through everything that it waits for, next to others', async () => {
    const names = ['a', 'b', 'c'];
    const seen = await Promise.all(
      names.map((name) =>
        traced(trace(name), async () => {
          await turns();
          const inner = await Promise.all([turns().then(currentTrace), currentTrace()]);
          return inner.map((one) => one?.name).join();
        }),
      ),
    );
    expect(seen).toEqual(['a,a', 'b,b', 'c,c']);
    expect(currentTrace()).toBeUndefined();
  });

  it('is left by work that belongs to none', () => {
    expect(traced(trace('a'), () => traced(undefined, currentTrace))).toBeUndefined();
  });

  it('is not that of what was begun before it', () => {
    const before = new AsyncResource('before');
    expect(traced(trace('a'), () => before.runInAsyncScope(currentTrace))).toBeUndefined();
  });
});

describe('a correlation id', () => {
  it.each([
    [[0, 0], '0000000000000000'],
    [[0.5, 1 - 2 ** -33], '80000000ffffffff'],
    [[2 ** -32, 0.25], '0000000140000000'],
  ])('made of %j is %s', (chances, id) => {
    const left = [...chances];
    expect(correlationIdFrom(() => left.shift() ?? Number.NaN)).toBe(id);
  });
});

describe('an everyday error in the log', () => {
  const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
  it.each<[string, unknown, object]>([
    [
      'of the API server',
      new KubeError({ status: 409, reason: 'Conflict', message: 'moved on' }),
      { error: 'moved on', code: 'Conflict' },
    ],
    [
      'of ALM, with its cause',
      new EdgeError({ kind: 'transient', reason: 'AlmUnavailable', message: 'no answer' }, { cause }),
      { error: 'AlmUnavailable: no answer', code: 'AlmUnavailable', cause: 'ECONNREFUSED: connect refused' },
    ],
    ['of Node', cause, { error: 'connect refused', code: 'ECONNREFUSED' }],
    ['without a code', new Error('odd', { cause: new Error('odder') }), { error: 'odd', cause: 'odder' }],
    ['that is none', 'odd', { error: 'odd' }],
  ])('%s is words and a code, without a stack', (_, error, fields) => {
    expect(troubleOf(error)).toEqual(fields);
  });
});
