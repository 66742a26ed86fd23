import { afterEach, describe, expect, it } from 'vitest';
import type { Reflector } from '../../src/kube/reflector.ts';
import type { Vitals } from '../../src/kube/vitals.ts';
import { healthOf } from '../../src/ops/health.ts';
import { healthRoutes, startServer } from '../../src/ops/server.ts';
import { checksOf } from '../../src/reconcile/checks.ts';

type Told = Readonly<{ watches?: Readonly<Record<string, Partial<Vitals>>>; passes?: readonly string[] }>;

const WELL: Vitals = { phase: 'watch', attemptMs: 1000, lastSignMs: 1000, relists: 0 };

function checks({ watches = { secrets: {} }, passes = [] }: Told = {}) {
  const reflectors: Pick<Reflector, 'name' | 'vitals'>[] = Object.entries(watches).map(([name, more]) => ({
    name,
    vitals: () => ({ ...WELL, ...more }),
  }));
  return checksOf(reflectors, { names: () => passes });
}

const stuck = { attemptMs: 721_000 };
const unlisted = { lastSignMs: undefined };

describe('the health endpoints', () => {
  it.each<[string, 'livez' | 'readyz', Told, number]>([
    ['all is well', 'livez', {}, 200],
    ['all is well', 'readyz', {}, 200],
    ['nothing is known yet', 'livez', { watches: { secrets: { ...unlisted, phase: 'pause' } } }, 200],
    ['nothing is known yet', 'readyz', { watches: { secrets: { ...unlisted, phase: 'pause' } } }, 503],
    ['it has not started yet', 'readyz', { watches: { secrets: { ...unlisted, phase: 'idle' } } }, 503],
    ['one of two is not listed', 'readyz', { watches: { secrets: {}, claims: unlisted } }, 503],
    [
      'the API server has been away for an hour',
      'livez',
      { watches: { secrets: { phase: 'pause', lastSignMs: 3.6e6 } } },
      200,
    ],
    [
      'the API server has been away for an hour',
      'readyz',
      { watches: { secrets: { phase: 'pause', lastSignMs: 3.6e6 } } },
      200,
    ],
    ['a watch hangs', 'livez', { watches: { secrets: stuck } }, 503],
    ['a watch hangs', 'readyz', { watches: { secrets: stuck } }, 200],
    ['a pass hangs', 'livez', { passes: ['clientcredential'] }, 503],
    ['a pass hangs', 'readyz', { passes: ['clientcredential'] }, 200],
    ['it has ended', 'livez', { watches: { secrets: { ...stuck, phase: 'idle' } } }, 200],
  ])('where %s: /%s', (_, endpoint, told, status) => {
    expect(healthOf(endpoint, checks(told), false).status).toBe(status);
  });

  it('name what is wrong, and all else with ?verbose', () => {
    const told = { watches: { secrets: stuck, 'claims of home': stuck, all: {} }, passes: ['one', 'two'] };
    const wrong = [
      '[+]event-loop ok',
      '[-]watches failed: stuck: secrets, claims of home',
      '[-]passes failed: did not heed their abort: one, two',
      'livez check failed',
      '',
    ].join('\n');
    expect(healthOf('livez', checks(told), false).text).toBe(wrong);
    expect(healthOf('livez', checks(told), true).text).toBe(wrong);
    expect(healthOf('livez', checks(), false).text).toBe('ok\n');
    expect(healthOf('livez', checks(), true).text).toBe(
      '[+]event-loop ok\n[+]watches ok\n[+]passes ok\nlivez check passed\n',
    );
    expect(healthOf('readyz', checks({ watches: { secrets: unlisted } }), false).text).toBe(
      '[-]caches failed: not synced yet: secrets\nreadyz check failed\n',
    );
  });
});

describe('the health server', () => {
  let close = async () => {};
  afterEach(() => close());

  async function serve(told: Told = {}) {
    const server = await startServer({ host: '127.0.0.1', port: 0 }, healthRoutes(checks(told)));
    close = server.close;
    return async (path: string) => {
      const answer = await fetch(`http://${server.address}${path}`);
      return [answer.status, (await answer.text()).split('\n').at(-2)] as const;
    };
  }

  it('answers at its two endpoints, and at no other', async () => {
    const get = await serve({ watches: { secrets: unlisted } });
    expect(await get('/livez')).toEqual([200, 'ok']);
    expect(await get('/livez?verbose')).toEqual([200, 'livez check passed']);
    expect(await get('/readyz?verbose=1')).toEqual([503, 'readyz check failed']);
    for (const path of ['/', '/healthz', '/livez/watches', '//', '//livez', '/%', '/__proto__', '/toString'])
      expect((await get(path))[0]).toBe(404);
  });
});
