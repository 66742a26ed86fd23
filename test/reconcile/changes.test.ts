import { describe, expect, it } from 'vitest';
import type { ClientCredential } from '../../src/api/clientcredential.ts';
import { createStore } from '../../src/kube/store.ts';
import type { KubeObject, ObjectMeta } from '../../src/kube/types.ts';
import { Changes } from '../../src/reconcile/changes.ts';
import { connectChanges } from '../../src/reconcile/changewatch.ts';
import { credentialIndexes } from '../../src/reconcile/wakes.ts';

const log = {
  error: (_fields: object, message: string) => {
    throw new Error(message);
  },
};

function setup() {
  let nowMs = 0;
  const changes = new Changes(() => nowMs);
  const credentials = createStore<ClientCredential>({ indexes: credentialIndexes('default'), log });
  const secrets = createStore<KubeObject>({ log });
  connectChanges({ credentials, secrets }, changes);
  const [objects, passwords] = [credentials.partition(), secrets.partition()];
  const wait = (ms: number) => {
    nowMs += ms;
  };
  /** What a pass finds that looks now and that ALM agrees to. */
  const arrive = (uid = 'uid-1') => {
    changes.look(uid);
    return changes.arrive(uid);
  };
  return { changes, credentials, secrets, objects, passwords, wait, arrive };
}

type Meta = Partial<ObjectMeta>;

function object(version: number, more: Meta = {}): ClientCredential {
  const metadata = { namespace: 'team', name: 'orders', uid: 'uid-1', generation: 1, ...more };
  return {
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    metadata: { ...metadata, resourceVersion: String(version) },
    spec: { clientSecretRef: { name: 'password' } },
  };
}

function password(version: number, name = 'password'): KubeObject {
  const metadata = { namespace: 'team', name, uid: `uid-${name}`, resourceVersion: String(version) };
  return { apiVersion: 'v1', kind: 'Secret', metadata };
}

describe('a change', () => {
  it('counts from the moment it was seen, once', () => {
    const { objects, wait, arrive } = setup();
    objects.apply(object(1));
    wait(700);
    expect(arrive()).toEqual({ change: 'spec', ms: 700 });
    expect(arrive()).toBeUndefined();
  });

  it('of the Secret is told of those who name it, and of nobody else', () => {
    const { objects, passwords, wait, arrive } = setup();
    objects.apply(object(1));
    arrive();
    passwords.apply(password(2, 'other'));
    expect(arrive()).toBeUndefined();
    passwords.apply(password(3));
    wait(10);
    expect(arrive()).toEqual({ change: 'secret', ms: 10 });
    passwords.apply(password(4));
    expect(arrive()).toEqual({ change: 'secret', ms: 0 });
  });

  it('is as old as the first that ALM has not taken', () => {
    const { changes, objects, passwords, wait, arrive } = setup();
    objects.apply(object(1));
    wait(100);
    changes.look('uid-1');
    wait(100);
    passwords.apply(password(2));
    wait(100);
    expect(arrive()).toEqual({ change: 'spec', ms: 300 });
    passwords.apply(password(3));
    wait(100);
    objects.apply(object(4, { generation: 2 }));
    wait(100);
    expect(arrive()).toEqual({ change: 'secret', ms: 200 });
  });

  it('that came while a pass was at work is left for the next', () => {
    const { changes, objects, passwords, wait, arrive } = setup();
    objects.apply(object(1));
    changes.look('uid-1');
    wait(100);
    passwords.apply(password(2));
    wait(100);
    expect(changes.arrive('uid-1')).toEqual({ change: 'spec', ms: 200 });
    wait(100);
    expect(arrive()).toEqual({ change: 'secret', ms: 200 });
  });

  it('that is none for ALM is dropped, but for what came since', () => {
    const { changes, objects, passwords, arrive } = setup();
    objects.apply(object(1));
    changes.look('uid-1');
    changes.dismiss('uid-1');
    expect(arrive()).toBeUndefined();
    passwords.apply(password(2));
    changes.dismiss('uid-1');
    expect(arrive()).toMatchObject({ change: 'secret' });
  });
});

describe('is no change:', () => {
  it('the first list', () => {
    const { objects, passwords, arrive } = setup();
    objects.commitRelist([object(1)], '5');
    passwords.commitRelist([password(1)], '5');
    expect(arrive()).toBeUndefined();
  });

  it('a status, a label, or what the operator writes itself', () => {
    const { objects, credentials, passwords, secrets, arrive } = setup();
    objects.commitRelist([object(1)], '5');
    passwords.commitRelist([password(1)], '5');
    objects.apply(object(6, { labels: { a: 'b' } }));
    credentials.upsertIfNewer(object(7, { finalizers: ['alm-operator.dev/release'] }));
    secrets.upsertIfNewer(password(8));
    secrets.upsertIfNewer(password(9, 'new'));
    expect(arrive()).toBeUndefined();
  });

  it('a Secret that goes', () => {
    const { objects, passwords, arrive } = setup();
    objects.commitRelist([object(1)], '5');
    passwords.commitRelist([password(1)], '5');
    passwords.remove('team/password', '6');
    expect(arrive()).toBeUndefined();
  });
});

describe('is a change:', () => {
  it('what a later list shows to be different', () => {
    const { objects, passwords, arrive } = setup();
    objects.commitRelist([object(1)], '5');
    passwords.commitRelist([password(1)], '5');
    objects.commitRelist([object(6, { generation: 2 })], '7');
    expect(arrive()).toMatchObject({ change: 'spec' });
    passwords.commitRelist([password(6)], '7');
    expect(arrive()).toMatchObject({ change: 'secret' });
  });

  it("somebody's edit that the answer to an own write shows", () => {
    const { objects, credentials, arrive } = setup();
    objects.commitRelist([object(1)], '5');
    credentials.upsertIfNewer(object(6, { generation: 2 }));
    expect(arrive()).toMatchObject({ change: 'spec' });
  });

  it('another object in the place of the former', () => {
    const { changes, objects, arrive } = setup();
    objects.apply(object(1));
    objects.apply(object(2, { uid: 'uid-2' }));
    expect(arrive('uid-1')).toBeUndefined();
    expect(changes.size).toBe(1);
    expect(arrive('uid-2')).toMatchObject({ change: 'spec' });
  });
});

it('remembers nothing of objects that go', () => {
  const { changes, objects, passwords } = setup();
  objects.apply(object(1));
  changes.look('uid-1');
  passwords.apply(password(2));
  expect(changes.size).toBe(1);
  objects.apply(object(3, { deletionTimestamp: '2026-03-01T12:00:00Z' }));
  expect(changes.size).toBe(0);
  objects.apply(object(4, { uid: 'uid-2' }));
  expect(changes.size).toBe(1);
  objects.remove('team/orders', '5');
  expect(changes.size).toBe(0);
});
