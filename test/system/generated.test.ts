import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';
import { generatingOf } from './generating.ts';

/** Secrets that the operator makes: published once they work, replaced on demand, gone with their owner. */

const FLAGS = ['--generated-secrets', 'true', '--resync-interval', '1000h'];
const scenario = useScenario({ cluster: { controllers: true }, operator: { flags: FLAGS } });
const clients = clientsOf(scenario);
const { place, get, held, until, told, remove, gone, untilClaims, settled, change, rotate } = clients;
const { generates, ended, made, ask, published, rotated, staged, whole } = generatingOf(scenario, clients);

const secretOf = ({ namespace, name }: Place) => scenario().api.get<Live>('Secret', namespace, name);
const writes = ({ clientId }: Place) =>
  scenario().alm.log.filter((request) => request.wrote !== undefined && request.clientId === clientId);

async function hasTold(of: Place, reason: string): Promise<void> {
  const patience = { what: `the event ${reason}`, timeoutMs: 10_000 };
  const holds = (events: readonly Live[]) =>
    events.some((event) => (event as { reason?: string }).reason === reason);
  await scenario().api.waitForAll<Live>('Event', of.namespace, holds, patience);
}

describe('a generated secret', () => {
  it('is published with all that an application needs, once it logs in', async () => {
    const template = { labels: { app: 'first' }, annotations: { 'example.com/note': 'made' } };
    const keys = { clientIdKey: 'id', tokenUrlKey: 'url', length: 64, template };
    const of = await made('first', keys);
    const { metadata, data = {}, ...rest } = await secretOf(of);
    const { uid } = (await get(of)).metadata;
    expect(rest).toMatchObject({ type: 'Opaque' });
    expect(metadata).toMatchObject(template);
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'ClientCredential', uid, controller: true }]);
    const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
    expect(Object.keys(data).toSorted()).toEqual(['clientSecret', 'id', 'url']);
    expect([text('id'), text('url')]).toEqual([of.clientId, `${scenario().alm.url}/oauth/token`]);
    expect(await whole(of)).toHaveLength(64);
    expect(writes(of)).toHaveLength(1);
    await hasTold(of, 'Generated');
    expect(await told(of)).not.toContain('Rotated');
  });

  it('is not published as long as ALM refuses it', async () => {
    const of = await place('unproved');
    const match = ({ path, clientId }: Readonly<{ path: string; clientId?: string }>) =>
      path === '/oauth/token' && clientId === of.clientId;
    const body = JSON.stringify({ error: 'invalid_client' });
    const end = scenario().alm.faults.add({ match, do: { kind: 'status', status: 401, body } });
    await generates(of);
    await until(of, 'Verifying', hasCondition('Verified', 'Unknown', 'Verifying'));
    await expect(secretOf(of)).rejects.toThrow('404');
    expect(await staged(of)).toHaveLength(1);
    end();
    await ended(of);
    await whole(of);
  });

  it('is replaced when asked for, once for each value of the annotation', async () => {
    const of = await made('asked');
    const first = await whole(of);
    await ask(of, 'one');
    await rotated(of, 'one');
    const second = await whole(of);
    expect(second).not.toBe(first);
    expect(scenario().alm.matches(of.clientId, first)).toBe(false);
    await hasTold(of, 'Rotated');
    await scenario().operator().stop();
    await scenario().launch();
    // A pass that is asked for comes after those of the start.
    await clients.patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'again' } });
    await until(of, 'the pass', ({ status }) => status?.['lastHandledReconcileAt'] === 'again');
    expect(await whole(of)).toBe(second);
    await ask(of, 'two');
    await rotated(of, 'two');
    expect(await whole(of)).not.toBe(second);
  }, 60_000);

  it('is made anew when somebody deletes it', async () => {
    const of = await made('lost');
    const before = await whole(of);
    const { uid } = (await secretOf(of)).metadata;
    await scenario().api.delete('Secret', of.namespace, of.name);
    const isAnother = ({ metadata }: Live) => metadata.uid !== uid;
    const patience = { what: 'another Secret', timeoutMs: 20_000 };
    await scenario().api.waitFor<Live>('Secret', of.namespace, of.name, isAnother, patience);
    await settled(of);
    expect(await whole(of)).not.toBe(before);
    await hasTold(of, 'Rotated');
  });

  it('keeps the published one while ALM is down, and is replaced once it is back', async () => {
    const of = await made('outage');
    const before = await whole(of);
    await scenario().alm.down();
    await ask(of, 'down');
    await until(of, 'the outage', (object) => !hasCondition('Synced', 'True')(object), 40_000);
    expect(await published(of)).toBe(before);
    expect(scenario().alm.matches(of.clientId, before)).toBe(true);
    await scenario().alm.up();
    await rotated(of, 'down', 60_000);
    expect(await whole(of)).not.toBe(before);
  }, 120_000);

  it('never takes the place of a Secret that somebody else made', async () => {
    const of = await place('foreign');
    await scenario().api.apply(secret(of.namespace, of.name, { clientSecret: secretText('foreign') }));
    const { metadata } = await secretOf(of);
    await generates(of);
    const object = await held(of, 'GeneratedSecretConflict');
    expect(conditionOf(object, 'Stalled')?.status).toBe('True');
    expect((await secretOf(of)).metadata.resourceVersion).toBe(metadata.resourceVersion);
    expect(await staged(of)).toEqual([]);
    expect(scenario().alm.log.filter(({ clientId }) => clientId === of.clientId)).toEqual([]);
    await scenario().api.delete('Secret', of.namespace, of.name);
    await until(of, 'Ready', hasCondition('Ready', 'True'));
    await whole(of);
  });

  it('goes with its owner, and the client with it', async () => {
    const of = await made('leaving');
    const password = await whole(of);
    await remove(of);
    await gone(of, 45_000);
    await scenario().api.waitGone('Secret', of.namespace, of.name, { what: 'its end', timeoutMs: 45_000 });
    await untilClaims(of, 'Revoked', (claims) => claims[0]?.spec?.['phase'] === 'Revoked');
    expect(scenario().alm.matches(of.clientId, password)).toBe(false);
  }, 120_000);

  it('takes the place of a declared one, and gives it back', async () => {
    const of = await clients.created('both');
    await generates(of, { name: 'both-made' });
    const patience = { what: 'the published Secret', timeoutMs: 20_000 };
    const made = await scenario().api.waitFor<Live>(
      'Secret',
      of.namespace,
      'both-made',
      () => true,
      patience,
    );
    await until(of, 'Ready', hasCondition('Ready', 'True'));
    const password = Buffer.from(made.data?.['clientSecret'] ?? '', 'base64').toString();
    expect(scenario().alm.matches(of.clientId, password)).toBe(true);
    await rotate(of, secretText('given-back'));
    await change(of, {});
    await settled(of);
    expect(scenario().alm.matches(of.clientId, secretText('given-back'))).toBe(true);
    await scenario().api.waitGone('Secret', of.namespace, 'both-made');
  });

  it('replaces the secret of a client that was there only where a rotation is asked for', async () => {
    const of = await place('theirs');
    scenario().alm.state.set({
      clientId: of.clientId,
      clientSecret: secretText('theirs'),
      authorisedGrantTypes: ['client_credentials'],
      accessTokenValidity: 60,
      refreshTokenValidity: 60,
      roles: [],
    });
    await generates(of, {}, { adoptionPolicy: 'Required' });
    const object = await held(of, 'AlreadyExists');
    expect(conditionOf(object, 'Ready')?.message).toContain('alm-operator.dev/rotate');
    expect(writes(of)).toEqual([]);
    expect(scenario().alm.matches(of.clientId, secretText('theirs'))).toBe(true);
    await ask(of, 'yes');
    await ended(of);
    await whole(of);
  });

  it('is left alone by an operator that may not make any', async () => {
    const of = await made('switched');
    const before = await whole(of);
    await scenario().operator().stop();
    await scenario().launch({ flags: ['--resync-interval', '1000h'] });
    const object = await held(of, 'SecretNotAllowed');
    expect(conditionOf(object, 'Ready')?.message).toContain('--generated-secrets');
    const refused = await place('refused');
    await generates(refused);
    await held(refused, 'SecretNotAllowed');
    expect(await published(of)).toBe(before);
    expect(scenario().alm.matches(of.clientId, before)).toBe(true);
    expect(scenario().alm.log.filter(({ clientId }) => clientId === refused.clientId)).toEqual([]);
    await scenario().operator().stop();
    await scenario().launch();
    await settled(of);
    expect(await whole(of)).toBe(before);
    await ended(refused);
    await whole(refused);
  }, 60_000);

  it('is in no other place than its Secret', async () => {
    const secrets = await scenario().api.list<Live>('Secret');
    const values = secrets
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ kind }) => kind === 'ClientCredential'))
      .map(({ data }) => data?.['clientSecret'] ?? '');
    expect(values.length).toBeGreaterThan(5);
    const kinds = ['ClientCredential', 'AlmClientClaim', 'AlmConnection', 'Event'];
    const objects = await Promise.all(kinds.map((kind) => scenario().api.list<Live>(kind)));
    const places = JSON.stringify([
      objects,
      scenario().operator().lines,
      scenario().gate.log,
      scenario().alm.log,
    ]);
    for (const encoded of values) {
      const plain = Buffer.from(encoded, 'base64').toString();
      expect(places.includes(plain) || places.includes(encoded)).toBe(false);
    }
    const orphans = await scenario().api.list<Live>('Secret', OPERATOR_NAMESPACE);
    expect(orphans.map(({ metadata }) => metadata.name)).toEqual(['operator-login']);
  });
});
