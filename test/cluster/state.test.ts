import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlmState } from '../support/alm/state.ts';
import { Storage } from '../support/apiserver/storage/storage.ts';
import { makeAuthority } from '../support/certificates.ts';
import { type ClusterState, readState, writeState } from './state.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-test-'));
  path = join(folder, 'state');
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

function filled(): ClusterState {
  const storage = new Storage();
  storage.put('secrets', 'ns/one', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'one', namespace: 'ns', uid: 'u', resourceVersion: '', creationTimestamp: 't' },
    data: { clientSecret: 'Y2FuYXJ5LTdmM2E5' },
  });
  const alm = new AlmState();
  alm.users.set('ann', { username: 'ann', password: 'canary-7f3a9-ann', roles: ['Portal'], suspended: true });
  const record = {
    authorisedGrantTypes: ['password'],
    accessTokenValidity: 1,
    refreshTokenValidity: 2,
    roles: [],
  };
  alm.set({ ...record, clientId: 'app', clientSecret: 'canary-7f3a9-app' });
  const grant = { clientId: 'app', scope: 'all', authorities: [], expiresAt: 5 };
  alm.tokens.issue(grant, 'jwt', 'again');
  alm.tokens.issueRefresh({ clientId: 'app', scope: 'all', expiresAt: 9 });
  alm.nextTick();
  return {
    ports: { api: 1, alm: 2, control: 3 },
    apiServer: { storage: storage.dump(), authority: makeAuthority('api').keep() },
    alm: alm.dump(),
  };
}

describe('a state file', () => {
  it('gives back what was written, all of it', async () => {
    const state = filled();
    await writeState(path, state);
    expect(await readState(path)).toEqual(state);
  });

  it('is readable by its owner alone, and nothing lies beside it', async () => {
    await writeState(path, filled());
    await writeState(path, filled());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['state']);
  });

  it('that is not there yet is no state', async () => {
    expect(await readState(path)).toBeUndefined();
  });

  it('that could not be written later is refused at once', async () => {
    const nowhere = join(folder, 'none', 'state');
    await expect(readState(nowhere)).rejects.toThrow(`--state ${nowhere}: its folder does not exist`);
    await expect(readState(folder)).rejects.toThrow(`--state ${folder}: it is a folder`);
  });

  it.each([
    ['no JSON', (text: string) => text.slice(1)],
    ['of another format', (text: string) => text.replace('alm-cluster-state/1', 'alm-cluster-state/2')],
    ['without a version', (text: string) => text.replace('"version"', '"v"')],
    ['with an object without a name', (text: string) => text.replace('"name":"one"', '"name":1')],
    ['with a client without a secret', (text: string) => text.replace('"secret":', '"Secret":')],
  ])('that is %s is refused, and left as it is', async (_, spoil) => {
    await writeState(path, filled());
    const spoilt = spoil(readFileSync(path, 'utf8'));
    writeFileSync(path, spoilt);
    await expect(readState(path)).rejects.toThrow(
      `${path} is no state of a cluster that this version can read`,
    );
    expect(readFileSync(path, 'utf8')).toBe(spoilt);
  });

  it('stays as it was where a new one cannot be written whole', async () => {
    await writeState(path, filled());
    const before = readFileSync(path, 'utf8');
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const state = { ...filled(), alm: circular } as unknown as ClusterState;
    await expect(writeState(path, state)).rejects.toThrow(/circular/);
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual([before, ['state']]);
  });
});
