import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import type { When } from '../support/gate/rules.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { conditionOf, hasCondition, type Live } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';
import { generatingOf } from './generating.ts';

/**
 * When the operator replaces a secret of its making, and that it does so once: time passes by the claim, whose last
 * rotation is put back in time.
 */

const HOUR = 3_600_000;
const FLAGS = ['--generated-secrets', 'true', '--resync-interval', '1000h'];
const scenario = useScenario({ operator: { flags: FLAGS } });
const clients = clientsOf(scenario);
const { change, created, get, patch, rotate, settled, told, until } = clients;
const { generates, made, ask, published, rotated, staged, whole } = generatingOf(scenario, clients);

const HOURLY = { rotateEvery: '1h' };
const now = () => scenario().gate.log.at(-1)?.n ?? 0;

async function claimOf({ clientId }: Place): Promise<Live> {
  const all = await scenario().api.list<Live>('AlmClientClaim', OPERATOR_NAMESPACE);
  const claim = all.find(({ spec }) => spec?.['clientId'] === clientId);
  if (claim === undefined) throw new Error(`There is no claim of ${clientId}`);
  return claim;
}

async function rotationOf(of: Place): Promise<Readonly<{ last?: string; token?: string }>> {
  return (await claimOf(of)).spec?.['rotation'] ?? {};
}

type Told = Readonly<{ last: string; next: string }>;

/** What the status says. */
function toldIn({ status }: Live): Told {
  return { last: '', next: '', ...(status?.['rotation'] as Partial<Told> | undefined) };
}

/** The last rotation was two hours ago, by what the claim says. */
async function age(of: Place): Promise<void> {
  const last = new Date(Date.now() - 2 * HOUR).toISOString();
  const body = { spec: { rotation: { last } } };
  const { name } = (await claimOf(of)).metadata;
  await scenario().api.patch('AlmClientClaim', OPERATOR_NAMESPACE, name, { type: 'merge', body });
}

/** How many secrets were made for anybody. */
function stagings(since: number): number {
  return scenario().gate.count({ verb: 'create', resource: 'secrets', namespace: OPERATOR_NAMESPACE }, since);
}

async function restarted(meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
  await scenario().operator().stop();
  await meanwhile();
  await scenario().launch();
}

/** A pass that comes after all that were due before. */
async function passed(of: Place, token: string): Promise<void> {
  await patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': token } });
  await until(of, 'the pass', ({ status }) => status?.['lastHandledReconcileAt'] === token);
}

/** Once the status tells of a rotation after the one that it told of before. */
async function again(of: Place, before: Live): Promise<void> {
  const last = Date.parse(toldIn(before).last);
  await until(of, 'another rotation', (object) => Date.parse(toldIn(object).last) > last);
  await settled(of);
}

const says =
  (words: string) =>
  (object: Live): boolean =>
    conditionOf(object, 'Ready')?.message.includes(words) === true;

async function rotations(of: Place): Promise<number> {
  return (await told(of)).filter((reason) => reason === 'Rotated').length;
}

/** Events are told behind the work. */
async function hasRotated(of: Place): Promise<void> {
  const patience = { what: 'the event Rotated', timeoutMs: 10_000 };
  const holds = (events: readonly Live[]) =>
    events.some((event) => (event as { reason?: string }).reason === 'Rotated');
  await scenario().api.waitForAll<Live>('Event', of.namespace, holds, patience);
}

describe('rotateEvery', () => {
  it('is told in the status, and nothing happens before it is over', async () => {
    const of = await made('early', HOURLY);
    const since = now();
    const password = await whole(of);
    const { last, next } = toldIn(await get(of));
    const waitMs = Date.parse(next) - Date.parse(last);
    expect(waitMs).toBeGreaterThan(HOUR - 2_000);
    expect(waitMs).toBeLessThan(1.1 * HOUR + 2_000);
    await restarted();
    await passed(of, 'early');
    expect(await whole(of)).toBe(password);
    expect(stagings(since)).toBe(0);
  });

  it('that is over means one rotation, also over restarts', async () => {
    const of = await made('due', HOURLY);
    const before = await whole(of);
    const object = await get(of);
    const since = now();
    await restarted(() => age(of));
    await again(of, object);
    const after = await whole(of);
    expect(after).not.toBe(before);
    expect(scenario().alm.matches(of.clientId, before)).toBe(false);
    expect(Date.parse(toldIn(await get(of)).next)).toBeGreaterThan(Date.now());
    await hasRotated(of);
    await restarted();
    await passed(of, 'again');
    expect(await whole(of)).toBe(after);
    expect(stagings(since)).toBe(1);
    expect(await rotations(of)).toBe(1);
  }, 60_000);

  it('that is over while the operator runs is noticed by the next pass', async () => {
    const of = await made('noticed', HOURLY);
    const before = await whole(of);
    const object = await get(of);
    const since = now();
    await age(of);
    await generates(of, HOURLY, { resyncInterval: '999h' });
    await again(of, object);
    expect(await whole(of)).not.toBe(before);
    await passed(of, 'again');
    expect(stagings(since)).toBe(1);
  });
});

