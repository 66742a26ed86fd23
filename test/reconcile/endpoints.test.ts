import { describe, expect, it } from 'vitest';
import { GOOD, Scene } from './connections.ts';
import { HOUR, NAMESPACE } from './manifests.ts';

/** Several connections, of which two may mean one ALM; and rules that an operator cannot apply. */

const CONFLICT =
  'Ready=False/EndpointConflict Reachable=Unknown/EndpointConflict Authenticated=Unknown/EndpointConflict';
const messageOf = (scene: Scene, name: string) => scene.status(name).conditions?.[0]?.message;

describe('two connections to one ALM', () => {
  it.each([
    ['spelled alike', 'https://alm'],
    ['spelled otherwise', 'https://ALM:443/'],
  ])('%s: the older one is used, the other refused, and nobody is asked for it', async (_, endpoint) => {
    const scene = new Scene();
    scene.apply({ endpoint }, 'again', '10');
    expect(await scene.pass('again')).toBe('status');
    expect(scene.conditions('again')).toContain(CONFLICT);
    expect(scene.conditions('again')).toContain('Stalled=True/EndpointConflict');
    expect(messageOf(scene, 'again')).toBe(
      'AlmConnection main is older and leads to the same endpoint; use that one, or correct the endpoint',
    );
    expect(scene.sessions.of('again')).toEqual({ usable: false });
    expect(scene.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
    expect(await scene.pass('main')).toBe(GOOD);
    expect(scene.conditions('main')).toMatch(/^Ready=True/);
  });

  it('made in the same second are told apart by name', async () => {
    const scene = new Scene();
    scene.apply({}, 'zweite');
    scene.apply({}, 'erste');
    await scene.pass('main');
    await scene.pass('zweite');
    expect(await scene.pass('erste')).toBe(GOOD);
    expect([messageOf(scene, 'main'), messageOf(scene, 'zweite')]).toEqual([
      expect.stringMatching(/^AlmConnection erste is older/),
      expect.stringMatching(/^AlmConnection (erste|main) is older/),
    ]);
  });

  it('are two ALMs where their paths differ', async () => {
    const scene = new Scene();
    scene.apply({ endpoint: 'https://alm/tenant' }, 'again', '10');
    expect(await scene.pass('again')).toBe(GOOD);
  });

  it.each<[string, (scene: Scene) => void]>([
    ['goes', (scene) => scene.cluster.drop('almconnections', { namespace: NAMESPACE, name: 'main' })],
    [
      'is on its way out',
      (scene) => {
        scene.cluster.one('almconnections', 'main')!.metadata.finalizers = ['example.org/backup'];
        scene.cluster.drop('almconnections', { namespace: NAMESPACE, name: 'main' });
      },
    ],
    ['leads elsewhere', (scene) => scene.apply({ endpoint: 'https://elsewhere' })],
  ])('are one as soon as the older one %s', async (_, happens) => {
    const scene = new Scene();
    scene.apply({}, 'again', '10');
    await scene.pass('again');
    happens(scene);
    expect(await scene.pass('again')).toBe(GOOD);
    expect(scene.sessions.of('again')).toMatchObject({ usable: true, endpoint: 'https://alm' });
  });

  it('stops the calls of one that moves to where an older one is', async () => {
    const scene = new Scene();
    scene.apply({ endpoint: 'https://two' }, 'again', '10');
    await scene.pass('again');
    expect(scene.sessions.of('again')).toMatchObject({ usable: true });
    scene.apply({}, 'again', '10');
    await scene.pass('again');
    expect(scene.sessions.of('again')).toEqual({ usable: false });
  });
});

describe('access rules with a selector', () => {
  const selector = { namespaces: { selector: { matchLabels: { tier: 'gold' } } }, clientIds: ['*'] };
  const all = { namespaces: { all: true }, clientIds: ['*'] };

  it.each<[string, boolean, readonly object[], boolean]>([
    ['are warned of where namespaces are not seen', false, [all, selector], true],
    ['are not warned of where they are', true, [selector], false],
    ['are not warned of where there are none', false, [all], false],
    ['are not warned of where there are no rules', false, [], false],
  ])('%s', async (_, seesNamespaces, access, warned) => {
    const scene = new Scene(HOUR, { seesNamespaces });
    scene.apply({ access });
    await scene.pass();
    expect(scene.conditions()).toMatch(/^Ready=True\/Connected/);
    expect(messageOf(scene, 'main')?.includes('warning: access rules with a selector match nothing')).toBe(
      warned,
    );
  });
});
