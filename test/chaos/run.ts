/**
 * A storm and the calm after it: three tenants change their objects while everything that the operator lives on fails;
 * then nothing fails any more, and within a limit ALM has to be as the objects say.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { hasCondition, type Live } from '../support/kubectl/objects.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { aftermath, lastWords, leaks, others, tally, type World } from './aftermath.ts';
import { Crew, type Left } from './crew.ts';
import { type Act, type Climate, type Plan, planOf } from './deeds.ts';
import { judge, type View } from './judge.ts';
import { nameOf, SLOTS, type Slot, strangerOf, TENANTS } from './slots.ts';
import { Tenants } from './tenants.ts';
import { isWrite, Storm } from './weather.ts';

export type ChaosOptions = Readonly<{
  minutes: number;
  seed: number;
  /** Takes notes as the run goes on. */
  tell: (line: string) => void;
  /** A folder for the output of every process. */
  logs?: string;
  /** How long the world may take to be as declared. */
  patienceMs?: number;
  /** In place of the one that the seed draws. */
  climate?: Climate;
}>;

/** What was wrong; nothing in the good case. */
export type Outcome = Readonly<{ problems: readonly string[]; report: string }>;

const MINUTE_MS = 60_000;
/** So long after the beginning the elder takes over, and so long after it is first measured. */
const SEATED_MS = 4 * MINUTE_MS;
const MEASURED_MS = 5 * MINUTE_MS;
/** Shorter runs have no elder. */
const LEAST_MINUTES = 10;
/** The longest back-off of an object that has failed often, and a window of proof. */
const PATIENCE_MS = 120_000;
const LONG_PATIENCE_MS = 400_000;
const QUIET_PATIENCE_MS = 45_000;
const STUMBLES = 5;
const LOOK_MS = 500;
const GROWTH = 1.05;
/** Connections come and go. */
const MORE_HANDLES = 5;

export async function chaos({
  minutes,
  seed,
  tell,
  logs,
  patienceMs,
  climate,
}: ChaosOptions): Promise<Outcome> {
  const lengthMs = minutes * MINUTE_MS;
  const drawn = planOf(seed, lengthMs);
  const plan = { ...drawn, climate: climate ?? drawn.climate };
  const scenario = await begin(plan);
  const crew = new Crew(scenario);
  const world: World = {
    scenario,
    crew,
    tenants: new Tenants(scenario.api),
    storm: new Storm(scenario, crew),
    tell,
  };
  tell(`Runs on ${scenario.cluster.version}; ALM: ${JSON.stringify(plan.climate)}`);
  const problems: string[] = [];
  const attempt = async (step: () => Promise<readonly string[] | undefined>) => {
    const found = await step().catch((error: unknown) => [
      error instanceof Error ? error.message : String(error),
    ]);
    problems.push(...(found ?? []));
    return problems.length === 0;
  };
  const isWell = await attempt(() => live(world, plan, minutes, patienceMs));
  await attempt(async () => crew.close().then(() => undefined));
  if (logs !== undefined) await writeLogs(crew, logs);
  await attempt(async () => aftermath(world));
  const report = [tally(world), ...(isWell ? [] : [lastWords(world)])].join('\n');
  await attempt(() => scenario.stop().then(() => undefined));
  return { problems, report };
}

async function writeLogs({ replicas }: Crew, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, operator } of replicas)
    await writeFile(join(folder, `${name}.log`), `${operator.lines.join('\n')}\n`);
}

async function begin({ climate }: Plan): Promise<Scenario> {
  const scenario = await startScenario({
    launch: false,
    cluster: { controllers: true },
    alm: {
      knobs: {
        getItem: climate.readable ? 'omitted' : 'absent-405',
        delete: climate.deletes ? 'present' : 'absent-405',
      },
    },
    connection: { api: { delete: climate.deletes ? 'Enabled' : 'Disabled' } },
  });
  for (const name of TENANTS)
    await scenario.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  for (const slot of SLOTS.filter(({ sort }) => sort === 'found')) scenario.alm.state.set(strangerOf(slot));
  return scenario;
}

async function live(
  world: World,
  plan: Plan,
  minutes: number,
  patienceMs = PATIENCE_MS,
): Promise<readonly string[]> {
  const { crew, tell } = world;
  const strangers = world.scenario.alm.state.list();
  await crew.start();
  tell('The storm begins');
  const elder = minutes >= LEAST_MINUTES ? seated(world) : undefined;
  await rage(world, plan);
  const early = await elder;
  await calm(world);
  tell('It is calm');
  await settled(world, minutes >= LEAST_MINUTES ? LONG_PATIENCE_MS : patienceMs, 'after the storm');
  await after(world, { act: 'validity', validity: 4321 }, 'a change of every spec', QUIET_PATIENCE_MS);
  await after(world, { act: 'rotate' }, 'a change of every Secret', QUIET_PATIENCE_MS);
  stumble(world);
  await after(
    world,
    { act: 'validity', validity: 5432 },
    'changes that ALM did not take at once',
    patienceMs,
  );
  const late = early === undefined ? undefined : await crew.left();
  await after(world, { act: 'delete' }, 'the end of every object', patienceMs);
  return [...grown(early, late, tell), ...others(world, strangers), ...leaks(world, await crew.pages())];
}

