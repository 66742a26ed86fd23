import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { type Break, conflict, unavailable } from './cluster.ts';
import { HOUR, TEAM, want } from './manifests.ts';
import { World } from './world.ts';

/** One thing that happens: to the object, to ALM, to a request, to the process; or a pass. */
type Happening = Readonly<
  | {
      does:
        | 'pass'
        | 'pass on stale stores'
        | 'restart'
        | 'label'
        | 'hours'
        | 'ALM refuses'
        | 'ALM loses'
        | 'forget claim';
    }
  | { does: 'edit'; validity: number }
  | { does: 'rotate' | 'suspend'; to: number }
  | { does: 'break'; by: Break }
>;

type Scene = {
  readonly world: World;
  readonly readable: boolean;
  /**
   * No Secret is rotated between a lost answer and the login that clears it up: with another password the client
   * cannot be told from a stranger's, and is left alone until its object consents to adoption.
   */
  readonly provable: boolean;
  validity: number;
  password: string;
  suspended: boolean;
};

const KUBE = [
  'read Secret',
  'add finalizer',
  'read object',
  'read claim',
  'create claim',
  'claim Pending',
  'claim Held',
  'delete claim',
  'status',
];
const ALM = ['POST', 'PUT', 'prove', 'GET'];
const when = fc.constantFrom('before' as const, 'after' as const);
const breaks: fc.Arbitrary<Break> = fc.oneof(
  fc.record({ at: fc.constantFrom(...KUBE), when, error: fc.constantFrom(conflict(), unavailable()) }),
  fc.record({
    at: fc.constantFrom(...ALM),
    when,
    error: fc.constantFrom(
      new EdgeError(fail('OutcomeUnknown', 'no answer came')),
      new EdgeError(fail('AlmUnavailable', 'away')),
    ),
  }),
  fc.record({ at: fc.constantFrom(...KUBE, ...ALM), when }),
);

const always: fc.Arbitrary<Happening>[] = [
  fc.constant({ does: 'pass' }),
  fc.constantFrom<Happening[]>(
    { does: 'pass on stale stores' },
    { does: 'restart' },
    { does: 'label' },
    { does: 'hours' },
    { does: 'ALM refuses' },
  ),
  fc.record({ does: fc.constant('edit' as const), validity: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ does: fc.constantFrom('rotate' as const, 'suspend' as const), to: fc.nat(1) }),
  fc.record({ does: fc.constant('break' as const), by: breaks }),
];

function apply(scene: Scene, annotations = {}): void {
  const { world, validity, suspended } = scene;
  world.apply({ accessTokenValidity: validity, suspend: suspended }, { annotations });
}

async function happen(scene: Scene, what: Happening, n: number): Promise<void> {
  const { world } = scene;
  switch (what.does) {
    case 'pass':
      await world.pass();
      break;
    case 'pass on stale stores':
      await world.passOnStale();
      break;
    case 'restart':
      world.restart(scene.readable);
      break;
    case 'label':
      apply(scene, { note: String(n) });
      break;
    case 'ALM refuses':
      world.alm.script.PUT.push({ answer: 'refused', status: 400 });
      world.alm.script.POST.push({ answer: 'exists' });
      break;
    case 'ALM loses':
      world.alm.clients.clear();
      break;
    case 'hours':
      world.nowMs += 2 * HOUR;
      break;
    case 'forget claim':
      for (const key of world.cluster.objects.keys())
        if (key.startsWith('almclientclaims/')) world.cluster.objects.delete(key);
      break;
    case 'edit':
      scene.validity = what.validity;
      apply(scene);
      break;
    case 'suspend':
      scene.suspended = what.to === 1;
      apply(scene);
      break;
    case 'rotate':
      if (scene.provable && world.claim()?.['phase'] === 'Pending') break;
      scene.password = secretText(`password-${what.to}`);
      world.applySecret(scene.password);
      break;
    case 'break':
      world.cluster.breaks.push(what.by);
      break;
  }
  if (world.cluster.dead) world.restart(scene.readable);
}

