import { expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { installKinds } from '../support/install.ts';
import { hasCondition } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, isIn, type Place } from './clients.ts';

/** What stays where the operator or its kind is taken away from under its objects, and how it is found again. */

const LIMIT_MS = 60_000;
const FINALIZER = 'alm-operator.dev/release';

const scenario = useScenario({ operator: { flags: ['--resync-interval', '1000h'] } });
const clients = clientsOf(scenario);
const { created, declare, settled, get, remove, gone, claims, untilClaims } = clients;

const works = ({ clientId, name }: Place) => scenario().alm.matches(clientId, secretText(name));
const writesOf = ({ clientId }: Place) =>
  scenario().alm.log.filter((request) => request.clientId === clientId && request.wrote !== undefined);

/** Applied again, it is the object's client as before, and was never created twice. */
async function isFoundAgain(of: Place): Promise<void> {
  await declare(of);
  const { metadata, status } = await settled(of, LIMIT_MS);
  expect(status).toMatchObject({ origin: 'Created', applied: { operation: 'Created' } });
  expect(await claims(of)).toMatchObject([
    { phase: 'Held', origin: 'Created', owner: { uid: metadata.uid } },
  ]);
  expect(writesOf(of).map(({ wrote }) => wrote)).toEqual(['created', 'updated']);
  expect(works(of)).toBe(true);
}

it(
  'an operator that went before its objects leaves clients that work, and one that comes back knows them',
  async () => {
    const of = await created('left');
    const foreign = 'example.com/other';
    await clients.patch(of, { finalizers: [foreign, FINALIZER] });
    await scenario().operator().stop();

    await remove(of);
    const { metadata } = await get(of);
    // As the guide has it: the very entry is tested, so that nobody else's can go.
    const index = metadata.finalizers?.indexOf(FINALIZER);
    const path = `/metadata/finalizers/${index}`;
    const body = [
      { op: 'test', path, value: FINALIZER },
      { op: 'remove', path },
    ];
    const left = await scenario().api.patch('ClientCredential', of.namespace, of.name, {
      type: 'json',
      body,
    });
    expect(left.metadata.finalizers).toEqual([foreign]);
    await clients.patch(of, { finalizers: null });
    await gone(of);
    expect(works(of)).toBe(true);

    await scenario().launch();
    await untilClaims(
      of,
      'Orphaned',
      ([claim]) => claim !== undefined && hasCondition('Orphaned', 'True')(claim),
    );
    await isFoundAgain(of);
  },
  LIMIT_MS,
);

it(
  'the end of the kind is the end of no client, and its return finds them',
  async () => {
    const { api } = scenario();
    const all = [await created('one'), await created('two', { deletionPolicy: 'Revoke' })];
    const kind = 'clientcredentials.alm-operator.dev';
    await api.delete('CustomResourceDefinition', '', kind);
    await api.waitGone('CustomResourceDefinition', '', kind, {
      what: 'the end of the kind',
      timeoutMs: LIMIT_MS,
    });
    for (const of of all) {
      await untilClaims(of, 'Retained', isIn('Retained'));
      expect(writesOf(of)).toHaveLength(1);
      expect(works(of)).toBe(true);
    }
    await installKinds(api);
    for (const of of all) await isFoundAgain(of);
  },
  LIMIT_MS,
);
