import { describe, expect, it } from 'vitest';
import { fail } from '../../src/domain/reasons.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { secretText } from '../support/canary.ts';
import { HOUR, PASSWORD, want } from './manifests.ts';
import { READY, settled, World } from './world.ts';

/** What changes around a client that a login has proved. */

const READS = 'read Secret → read object → read claim';
const PROVED = `${READY} Synced=True/Created Verified=True/TokenIssued`;

async function proved(
  verification: 'OnChange' | 'EachResync' = 'OnChange',
  { readable = false, change = {} } = {},
): Promise<World> {
  const world = World.good(change);
  if (readable) world.connect(true);
  world.applyConnection({ verification });
  await world.pass();
  return world;
}

const meddle = (world: World, secret = secretText('theirs')) =>
  world.alm.clients.set('orders', { record: want, secret });

function resync(world: World): Promise<string> {
  world.nowMs += 2 * HOUR;
  return world.pass();
}

const silence = {
  at: 'prove',
  when: 'before',
  error: new EdgeError(fail('AlmUnavailable', 'nobody answers')),
} as const;

describe('a resync', () => {
  it('asks for no login where only changes are proved', async () => {
    const world = await proved();
    expect(await resync(world)).toBe(`${READS} → PUT`);
    const readable = await proved('OnChange', { readable: true });
    meddle(readable);
    expect(await resync(readable)).toBe(`${READS} → GET`);
    expect(readable.conditions()).toBe(PROVED);
  });

  it('that is to prove costs a login and no write of the status', async () => {
    const world = await proved('EachResync');
    expect(await resync(world)).toBe(`${READS} → PUT → prove`);
    const readable = await proved('EachResync', { readable: true });
    expect(await resync(readable)).toBe(`${READS} → GET → prove`);
  });

  it('finds a secret changed behind our back where ALM can be read, writes it and counts the repair', async () => {
    const world = await proved('EachResync', { readable: true });
    const repair = `${READS} → GET → prove → PUT → GET → prove → status`;
    for (const _ of ['first', 'second', 'third']) {
      meddle(world);
      expect(await resync(world)).toBe(repair);
      expect(world.alm.holds(want, PASSWORD)).toBe(true);
      expect(world.conditions()).toBe(PROVED.replace('Synced=True/Created', 'Synced=True/Updated'));
    }
    meddle(world);
    expect(await resync(world)).toBe(`${READS} → GET → prove → status`);
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'Contested' });
    expect(await resync(world)).toBe(`${READS} → GET → prove`);
    meddle(world, PASSWORD);
    expect(await resync(world)).toBe(`${READS} → GET → prove → status`);
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('writes over a secret changed behind our back where ALM cannot be read', async () => {
    const world = await proved('EachResync');
    meddle(world);
    expect(await resync(world)).toBe(`${READS} → PUT → prove`);
    expect(world.alm.holds(want, PASSWORD)).toBe(true);
    expect(world.conditions()).toBe(PROVED);
  });

  it('that meets an ALM which ignores what is written to it says so in the end', async () => {
    const world = await proved('EachResync', { readable: true });
    meddle(world);
    world.alm.takesNewSecrets = false;
    await resync(world);
    expect(world.condition('Verified')).toMatchObject({ reason: 'Verifying' });
    for (let time = 0; time < 9 && world.outcome?.then === 'retryAfter'; time += 1) {
      world.nowMs += world.outcome.ms;
      await world.pass();
    }
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'TokenRefused' });
    expect(world.outcome).toEqual({ then: 'retry' });
  });

  it('whose login nobody answers takes nothing back, and comes again by back-off', async () => {
    for (const readable of [true, false]) {
      const world = await proved('EachResync', { readable });
      const before = world.status();
      const look = `${READS} → ${readable ? 'GET' : 'PUT'} → prove`;
      world.cluster.breaks.push(silence, silence);
      expect(await resync(world)).toBe(look);
      expect(world.outcome).toEqual({ then: 'retry' });
      expect(await world.pass()).toBe(look);
      expect(await world.pass()).toBe(look);
      expect(world.outcome).toEqual({ then: 'settle', resyncMs: HOUR });
      expect(world.status()).toEqual(before);
    }
  });

  it('writes what awaits a login, although it could be read', async () => {
    const look = `${READS} → PUT → GET → prove`;
    const waiting = World.good();
    waiting.connect(true);
    waiting.applyConnection({ verification: 'OnChange' });
    waiting.alm.script.prove.push('refused', 'refused');
    await waiting.pass();
    expect(waiting.condition('Verified')).toMatchObject({ reason: 'Verifying' });
    expect(await resync(waiting)).toBe(look);
    waiting.nowMs += 31_000;
    waiting.alm.script.prove.push('refused', 'refused');
    await waiting.pass();
    expect(waiting.condition('Verified')).toMatchObject({ reason: 'TokenRefused' });
    expect(await resync(waiting)).toBe(look);
  });

  it('that opened a window leaves it open for a process that is started during it', async () => {
    const world = await proved('EachResync');
    world.alm.script.prove.push('refused', 'refused');
    await resync(world);
    expect(world.condition('Verified')).toMatchObject({ reason: 'Verifying' });
    world.restart();
    world.applyConnection({ verification: 'EachResync' });
    world.nowMs += 10_000;
    expect(await world.pass()).toBe(`${READS} → prove`);
    expect(world.outcome).toEqual({ then: 'retryAfter', ms: 10_000 });
  });

  it('of a contested client writes nothing, although no login proves what ALM holds', async () => {
    const world = await proved('OnChange', { readable: true });
    const theirs = { ...want, roles: ['SLMAdmin'] };
    for (let time = 0; time < 4; time += 1) {
      world.alm.clients.set('orders', { record: theirs, secret: PASSWORD });
      await resync(world);
    }
    expect(world.condition('Ready')).toMatchObject({ reason: 'Contested' });
    expect(await resync(world)).toBe(`${READS} → GET`);
    expect(world.alm.clients.get('orders')?.record).toEqual(theirs);
  });
});

