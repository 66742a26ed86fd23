import { describe, expect, it } from 'vitest';
import { edge, GOOD, Scene } from './connections.ts';

/** What a connection's pass does to the throttle of its ALM. */

function bench() {
  const scene = new Scene();
  const throttle = scene.throttles.of('main');
  const woken: string[] = [];
  const lane = { name: 'credentials', workers: 8, wake: (key: string) => woken.push(key) };
  const enter = (key: string) => throttle.enter({ lane, key, tenant: 'team', object: key });
  const open = () => {
    for (const object of ['a', 'b']) throttle.failed(object);
  };
  return { scene, throttle, woken, enter, open };
}

describe('a pass for a connection', () => {
  it('gives its client the pace, and the limits of its spec to the throttle', async () => {
    const { scene, throttle, enter } = bench();
    scene.apply({ limits: { concurrency: 1 } });
    await scene.pass();
    expect(scene.made[0]?.pace).toBe(throttle);
    expect([typeof enter('x'), enter('y')]).toEqual(['object', 'later']);
  });

  it('that makes another client begins anew, and one that does not leaves the breaker alone', async () => {
    const { scene, throttle, open } = bench();
    await scene.pass();
    open();
    await scene.pass();
    expect(throttle.view().breaker).toBe('open');
    scene.apply({ limits: { timeout: '20s' } });
    await scene.pass();
    expect(throttle.view().breaker).toBe('closed');
    expect(scene.made).toHaveLength(2);
  });

  it('that logs in again after it could not lets one client try at once', async () => {
    const { scene, open, enter, woken } = bench();
    await scene.pass();
    scene.sessions.suspect('main');
    scene.cluster.breaks.push({ at: 'login', when: 'before', error: edge('AlmUnavailable') });
    await scene.pass();
    open();
    expect(enter('x')).toBe('open');
    expect(woken).toEqual([]);
    await scene.pass();
    expect(woken).toEqual(['x']);
  });

  it('asks nothing while ALM wants its rest, and comes again when that is over', async () => {
    const { scene, throttle } = bench();
    await scene.pass();
    scene.sessions.suspect('main');
    throttle.rest(40_000);
    const before = scene.conditions();
    expect(await scene.pass()).toBe('read Secret');
    expect(scene.outcome).toEqual({ then: 'retryAfter', ms: 40_000 });
    expect(scene.conditions()).toBe(before);
    await scene.clock.advance(40_000);
    expect(await scene.pass()).toBe(GOOD.replace(' → status', ''));
  });

  it('that finds it gone wakes everybody who waits for a turn', async () => {
    const { scene, open, enter, woken } = bench();
    await scene.pass();
    open();
    enter('x');
    scene.cluster.objects.delete('almconnections/alm-operator/main');
    await scene.pass();
    expect(woken).toEqual(['x']);
    expect([...scene.throttles.all().keys()]).toEqual([]);
  });
});