/** Deeds at their moments; each goes on by itself. */
async function rage({ tenants, storm, tell }: World, { deeds }: Plan): Promise<void> {
  const began = performance.now();
  let told = 0;
  for (const deed of deeds) {
    const ms = deed.atMs - (performance.now() - began);
    if (ms > 0) await sleep(ms);
    if (deed.by === 'weather') storm.strikes(deed.weather);
    else tenants.does(SLOTS[deed.slot] as Slot, deed.act);
    if (deed.atMs < told + MINUTE_MS) continue;
    told = deed.atMs;
    tell(`Minute ${Math.round(told / MINUTE_MS)}: ${tenants.done} changes, ${storm.done} blows`);
  }
}

async function seated({ crew, tell }: World): Promise<Left> {
  await sleep(SEATED_MS);
  await crew.seat();
  await sleep(MEASURED_MS - SEATED_MS);
  const left = await crew.left();
  tell(`The elder holds ${left.heap} bytes and ${left.handles} handles`);
  return left;
}

/** Everything is mended, everybody admitted, and nothing suspended. */
async function calm({ scenario, crew, tenants, storm }: World): Promise<void> {
  await storm.over();
  await scenario.calm();
  await crew.calm();
  await tenants.rest();
  for (const slot of SLOTS) tenants.does(slot, { act: 'suspend', on: false });
  await tenants.rest();
}

/** The same for every object while nothing else happens: whoever does not hear of it has no other occasion. */
async function after(world: World, act: Act, when: string, limitMs: number): Promise<void> {
  for (const slot of SLOTS) world.tenants.does(slot, act);
  await world.tenants.rest();
  await settled(world, limitMs, `after ${when}`);
}

/** The next writes come to nothing; no more of them than a breaker needs a few tries to get over. */
function stumble({ scenario }: World): void {
  scenario.alm.faults.add({ match: isWrite, times: STUMBLES, do: { kind: 'status', status: 503 } });
}

async function settled(world: World, limitMs: number, when: string): Promise<void> {
  const began = Date.now();
  const deadline = began + limitMs;
  for (;;) {
    await mend(world);
    const found = await findings(world);
    if (found.length === 0) {
      world.tell(`Everything is as declared ${when}, ${Date.now() - began} ms`);
      return;
    }
    if (Date.now() > deadline)
      throw new Error(`Not as declared ${when}, within ${limitMs} ms:\n${found.join('\n')}`);
    await sleep(LOOK_MS);
  }
}

async function views({ scenario: { api }, tenants }: World): Promise<readonly View[]> {
  const claims = await api.list<Live>('AlmClientClaim', OPERATOR_NAMESPACE);
  const hidden = await api.list<Live>('Secret', OPERATOR_NAMESPACE);
  return Promise.all(
    SLOTS.map(async (slot): Promise<View> => {
      const own = claims.filter(({ spec }) => spec?.['clientId'] === slot.clientId);
      const secret = await tenants.find('Secret', slot);
      tenants.learn(slot, secret);
      const uids = new Set(own.map(({ metadata }) => metadata.uid));
      return {
        slot,
        memory: tenants.memory(slot),
        object: await tenants.find('ClientCredential', slot),
        secret,
        claims: own,
        staged: hidden.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uids.has(uid))),
      };
    }),
  );
}

async function findings(world: World): Promise<readonly string[]> {
  const { api, alm } = world.scenario;
  const connection = await api.get<Live>('AlmConnection', OPERATOR_NAMESPACE, 'default');
  const away = ['Ready', 'Reachable', 'Authenticated', 'Authorised'].filter(
    (type) => !hasCondition(type, 'True')(connection),
  );
  const all = await views(world);
  return [...away.map((type) => `the connection is not ${type}`), ...all.flatMap((view) => judge(view, alm))];
}

/** What a claim asks people to do that nobody could settle: to apply the object again. */
async function mend(world: World): Promise<void> {
  const unsettled = (claim: Live) =>
    claim.spec?.['phase'] === 'Revoking' &&
    claim.spec?.['origin'] === undefined &&
    hasCondition('Revoked', 'False', 'OutcomeUnknown')(claim);
  for (const { slot, object, claims } of await views(world)) {
    if (object !== undefined || !claims.some(unsettled)) continue;
    world.tell(`${nameOf(slot)} is applied again, as its claim asks for`);
    world.tenants.does(slot, { act: 'declare', adoption: 'IfExists', deletion: null, validity: 1200 });
  }
  await world.tenants.rest();
}

function grown(
  early: Left | undefined,
  late: Left | undefined,
  tell: (line: string) => void,
): readonly string[] {
  if (early === undefined || late === undefined) return [];
  tell(
    `The elder holds ${late.heap} bytes and ${late.handles} handles at the end, ${early.heap} and ${early.handles} before`,
  );
  return [
    ...(late.heap <= early.heap * GROWTH ? [] : [`the heap grew from ${early.heap} to ${late.heap}`]),
    ...(late.handles <= early.handles * GROWTH + MORE_HANDLES
      ? []
      : [`open handles grew from ${early.handles} to ${late.handles}`]),
  ];
}