describe('a change of the spec', () => {
  it.each([
    ['a role', { roles: ['Portal', 'SLMAdmin'] }],
    ['a validity', { accessTokenValidity: 60 }],
  ])('of %s alone costs no login, and takes back no proof', async (_, change) => {
    const world = await proved();
    world.apply(change);
    expect(await world.pass()).toBe(`${READS} → PUT → status`);
    expect(world.conditions()).toBe(PROVED.replace('Synced=True/Created', 'Synced=True/Updated'));
  });

  it('of the grants is proved', async () => {
    const world = await proved();
    world.apply({ authorisedGrantTypes: ['client_credentials', 'password'] });
    expect(await world.pass()).toBe(`${READS} → PUT → prove → status`);
  });

  it('to client_credentials is proved; from it, nothing is said of logins any more', async () => {
    const world = await proved('OnChange', { change: { authorisedGrantTypes: ['password'], roles: [] } });
    expect(world.condition('Verified')).toBeUndefined();
    world.apply();
    expect(await world.pass()).toBe(`${READS} → PUT → prove → status`);
    expect(world.condition('Verified')).toMatchObject({ status: 'True' });
    world.apply({ authorisedGrantTypes: ['password'], roles: [] });
    expect(await world.pass()).toBe(`${READS} → PUT → status`);
    expect(world.condition('Verified')).toBeUndefined();
    expect(world.conditions()).toMatch(/^Ready=True/);
  });

  it('that takes effect later leaves the client to be proved, whatever a login showed before', async () => {
    const world = await proved();
    world.alm.script.prove.push('grantMissing');
    world.apply({ authorisedGrantTypes: ['client_credentials', 'password'] });
    await world.pass();
    expect(world.conditions()).toContain('Verified=Unknown/Verifying Reconciling=True/Progressing');
    expect(world.condition('Ready')).toMatchObject({ status: 'False' });
  });
});

describe('a new password', () => {
  it('whose login nobody answers is not called proved, although the old one was', async () => {
    const world = await proved();
    world.applySecret(secretText('rotated'));
    world.cluster.breaks.push(silence);
    expect(await world.pass()).toBe(`${READS} → PUT → prove → status`);
    expect(world.condition('Verified')).toMatchObject({ status: 'Unknown', reason: 'Verifying' });
    expect(await world.pass()).toBe(`${READS} → prove → status`);
    expect(world.condition('Verified')).toMatchObject({ status: 'True' });
  });
});

describe('what the connection wants proved', () => {
  it('is proved without a write where it begins to', async () => {
    const world = await settled();
    world.applyConnection({ verification: 'OnChange' });
    expect(await world.pass()).toBe(`${READS} → prove → status`);
    expect(world.conditions()).toBe(PROVED);
  });

  it('is told as refused at once where it begins to and the password does not work, and then written', async () => {
    const world = await settled();
    meddle(world);
    world.nowMs += 60_000;
    world.applyConnection({ verification: 'OnChange' });
    expect(await world.pass()).toBe(`${READS} → prove → status`);
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'TokenRefused' });
    expect(await world.pass()).toBe(`${READS} → PUT → prove → status`);
    expect(world.conditions()).toBe(PROVED);
  });

  it('is nothing any more where it ceases to, also for a client that was refused', async () => {
    const world = await proved();
    world.applyConnection({ verification: 'Never' });
    expect(await world.pass()).toBe('status');
    expect(world.conditions()).toBe(`${READY} Synced=True/Created`);
    const refused = await settled();
    meddle(refused);
    refused.nowMs += 60_000;
    refused.applyConnection({ verification: 'OnChange' });
    await refused.pass();
    expect(refused.condition('Ready')).toMatchObject({ reason: 'TokenRefused' });
    refused.applyConnection({ verification: 'Never' });
    expect(await refused.pass()).toBe('status');
    expect(refused.conditions()).toBe(`${READY} Synced=True/Created`);
  });
});

describe('a suspended client', () => {
  it('is not proved while it is, and goes on with its login afterwards', async () => {
    const world = World.good();
    world.applyConnection({ verification: 'OnChange' });
    world.alm.script.prove.push('refused');
    await world.pass();
    world.apply({ suspend: true });
    expect(await world.pass()).toBe('status');
    expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
    expect(await world.pass()).toBe('');
    world.apply();
    expect(await world.pass()).toBe(`${READS} → prove → status`);
    expect(world.conditions()).toBe(PROVED);
  });
});
