import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { type Break, conflict, unavailable } from './cluster.ts';
import { GENERATED, Making } from './making.ts';
import { HOUR, want } from './manifests.ts';

/** One thing that happens to the object, its Secrets, ALM, a request or the process; or a pass. */
type Happening = Readonly<
  | { does: 'pass' | 'restart' | 'hours' | 'delete' | 'empty' | 'label' | 'ALM refuses' | 'ALM lags' }
  | { does: 'ask' | 'edit' | 'suspend' | 'rename'; to: number }
  | { does: 'break'; by: Break }
>;

const KUBE = [
  'read Secret',
  'add finalizer',
  'read object',
  'create claim',
  'read claim',
  'read staged',
  'create staged',
  'claim Held',
  'create Secret',
  'replace Secret',
  'claim rotation',
  'delete staged',
  'delete Secret',
  'status',
];
const ALM = ['POST', 'PUT', 'prove'];
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
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Happening>({ does: 'pass' }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('break' as const), by: breaks }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom('ask' as const, 'edit' as const, 'suspend' as const, 'rename' as const),
      to: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Happening[]>(
      { does: 'restart' },
      { does: 'hours' },
      { does: 'delete' },
      { does: 'empty' },
      { does: 'label' },
      { does: 'ALM refuses' },
      { does: 'ALM lags' },
    ),
  },
);

type Play = { readonly world: Making; name: string; asked: number };

function happen(play: Play, what: Happening): void {
  const { world, name } = play;
  switch (what.does) {
    case 'restart':
      world.restart();
      break;
    case 'hours':
      world.nowMs += 30 * HOUR;
      break;
    case 'delete':
      world.remove(name);
      break;
    case 'empty':
      world.edit({ clientSecret: '' }, {}, name);
      break;
    case 'label':
      world.edit({}, { touched: String(world.nowMs) }, name);
      break;
    case 'ALM refuses':
      world.alm.script.PUT.push({ answer: 'refused', status: 500 });
      break;
    case 'ALM lags':
      world.alm.script.prove.push('refused');
      break;
    case 'ask':
      play.asked += 1;
      world.ask(`token-${play.asked}`);
      break;
    case 'edit':
      world.edit({ clientSecret: secretText(`by-hand-${what.to}`) }, {}, name);
      break;
    case 'suspend':
      world.declare({ suspend: what.to === 1 });
      break;
    case 'rename':
      play.name = what.to === 0 ? GENERATED.name : 'renamed';
      world.generate({ name: play.name, rotateEvery: '24h' });
      break;
    case 'break':
      world.cluster.breaks.push(what.by);
  }
}

/**
 * The operator's own steps are watched: a published Secret gets no password by which ALM does not let the client in at
 * that moment, and none that ALM lets in goes away with nothing else left that holds it.
 */
async function pass(play: Play): Promise<void> {
  const { world } = play;
  const before = world.cluster.of('secrets').length;
  const worked = new Map(['orders-login', 'renamed'].map((name) => [name, world.text('clientSecret', name)]));
  const begin = world.cluster.steps.length;
  await world.pass();
  const steps = world.cluster.steps.slice(begin);
  if (world.cluster.dead) world.restart();
  const held = world.alm.clients.get(want.clientId)?.secret;
  for (const [name, text] of worked) {
    const now = world.text('clientSecret', name);
    if (now !== undefined && now !== text) expect({ name, steps, now }).toEqual({ name, steps, now: held });
  }
  // Whatever ALM lets in stands somewhere: published, or staged by an operator that has yet to publish it.
  const known = world.cluster.of('secrets').flatMap((secret) => Object.values((secret as Data).data ?? {}));
  const isKnown = held === undefined || known.includes(Buffer.from(held).toString('base64'));
  if (before > 0 && steps.some((step) => step.startsWith('delete')))
    expect({ steps, isKnown }).toEqual({ steps, isKnown: true });
  expect(world.staged().length).toBeLessThanOrEqual(1);
  const says = world.condition('Ready')?.status;
  const passed = world.thrown === undefined && steps.length > 0;
  if (passed && says === 'True' && world.text('clientSecret', play.name) !== undefined)
    expect({ steps, works: world.logsIn(play.name) }).toEqual({ steps, works: true });
}

type Data = Readonly<{ data?: Readonly<Record<string, string>> }>;

async function run(happenings: readonly Happening[]): Promise<void> {
  const play: Play = { world: new Making(), name: GENERATED.name, asked: 0 };
  const { world } = play;
  world.generate({ rotateEvery: '24h' });
  for (const what of happenings) {
    if (what.does === 'pass') await pass(play);
    else happen(play, what);
    world.nowMs += 1_000;
  }
  await calm(play);
}

/** Nothing goes wrong any more: what is published works, and no secret is made again. */
async function calm(play: Play): Promise<void> {
  const { world } = play;
  world.cluster.breaks.length = 0;
  world.alm.script.PUT.length = 0;
  world.alm.script.prove.length = 0;
  world.declare({ suspend: false });
  for (let quiet = 0; quiet < 14; quiet += 1) {
    await pass(play);
    world.nowMs += world.outcome?.then === 'retryAfter' ? world.outcome.ms : 1_000;
  }
  expect(world.conditions()).toMatch(/^Ready=True\/Applied .* Verified=True\/TokenIssued$/);
  expect(world.logsIn(play.name)).toBe(true);
  expect(world.staged()).toEqual([]);
  expect(world.cluster.of('secrets')).toHaveLength(1);
  if (play.asked > 0) expect(world.rotation()?.token).toBe(`token-${play.asked}`);
  const drawn = world.made.length;
  world.restart();
  await pass(play);
  expect(world.made.length).toBe(drawn);
}

describe('whatever happens to a generated secret', () => {
  it('what is published logs in, or the status says that it does not', async () => {
    await fc.assert(fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 24 }), run), {
      numRuns: 300,
    });
  });
});