describe('a suspended object', () => {
  it.each([
    ['is due', true, false],
    ['is asked for', false, true],
    ['is both', true, true],
  ])(
    'whose rotation %s says so, waits, and is rotated once afterwards',
    async (_, isDue, isAsked) => {
      const of = await made('suspended', HOURLY);
      const before = await whole(of);
      const since = now();
      const sent = scenario().alm.log.length;
      await generates(of, HOURLY, { suspend: true });
      const object = await until(of, 'Suspended', says('no change waits'));
      if (isDue) await age(of);
      if (isAsked) await ask(of, 'now');
      else await generates(of, HOURLY, { suspend: true, resyncInterval: '999h' });
      const waiting = await until(of, 'the rotation to wait', says('a rotation waits for its end'));
      expect(hasCondition('Ready', 'True', 'Suspended')(waiting)).toBe(true);
      await restarted();
      // A pass for an object that comes last ends after all that were due before it.
      await made('marker');
      expect(await published(of)).toBe(before);
      expect(await staged(of)).toEqual([]);
      expect((await get(of)).status?.['lastHandledRotateAt']).toBeUndefined();
      expect(
        scenario()
          .alm.log.slice(sent)
          .filter(({ clientId }) => clientId === of.clientId),
      ).toEqual([]);
      await generates(of, HOURLY);
      await again(of, object);
      const after = await whole(of);
      expect(after).not.toBe(before);
      expect((await rotationOf(of)).token).toBe(isAsked ? 'now' : undefined);
      await passed(of, 'again');
      expect(await whole(of)).toBe(after);
      // One of them is the marker's.
      expect(stagings(since)).toBe(2);
    },
    60_000,
  );
});

describe('what stands on the claim', () => {
  it('keeps a restore without status from rotating, though the annotation and rotateEvery are there', async () => {
    const of = await made('restored', HOURLY);
    await ask(of, 'before');
    await rotated(of, 'before');
    const password = await whole(of);
    const since = now();
    await restarted(async () => {
      await scenario().api.replace({ ...(await get(of)), status: {} }, 'status');
    });
    await until(of, 'the echo of the token', ({ status }) => status?.['lastHandledRotateAt'] === 'before');
    await settled(of);
    expect(await whole(of)).toBe(password);
    expect(stagings(since)).toBe(0);
  });

  it('says nothing of rotations once the object names a Secret, so that none is due afterwards', async () => {
    const of = await created('both');
    await generates(of, { name: 'both-made', ...HOURLY });
    const isThere = { what: 'the generated Secret', timeoutMs: 20_000 };
    await scenario().api.waitFor<Live>('Secret', of.namespace, 'both-made', () => true, isThere);
    await until(of, 'the time of the rotation', ({ status }) => status?.['rotation'] !== undefined);
    await ask(of, 'old');
    await until(of, 'the rotation', ({ status }) => status?.['lastHandledRotateAt'] === 'old');
    const since = now();
    await rotate(of, secretText('named-again'));
    await change(of, {});
    const referring = await settled(of);
    expect(referring.status?.['rotation']).toBeUndefined();
    expect(referring.status?.['lastHandledRotateAt']).toBeUndefined();
    expect(await rotationOf(of)).toEqual({ token: 'old' });
    await generates(of, { name: 'both-made', ...HOURLY });
    await scenario().api.waitFor<Live>('Secret', of.namespace, 'both-made', () => true, isThere);
    await until(of, 'the time of the rotation', ({ status }) => status?.['rotation'] !== undefined);
    await passed(of, 'again');
    expect(stagings(since)).toBe(1);
    expect((await get(of)).status?.['lastHandledRotateAt']).toBe('old');
  }, 60_000);
});

describe('an API server that fails when a secret is to be published', () => {
  const publishing = (of: Place) =>
    ({ verb: 'update', resource: 'secrets', namespace: of.namespace, name: of.name }) as const;
  const isTold = hasCondition('Ready', 'False', 'SecretNotPublished');

  it('is told of until it is over, and the password that ALM has is published then', async () => {
    const of = await made('webhook');
    const before = await whole(of);
    const since = now();
    const fault = scenario().gate.fault(publishing(of), { times: 99 }, { kind: 'status', status: 500 });
    await ask(of, 'now');
    const object = await until(of, 'SecretNotPublished', isTold);
    expect(conditionOf(object, 'Ready')?.message).toContain('ALM has the generated password');
    expect(conditionOf(object, 'Reconciling')).toMatchObject({ status: 'True' });
    expect(await published(of)).toBe(before);
    expect(scenario().alm.matches(of.clientId, before)).toBe(false);
    expect(await staged(of)).toHaveLength(1);
    fault.end();
    await rotated(of, 'now');
    expect(await whole(of)).not.toBe(before);
    expect(stagings(since)).toBe(1);
  }, 60_000);

  it.each<[When]>([['before'], ['after']])(
    'is told of where the connection breaks %s the write',
    async (when) => {
      const of = await made('broken');
      const before = await whole(of);
      const since = now();
      scenario().gate.fault(publishing(of), {}, { kind: 'reset', when });
      await ask(of, 'now');
      await until(of, 'SecretNotPublished', isTold);
      await rotated(of, 'now');
      expect(await whole(of)).not.toBe(before);
      expect(stagings(since)).toBe(1);
    },
    60_000,
  );
});
