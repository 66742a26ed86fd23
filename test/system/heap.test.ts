import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findCanary, secretText } from '../support/canary.ts';
import type { Live } from '../support/kubectl/objects.ts';
import type { LogEntry } from '../support/operator.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { clientsOf, type Place } from './clients.ts';
import { generatingOf } from './generating.ts';

/**
 * What the process remembers once its passes are over: no password, be it of a Secret that kubectl applied, which holds
 * it twice, or one of the operator's own making. A snapshot collects garbage first, and holds strings in full length.
 */

const PATIENCE_MS = 30_000;
const LOOKS = 4;

let running: Scenario | undefined;
let snapshots = '';
let taken = 0;

function scenario(): Scenario {
  if (running === undefined) throw new Error('The scenario has not started');
  return running;
}

const clients = clientsOf(scenario);
const { created, place, rotate, settled } = clients;
const { made, ask, rotated, whole } = generatingOf(scenario, clients);

beforeAll(async () => {
  snapshots = await mkdtemp(join(tmpdir(), 'alm-heap-'));
  const loaded = new URL('snapshots.ts', import.meta.url).href;
  running = await startScenario({
    operator: {
      flags: ['--generated-secrets', 'true'],
      env: { NODE_OPTIONS: `--import=${loaded}`, SNAPSHOTS: snapshots },
    },
  });
}, 60_000);

afterAll(async () => {
  await running?.stop();
  await rm(snapshots, { recursive: true, force: true });
}, 60_000);

async function heap(): Promise<string> {
  const operator = scenario().operator();
  taken += 1;
  operator.kill('SIGUSR2');
  const isIt = ({ msg, count }: LogEntry) => msg === 'heap snapshot written' && count === taken;
  const { file } = await operator.logged(isIt, PATIENCE_MS);
  const text = await readFile(String(file), 'latin1');
  await rm(String(file));
  // The one secret that it has to know all the time: its own token for the API server.
  const token = new RegExp(`${secretText('token-operator')}-[0-9a-f]{24}`, 'g');
  expect(text).toMatch(token);
  return text.replaceAll(token, '');
}

/** The values as they are and in base64; which of them are there, by their place in the list. */
function heldIn(text: string, values: readonly string[]): readonly number[] {
  return values.flatMap((value, at) => {
    const forms = [value, Buffer.from(value).toString('base64')];
    return forms.some((form) => text.includes(form)) ? [at] : [];
  });
}

/** What a pass has in its hands at one look is gone at the next; what is kept is there at all of them. */
async function kept(values: readonly string[]): Promise<string | undefined> {
  let found: string | undefined;
  for (let look = 0; look < LOOKS; look += 1) {
    const text = await heap();
    const places = heldIn(text, values);
    found = findCanary(text) ?? (places.length > 0 ? `generated secret ${places}` : undefined);
    if (found === undefined) return undefined;
  }
  return found;
}

async function applied(): Promise<void> {
  const objects = await Promise.all(['first', 'second', 'third'].map((name) => created(name)));
  await Promise.all(objects.map((of) => rotate(of, secretText(`${of.name}-next "quoted" \\ and more`))));
  await Promise.all(objects.map((of) => settled(of)));
}

async function generated(of: Place, tokens: readonly string[]): Promise<readonly string[]> {
  const values = [await whole(of)];
  for (const token of tokens) {
    await ask(of, token);
    await rotated(of, token);
    values.push(await whole(of));
  }
  return values;
}

it('remembers no password that it read or made', async () => {
  await applied();
  const values = await generated(await made('made'), ['one', 'two']);
  expect(new Set(values).size).toBe(3);
  // A Secret that is not referenced by anything is watched like all others.
  const bystander = await place('bystander');
  await rotate(bystander, secretText('bystander'));
  const secrets = await scenario().api.list<Live>('Secret', bystander.namespace);
  expect(JSON.stringify(secrets)).toContain('last-applied-configuration');
  expect(await kept(values)).toBeUndefined();
}, 120_000);
