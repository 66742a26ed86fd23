/** What happens to the clients of one row, told as it comes out. */

import { OPERATOR_LOGIN } from '../../support/alm/defaults.ts';
import type { AlmSim } from '../../support/alm/server.ts';
import { secretText } from '../../support/canary.ts';
import type { Row } from '../../support/pairwise.ts';
import type { Scenario } from '../../support/scenario.ts';
import { type Fields, type Place, Subject } from '../knobs/subject.ts';
import type { Chapter, Plot, State } from './oracle.ts';
import { knobsOf, READABLE } from './parameters.ts';

export type Told = Partial<Record<Chapter, State>>;

type Scene = Readonly<{ row: Row; plot: Plot; place: Place; told: Told }>;

/** Its own ALM, connection and namespace, in the scenario that all rows share. */
export async function tell(
  scenario: Scenario,
  claims: Place['claims'],
  row: Row,
  plot: Plot,
  name: string,
): Promise<Readonly<{ alm: AlmSim; told: Told }>> {
  const clients = [loginOf(row)];
  const alm = await scenario.connect(name, {
    alm: { knobs: knobsOf(row), clients },
    spec: connectionOf(row),
  });
  const namespace = await scenario.namespace(name);
  const strangerId = (id: string) => (row['stranger'] === 'same' ? id : id.toUpperCase());
  const place = { api: scenario.api, claims, alm, namespace, connection: name, strangerId };
  const told: Told = {};
  const scene = { row, plot, place, told };
  const life = new Subject(place, 'life');
  await Promise.all([live(scene, life), taken(scene), adopted(scene), lost(scene)]);
  await endLife(scene, life);
  return { alm, told };
}

function loginOf({ login = '' }: Row) {
  return { ...OPERATOR_LOGIN, roles: [login] };
}

function connectionOf(row: Row): Fields {
  const none = row['authMode'] === 'none';
  // Without a login there is no client of which the operator knows from the start that it exists.
  const read = none && READABLE.includes(row['getItem'] ?? '') ? 'Enabled' : 'Auto';
  const api = { read, delete: row['revoke'] === 'delete' ? 'Enabled' : 'Disabled' };
  return { api, ...(none && { auth: { none: {} } }) };
}

function specOf({ grants, role }: Row, changed = false): Fields {
  const validity = changed ? { accessTokenValidity: 600 } : {};
  if (grants === 'password') return { ...validity, authorisedGrantTypes: ['password', 'refresh_token'] };
  const first = role === 'unknown' ? 'Nobody' : 'Portal';
  return { ...validity, roles: changed ? [first, 'ReadOnly'] : [first] };
}

/** The first 72 bytes of a long one differ too. */
function passwordOf({ password }: Row, which: string): string {
  return password === 'long' ? secretText(`${which}-${'long-'.repeat(16)}`) : secretText(which);
}

/** Waits for what is expected of the chapter, and tells how it really came. */
async function settle({ plot, told, place }: Scene, chapter: Chapter, subject: Subject): Promise<boolean> {
  const expected = plot[chapter];
  if (expected?.ready === undefined) return false;
  await subject.reach(expected.ready, expected.synced);
  const end = { ...(await subject.end()), verified: await subject.shown('Verified') };
  told[chapter] = only(end, expected);
  catchUp(place.alm);
  return Object.entries(told[chapter]).every(([name, value]) => expected[name as keyof State] === value);
}

/** What is compared. */
function only(end: Required<State>, expected: State): State {
  const members = Object.keys(expected) as (keyof State)[];
  return Object.fromEntries(members.map((member) => [member, end[member]])) as unknown as State;
}

/** So many requests pass, of others, that every replica knows what was written and no cache knows anything older. */
function catchUp({ state, knobs }: AlmSim): void {
  const requests = knobs.replicaLag + knobs.clientCache + 1;
  for (let request = 0; request < requests; request += 1) state.nextTick();
}

/** Each chapter builds on the one before; what follows a surprise tells nothing. */
async function live(scene: Scene, subject: Subject): Promise<void> {
  const { row, place, plot } = scene;
  await subject.declare(specOf(row), passwordOf(row, 'first'));
  if (!(await settle(scene, 'created', subject)) || plot.changed === undefined) return;
  await subject.declare(specOf(row, true), passwordOf(row, 'first'));
  if (!(await settle(scene, 'changed', subject))) return;
  place.alm.state.delete(subject.clientId);
  await subject.ask('vanished');
  await settle(scene, 'vanished', subject);
}

async function endLife(scene: Scene, subject: Subject): Promise<void> {
  const { row, place, plot, told } = scene;
  if (plot.rotated === undefined || told.vanished === undefined) return;
  if (told.vanished.holds === 'nothing') subject.restore();
  await restart(place.alm, row);
  await subject.declare(specOf(row, true), passwordOf(row, 'second'));
  if (await settle(scene, 'rotated', subject)) await remove(scene, 'deleted', subject);
}

/** As a process that begins on the same data. */
async function restart(alm: AlmSim, row: Row): Promise<void> {
  await alm.down();
  if (alm.knobs.tokensOnRestart === 'lost') alm.state.tokens.clear();
  if (alm.knobs.bootstrapOnRestart === 'yes') alm.state.set(loginOf(row));
  await alm.up();
}

async function remove({ plot, told }: Scene, chapter: Chapter, subject: Subject): Promise<void> {
  const expected = plot[chapter];
  if (expected === undefined) return;
  const end = await subject.remove(expected.claim);
  told[chapter] = only({ ready: '', synced: '', verified: '', stranger: 'none', ...end }, expected);
}

async function taken(scene: Scene): Promise<void> {
  const { row, place } = scene;
  const subject = new Subject(place, 'taken');
  subject.preempt();
  await subject.declare(specOf(row), passwordOf(row, 'first'));
  await settle(scene, 'taken', subject);
}

async function adopted(scene: Scene): Promise<void> {
  const { row, place } = scene;
  const subject = new Subject(place, 'adopted');
  subject.preempt();
  await subject.declare({ ...specOf(row), adoptionPolicy: 'IfExists' }, passwordOf(row, 'first'));
  if (await settle(scene, 'adopted', subject)) await remove(scene, 'released', subject);
}

async function lost(scene: Scene): Promise<void> {
  const { row, place, plot } = scene;
  if (plot.lost === undefined) return;
  const subject = new Subject(place, 'lost');
  const match = (request: Readonly<{ method: string; clientId?: string }>) =>
    request.method === 'POST' && request.clientId === subject.clientId;
  place.alm.faults.add({ match, times: 1, do: { kind: 'reset', when: 'after' } });
  await subject.declare(specOf(row), passwordOf(row, 'first'));
  await settle(scene, 'lost', subject);
}
