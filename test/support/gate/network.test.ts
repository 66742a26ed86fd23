import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Bench, linesOf, next, ok, PROTOCOLS, quietWatch, useBench, WATCH } from './scripted.ts';

const bench = useBench();

describe.each(PROTOCOLS)('the network of the gate, to a client of %s', (_name, h2) => {
  const openWatch = async (started: Bench, path = WATCH) => {
    const lines = linesOf((await started.open(path)).body);
    await next(lines);
    return lines;
  };

  it('cuts the watches that match and no other', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const secrets = await openWatch(started);
    const claims = await openWatch(started, '/apis/alm-operator.dev/v1beta1/almclientclaims?watch=1');
    started.gate.cut({ resource: 'secrets' });
    await expect(next(secrets)).rejects.toThrow();
    started.gate.fault({ resource: 'almclientclaims' }, {}, { kind: 'event', line: { type: 'BOOKMARK' } });
    expect(await next(claims)).toBe('{"type":"BOOKMARK"}');
  });

  it('cuts every connection', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const watches = [await openWatch(started), await openWatch(started)];
    started.gate.cut();
    await Promise.all(watches.map((watch) => expect(next(watch)).rejects.toThrow()));
    await openWatch(started);
  });

  it('refuses connections and takes them again on the same port', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const watch = await openWatch(started);
    const lost = expect(next(watch)).rejects.toThrow();
    await started.gate.refuse();
    await lost;
    await expect(started.open('/a')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await started.gate.accept();
    await openWatch(started);
    expect(started.gate.log.filter(({ path }) => path === '/a')).toEqual([]);
  });

  it('freezes: connections stay, nothing is answered, and all goes on after the thaw', async () => {
    const started = await bench({ h2, answer: quietWatch });
    const watch = await openWatch(started);
    started.gate.freeze();
    started.gate.fault({ verb: 'watch' }, {}, { kind: 'event', line: { type: 'BOOKMARK' } });
    const quiet = Symbol('quiet');
    const event = next(watch);
    const requests = started.gate.log.length;
    const frozen = started.open(WATCH);
    const first = await Promise.race([
      event,
      frozen,
      once(AbortSignal.timeout(60), 'abort').then(() => quiet),
    ]);
    expect(first).toBe(quiet);
    expect(started.gate.log).toHaveLength(requests);
    started.gate.thaw();
    expect(await event).toBe('{"type":"BOOKMARK"}');
    expect((await frozen).statusCode).toBe(200);
  });

  it('is a plain relay again once calmed', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    gate.fault({}, { times: 5, skip: 1 }, { kind: 'status', status: 500 });
    const hold = gate.hold({ path: '/held' }, 'before');
    const unreached = gate.hold({ path: '/b' }, 'before');
    const held = request('/held');
    await hold.reached;
    gate.freeze();
    await gate.calm();
    expect((await held).status).toBe(200);
    await gate.refuse();
    await expect(request('/refused')).rejects.toThrow();
    await gate.calm();
    expect((await request('/b')).status).toBe(200);
    await expect(unreached.reached).rejects.toThrow();
  });

  it('waits for a request that is yet to come', async () => {
    const { request, gate } = await bench({ h2, answer: ok });
    await request('/a');
    const coming = gate.seen({ path: '/a' }, { since: gate.log.length });
    await request('/b');
    await request('/a');
    expect(await coming).toMatchObject({ n: 3 });
    expect(gate.count({ path: '/a' })).toBe(2);
    expect(gate.count({ path: '/a' }, 1)).toBe(1);
  });
});
