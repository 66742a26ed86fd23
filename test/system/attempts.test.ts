import { beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../support/kubectl/http.ts';
import { conditionOf } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { BY_EXTENT } from './attempts/extent.ts';
import { FORGED } from './attempts/forgeries.ts';
import { BY_ID } from './attempts/ids.ts';
import {
  type Attempt,
  declares,
  holdings,
  RULES,
  reachedAlm,
  setTheStage,
  VICTIM,
} from './attempts/stage.ts';
import { clientsOf, type Place } from './clients.ts';

/**
 * All the ways in which somebody who may edit a namespace may try to get at a client that is not theirs. Each is refused
 * by name, ALM hears nothing of it, and what others have stays as it was, also when the attempts are deleted.
 */

const scenario = useScenario({
  connection: { access: RULES },
  // Resyncs fall due at random points of the interval: none of them within these tests.
  operator: { flags: ['--resync-interval', '1000h'] },
});
const clients = clientsOf(scenario);
const stage = () => ({ scenario: scenario(), clients });

const refused: Place[] = [];
let before: unknown;

beforeAll(async () => {
  await setTheStage(stage());
  before = await holdings(stage());
});

async function isRefused({ reason, says, before: prepare, make, after }: Attempt): Promise<void> {
  await prepare?.(stage());
  const since = scenario().alm.log.length;
  const of = await make(stage());
  refused.push(of);
  const object = await clients.held(of, reason);
  expect(conditionOf(object, 'Ready')?.message).toMatch(says);
  // Its creation and its proof.
  expect(reachedAlm(stage(), since)).toEqual([]);
  await after?.(stage());
}

describe.each([
  ['the id', BY_ID],
  ['the extent', BY_EXTENT],
  ['forgery', FORGED],
])('by way of %s', (_way, attempts) => {
  it.each(attempts.map((attempt) => [attempt.title, attempt] as const))(
    '%s is refused',
    async (_, attempt) => {
      await isRefused(attempt);
      expect(await holdings(stage())).toEqual(before);
    },
  );
});

it.each([
  ['clientId', { clientId: 'billing_other' }],
  ['connectionRef', { connectionRef: { name: 'other' } }],
])('%s of an object cannot be changed once it is there', async (field, change) => {
  const of = await declares(stage(), 'billing', 'billing_fixed', { suspend: true });
  const changed = await clients.change(of, { suspend: true, ...change }).catch((error: unknown) => error);
  expect(changed).toBeInstanceOf(ApiError);
  expect((changed as ApiError).message).toMatch(new RegExp(`${field}.*immutable`));
});

it('a Secret of another namespace cannot be named', async () => {
  const clientSecretRef = { namespace: VICTIM.namespace, name: VICTIM.name };
  const made = await declares(stage(), 'billing', 'billing_theft', { clientSecretRef }).catch(
    (error) => error,
  );
  expect(made).toBeInstanceOf(ApiError);
  expect((made as ApiError).message).toContain('unknown field "spec.clientSecretRef.namespace"');
});

it('nothing comes of it later, nor when all that was refused is deleted', async () => {
  const since = scenario().alm.log.length;
  const kept = new Set(['billing_grown']);
  const gone = refused.filter(({ clientId }) => !kept.has(clientId));
  for (const { namespace, name } of gone) await scenario().api.delete('ClientCredential', namespace, name);
  await Promise.all(
    gone.map(({ namespace, name }) => scenario().api.waitGone('ClientCredential', namespace, name)),
  );
  // A pass for an object that comes last ends after all that were due before it.
  const last = await declares(stage(), 'team', 'team_last');
  await clients.settled(last);
  expect(reachedAlm(stage(), since).map(({ clientId }) => clientId)).toEqual(['team_last', 'team_last']);
  expect(await holdings(stage())).toEqual(before);
});
