import { describe, expect, it } from 'vitest';
import type { Controller } from '../../src/kube/controller.ts';
import type { Elector } from '../../src/kube/lease.ts';
import { createLifecycle, type Lifecycle } from '../../src/ops/lifecycle.ts';
import { settle } from '../kube/support/clock.ts';

type World = Readonly<{
  /** What the parts were told, in order. */
  told: readonly string[];
  lifecycle: Lifecycle;
  win: () => void;
  lose: () => void;
  /** The last pass of the controller ends. */
  finish: () => void;
}>;

/** Parts that note what they are told; only the controller takes time to stop. */
function world({ elects = true } = {}): World {
  const told: string[] = [];
  const lost = new AbortController();
  const passes = Promise.withResolvers<void>();
  let win: () => void = () => undefined;
  const controller: Controller = {
    start: () => void told.push('controller starts'),
    stop: async () => {
      told.push('intake ends');
      await passes.promise;
      told.push('passes ended');
    },
    abort: ({ message }) => void told.push(`passes aborted: ${message}`),
  };
  const elector: Elector = {
    permit: () => 0,
    holds: () => false,
    lost: lost.signal,
    run: async (won, signal) => {
      told.push('campaign');
      win = won;
      await fired(AbortSignal.any([signal, lost.signal]));
      told.push('campaign ended');
    },
    release: async () => void told.push('lease released'),
  };
  const reflector = {
    run: async (signal: AbortSignal) => {
      told.push('stores follow');
      await fired(signal);
      told.push('stores end');
    },
  };
  const lifecycle = createLifecycle({
    stores: { reflectors: [reflector] },
    controllers: [controller],
    throttles: { stop: () => void told.push('throttles end') },
    events: { stop: async () => void told.push('events sent') },
    elector: elects ? elector : undefined,
    transports: [{ close: async () => void told.push('connections cut') }],
  });
  lifecycle.start();
  return {
    told,
    lifecycle,
    win: () => win(),
    lose: () => lost.abort(new Error('gone')),
    finish: passes.resolve,
  };
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

describe('without election', () => {
  it('stores and controllers start at once', () => {
    const { told, lifecycle } = world({ elects: false });
    expect(told).toEqual(['stores follow', 'controller starts']);
    expect(lifecycle.lost.aborted).toBe(false);
  });

  it('passes end before events, and both before the connections', async () => {
    const { told, lifecycle, finish } = world({ elects: false });
    finish();
    await lifecycle.stop();
    const end = [
      'intake ends',
      'passes ended',
      'events sent',
      'throttles end',
      'stores end',
      'connections cut',
    ];
    expect(told.slice(2)).toEqual(end);
  });
});

describe('with election', () => {
  it('stores follow from the start and controllers work once the lease is won', () => {
    const { told, win } = world();
    expect(told).toEqual(['stores follow', 'campaign']);
    win();
    expect(told.slice(2)).toEqual(['controller starts']);
  });

  it('the lease is kept until the last pass has ended and events are sent, then released', async () => {
    const { told, lifecycle, win, finish } = world();
    win();
    const stopped = lifecycle.stop();
    await settle();
    expect(told.slice(3)).toEqual(['intake ends']);
    finish();
    await stopped;
    expect(told.slice(4)).toEqual([
      'passes ended',
      'events sent',
      'campaign ended',
      'lease released',
      'throttles end',
      'stores end',
      'connections cut',
    ]);
  });

  it('a lease that is won while the process ends starts no work', async () => {
    const { told, lifecycle, win, finish } = world();
    const stopped = lifecycle.stop();
    win();
    finish();
    await stopped;
    expect(told).not.toContain('controller starts');
    expect(told).toContain('lease released');
  });

  it('a lost lease aborts passes at once, before anybody else is told of it', () => {
    const { told, win, lose } = world();
    win();
    lose();
    expect(told.slice(3)).toEqual(['passes aborted: gone']);
  });

  it('after a lost lease everything is cut, and nothing released', async () => {
    const { told, lifecycle, win, lose } = world();
    win();
    lose();
    await lifecycle.abandon();
    expect(told).toContain('connections cut');
    expect(told).toContain('stores end');
    expect(told).not.toContain('lease released');
    expect(told).not.toContain('events sent');
  });
});
