import { describe, expect, it } from 'vitest';
import { isWrite } from './gate/request.ts';
import { hasCondition } from './kubectl/objects.ts';
import { credential, secret } from './samples.ts';
import { startScenario } from './scenario.ts';
import { useScenario } from './suite.ts';

const ready = hasCondition('Ready', 'True');

describe('a scenario', () => {
  const scenario = useScenario();

  it('brings a credential to ALM', async () => {
    const { api, alm, namespace } = scenario();
    const ns = await namespace();
    await api.apply(credential(ns, 'app'));
    await api.apply(secret(ns, 'app', { clientSecret: 'canary-7f3a9-first' }));
    await api.waitFor('ClientCredential', ns, 'app', ready, { what: 'Ready' });
    expect(alm.matches(`${ns}_app`, 'canary-7f3a9-first')).toBe(true);
  });

  it('logs what the operator asked for under its name', async () => {
    const { gate } = scenario();
    expect(gate.count({ user: 'operator', verb: 'watch' })).toBeGreaterThan(0);
    expect(gate.log.filter((request) => isWrite(request) && request.user !== 'operator')).toEqual([]);
  });

  it('takes up a credential where a killed operator left it', async () => {
    const { api, alm, gate, namespace, operator, launch } = scenario();
    const ns = await namespace();
    await api.apply(secret(ns, 'app', { clientSecret: 'canary-7f3a9-first' }));
    const hold = gate.hold(
      ({ verb, subresource }) => verb === 'update' && subresource === 'status',
      'before',
    );
    await api.apply(credential(ns, 'app'));
    await hold.reached;
    operator().kill('SIGKILL');
    expect(await operator().exited).toMatchObject({ signal: 'SIGKILL' });
    hold.drop();
    await launch();
    await api.waitFor('ClientCredential', ns, 'app', ready, { what: 'Ready' });
    expect(alm.matches(`${ns}_app`, 'canary-7f3a9-first')).toBe(true);
  });

  it('serves another ALM through a connection of its own', async () => {
    const { api, connect, namespace } = scenario();
    const ns = await namespace();
    const other = await connect('other', { alm: { pathPrefix: '/ishtar' } });
    await api.apply(secret(ns, 'app', { clientSecret: 'canary-7f3a9-first' }));
    await api.apply(credential(ns, 'app', { connectionRef: { name: 'other' } }));
    await api.waitFor('ClientCredential', ns, 'app', ready, { what: 'Ready' });
    expect(other.matches(`${ns}_app`, 'canary-7f3a9-first')).toBe(true);
  });
});

describe('what one test did to a scenario', () => {
  const scenario = useScenario({ launch: false });

  it('is done, however it ends', async () => {
    const { cluster, gate, alm } = scenario();
    gate.fault({}, { times: Number.POSITIVE_INFINITY }, { kind: 'status', status: 500 });
    gate.freeze();
    alm.knobs.delete = 'present';
    await alm.down();
    await cluster.down();
  });

  it('is undone before the next', async () => {
    const { api, alm, namespace, launch } = scenario();
    expect(alm.knobs.delete).toBe('absent-405');
    await launch();
    const ns = await namespace();
    await api.apply(secret(ns, 'app', { clientSecret: 'canary-7f3a9-first' }));
    await api.apply(credential(ns, 'app'));
    await api.waitFor('ClientCredential', ns, 'app', ready, { what: 'Ready' });
  });
});

describe('the end of a scenario', () => {
  it('fails when the canary is in an object', async () => {
    const { api, namespace, stop } = await startScenario({ launch: false });
    const ns = await namespace();
    await api.apply(credential(ns, 'app', { roles: ['canary-7f3a9'] }));
    await expect(stop()).rejects.toThrow(new RegExp(`The canary is in the ClientCredential ${ns}/app`));
  }, 60_000);
});