function begin(readable: boolean, provable: boolean): Scene {
  const password = secretText('password');
  const scene = { world: World.good(), readable, provable, validity: 1200, password, suspended: false };
  scene.world.connect(readable);
  return scene;
}

/** Nothing breaks any more, nobody suspends, and enough time passes for every resync. */
async function calmDown(scene: Scene): Promise<string[]> {
  const { world } = scene;
  world.cluster.breaks.length = 0;
  for (const answers of Object.values(world.alm.script)) answers.length = 0;
  scene.suspended = false;
  apply(scene);
  await world.pass();
  world.nowMs += 3 * HOUR;
  const passes: string[] = [];
  for (let n = 0; n < 5; n += 1) passes.push(await world.pass());
  return passes;
}

const RUNS = { numRuns: 150 };

describe('whatever happens to object, Secret, requests, ALM and process', () => {
  it('in the end ALM holds what is declared, the claim says so, status says so, and nothing more is asked', async () => {
    const losing = fc.constant<Happening>({ does: 'ALM loses' });
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof(...always, losing), { maxLength: 14 }),
        async (readable, history) => {
          const scene = begin(readable, true);
          for (const [n, what] of history.entries()) await happen(scene, what, n);
          const passes = await calmDown(scene);
          const { world, validity, password } = scene;
          expect(world.alm.holds({ ...want, accessTokenValidity: validity }, password)).toBe(true);
          expect(world.claim()).toMatchObject({ phase: 'Held', owner: { namespace: TEAM, name: 'orders' } });
          expect(world.conditions()).toMatch(/^Ready=True\/(Applied|Adopted) /);
          expect(world.status().observedGeneration).toBe(
            world.cluster.one('clientcredentials', 'orders')?.metadata.generation,
          );
          expect(passes.at(-1)).toBe('');
        },
      ),
      RUNS,
    );
  });

  it('Ready=True of the newest generation and Secret means that ALM holds them, after every single pass', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof(...always), { maxLength: 14 }),
        async (readable, history) => {
          const scene = begin(readable, false);
          for (const [n, what] of history.entries()) {
            await happen(scene, what, n);
            const { world, validity, password } = scene;
            const { applied, conditions = [], observedGeneration } = world.status();
            const { generation } = world.cluster.one('clientcredentials', 'orders')!.metadata;
            const { resourceVersion } = world.cluster.one('secrets', 'orders')!.metadata;
            if (conditions[0]?.status !== 'True' || observedGeneration !== generation) continue;
            if (applied?.secret.resourceVersion !== resourceVersion) continue;
            expect(world.alm.holds({ ...want, accessTokenValidity: validity }, password)).toBe(true);
          }
        },
      ),
      RUNS,
    );
  });

  it('the client of a stranger is never written without consent', async () => {
    const forgetting = fc.constant<Happening>({ does: 'forget claim' });
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof(...always, forgetting), { maxLength: 14 }),
        async (readable, history) => {
          const scene = begin(readable, false);
          const theirs = { record: { ...want, roles: ['SLMAdmin'] }, secret: secretText('theirs') };
          scene.world.alm.clients.set('orders', theirs);
          for (const [n, what] of history.entries()) await happen(scene, what, n);
          await calmDown(scene);
          expect(scene.world.alm.clients.get('orders')).toEqual(theirs);
          expect(scene.world.conditions()).toMatch(/^Ready=False\/AlreadyExists /);
          expect(scene.world.cluster.of('almclientclaims')).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  it('a settled object costs nothing more after any number of restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof(...always), { maxLength: 10 }),
        async (readable, history) => {
          const scene = begin(readable, true);
          for (const [n, what] of history.entries()) await happen(scene, what, n);
          await calmDown(scene);
          for (let n = 0; n < 3; n += 1) {
            scene.world.restart(readable);
            expect(await scene.world.pass()).toBe('');
          }
        },
      ),
      RUNS,
    );
  });
});
