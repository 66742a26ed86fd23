import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStore, type PartitionWriter, type Store } from '../../src/kube/store.ts';
import { type KubeObject, keyOf } from '../../src/kube/types.ts';
import { recordingLog } from './support/log.ts';
import { thing } from './support/objects.ts';

type Setup = Readonly<{
  store: Store<KubeObject>;
  partition: PartitionWriter<KubeObject>;
  changes: string[];
}>;

const byLabel = (object: KubeObject) => Object.values(object.metadata.labels ?? {});
const byTeam = (object: KubeObject) => [object.metadata.labels?.['team'] ?? 'none'];

function setup(): Setup {
  const store = createStore({ indexes: { label: byLabel, team: byTeam }, log: recordingLog().log });
  const changes: string[] = [];
  store.onChange((key, before, after) => {
    changes.push(
      `${key}: ${before?.metadata.resourceVersion ?? '-'} → ${after?.metadata.resourceVersion ?? '-'}`,
    );
  });
  return { store, partition: store.partition(), changes };
}

function listed(objects: readonly KubeObject[], version: number): Setup {
  const own = setup();
  own.partition.beginRelist();
  own.partition.commitRelist(objects, String(version));
  own.changes.length = 0;
  return own;
}

const versionOf = (store: Store<KubeObject>, key: string) => store.get(key)?.metadata.resourceVersion;

describe('a relist', () => {
  it('swaps the partition whole and reports what came, changed and vanished, and nothing else', () => {
    const { store, partition, changes } = listed(
      [thing('n/same', 1), thing('n/old', 2), thing('n/gone', 3)],
      3,
    );
    partition.beginRelist();
    expect(store.list()).toHaveLength(3);
    partition.commitRelist([thing('n/same', 1), thing('n/old', 7), thing('n/new', 8)], '9');
    expect(changes.toSorted()).toEqual(['n/gone: 3 → -', 'n/new: - → 8', 'n/old: 2 → 7']);
    expect(
      store
        .list()
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    ).toEqual(['new', 'old', 'same']);
  });

  it('tells of a change only when the store and its indexes hold all of it', () => {
    const { store, partition } = listed([], 1);
    const seen: number[] = [];
    store.onChange(() => seen.push(store.size() + store.byIndex('team', 'none').length));
    partition.beginRelist();
    partition.commitRelist([thing('n/a', 2), thing('n/b', 3)], '3');
    expect(seen).toEqual([4, 4]);
  });

  it('goes back to older versions where the server did, as after a restored etcd', () => {
    const { store, partition } = listed([thing('n/a', 500), thing('n/b', 501)], 501);
    partition.beginRelist();
    partition.commitRelist([thing('n/a', 40)], '41');
    expect(versionOf(store, 'n/a')).toBe('40');
    expect(store.get('n/b')).toBeUndefined();
    partition.apply(thing('n/a', 45));
    expect(versionOf(store, 'n/a')).toBe('45');
  });

  it('keeps own writes that were answered while it ran and that it is too old to show', () => {
    const { store, partition } = listed([thing('n/a', 5)], 5);
    partition.beginRelist();
    store.upsertIfNewer(thing('n/a', 9));
    store.upsertIfNewer(thing('n/new', 10));
    store.upsertIfNewer(thing('n/brief', 7));
    partition.commitRelist([thing('n/a', 5)], '8');
    expect(versionOf(store, 'n/a')).toBe('9');
    expect(versionOf(store, 'n/new')).toBe('10');
    // Written at 7 and not in a list of 8: deleted in between.
    expect(store.get('n/brief')).toBeUndefined();
  });

  it('keeps nothing of an object that was written and deleted while it ran', () => {
    const { store, partition } = listed([], 5);
    partition.beginRelist();
    store.upsertIfNewer(thing('n/a', 8));
    store.forget('n/a', 'uid-n/a');
    partition.commitRelist([], '7');
    expect(store.get('n/a')).toBeUndefined();
  });

  it('ends what an own deletion began, and does not bring the object back', () => {
    const { store, partition } = listed([thing('n/a', 5)], 5);
    partition.beginRelist();
    store.forget('n/a', 'uid-n/a');
    partition.commitRelist([thing('n/a', 5)], '6');
    expect(store.get('n/a')).toBeUndefined();
    partition.beginRelist();
    partition.commitRelist([], '8');
    partition.apply(thing('n/a', 9));
    expect(versionOf(store, 'n/a')).toBe('9');
  });
});

describe('watch events', () => {
  it('change and remove objects', () => {
    const { store, partition, changes } = listed([thing('n/a', 1)], 1);
    partition.apply(thing('n/a', 2));
    partition.apply(thing('n/b', 3));
    partition.remove('n/a', '4');
    expect(changes).toEqual(['n/a: 1 → 2', 'n/b: - → 3', 'n/a: 2 → -']);
    expect(store.get('n/a')).toBeUndefined();
  });

  it('that are older than the answer to an own write do not take it back', () => {
    const { store, partition, changes } = listed([thing('n/a', 1)], 1);
    store.upsertIfNewer(thing('n/a', 5));
    partition.apply(thing('n/a', 3));
    partition.apply(thing('n/a', 5));
    expect(versionOf(store, 'n/a')).toBe('5');
    expect(changes).toEqual(['n/a: 1 → 5']);
  });

  it('of a deletion that is older than a re-created object do not remove that', () => {
    const { store, partition } = listed([thing('n/a', 1)], 1);
    store.upsertIfNewer(thing('n/a', 6, { uid: 'second' }));
    partition.remove('n/a', '5');
    expect(store.get('n/a')?.metadata.uid).toBe('second');
    partition.remove('n/a', '7');
    expect(store.get('n/a')).toBeUndefined();
  });

  it('compare versions as numbers', () => {
    const { store, partition } = listed([thing('n/a', 9)], 9);
    partition.apply(thing('n/a', 10));
    expect(versionOf(store, 'n/a')).toBe('10');
  });
});

describe('own writes', () => {
  it('are read back at once when newer and ignored when not', () => {
    const { store, changes } = listed([thing('n/a', 5)], 5);
    store.upsertIfNewer(thing('n/a', 5, { labels: { stale: 'x' } }));
    store.upsertIfNewer(thing('n/a', 4));
    expect(changes).toEqual([]);
    store.upsertIfNewer(thing('n/a', 6));
    store.upsertIfNewer(thing('n/b', 7));
    expect(changes).toEqual(['n/a: 5 → 6', 'n/b: - → 7']);
  });

  it('whose answer comes after the object was seen to go do not bring it back', () => {
    const { store, partition } = listed([thing('n/a', 5)], 5);
    partition.remove('n/a', '8');
    store.upsertIfNewer(thing('n/a', 7));
    store.upsertIfNewer(thing('n/a', 8));
    expect(store.get('n/a')).toBeUndefined();
  });

  it('are not brought back where a bookmark had passed their version', () => {
    const { store, partition } = listed([], 5);
    partition.progressTo('9');
    store.upsertIfNewer(thing('n/a', 8));
    expect(store.get('n/a')).toBeUndefined();
    store.upsertIfNewer(thing('n/a', 10));
    expect(versionOf(store, 'n/a')).toBe('10');
  });

  it('count in the first list as well', () => {
    const { store, partition } = setup();
    partition.beginRelist();
    store.upsertIfNewer(thing('n/a', 8));
    partition.commitRelist([], '5');
    expect(versionOf(store, 'n/a')).toBe('8');
  });

  it('that delete remove the object with that uid at once, for good', () => {
    const { store, partition, changes } = listed([thing('n/a', 5)], 5);
    store.forget('n/a', 'another');
    expect(store.size()).toBe(1);
    store.forget('n/a', 'uid-n/a');
    partition.apply(thing('n/a', 6));
    expect(changes).toEqual(['n/a: 5 → -']);
    partition.remove('n/a', '7');
    partition.apply(thing('n/a', 8, { uid: 'second' }));
    expect(store.get('n/a')?.metadata.uid).toBe('second');
  });
});

describe('several partitions', () => {
  function overlapping() {
    const store = createStore<KubeObject>({ log: recordingLog().log });
    const home = store.partition(({ metadata }) => metadata.namespace === 'home');
    const labelled = store.partition(({ metadata }) => metadata.labels?.['alm'] === 'yes');
    const list = (
      partition: PartitionWriter<KubeObject>,
      objects: readonly KubeObject[],
      version: number,
    ) => {
      partition.beginRelist();
      partition.commitRelist(objects, String(version));
    };
    return { store, home, labelled, list };
  }
  const both = (version: number) => thing('home/a', version, { labels: { alm: 'yes' } });

  it('are synced only when all of them were listed, and say so to those who wait', async () => {
    const { store, home, labelled, list } = overlapping();
    let told = false;
    const waiting = store.whenSynced(new AbortController().signal).then(() => {
      told = true;
    });
    list(home, [], 1);
    await Promise.resolve();
    expect([store.synced(), told]).toEqual([false, false]);
    list(labelled, [], 1);
    await waiting;
    expect([store.synced(), told]).toEqual([true, true]);
  });

  it('show the newer of two copies', () => {
    const { store, home, labelled, list } = overlapping();
    list(home, [both(5)], 5);
    list(labelled, [both(4)], 4);
    expect(versionOf(store, 'home/a')).toBe('5');
    labelled.apply(both(6));
    expect(versionOf(store, 'home/a')).toBe('6');
  });

  it('keep an object that leaves the view of one of them', () => {
    const { store, home, labelled, list } = overlapping();
    list(home, [both(5)], 5);
    list(labelled, [both(5)], 5);
    labelled.remove('home/a', '6');
    expect(versionOf(store, 'home/a')).toBe('5');
    home.remove('home/a', '7');
    expect(store.get('home/a')).toBeUndefined();
  });

  it('take own writes in where they belong only, so that a deletion seen there ends them', () => {
    const { store, home, labelled, list } = overlapping();
    list(home, [], 1);
    list(labelled, [], 1);
    store.upsertIfNewer(thing('home/b', 3));
    expect(store.size()).toBe(1);
    home.remove('home/b', '4');
    expect(store.size()).toBe(0);
    store.upsertIfNewer(thing('other/c', 5));
    expect(store.size()).toBe(0);
  });

  it('are not synced where there are none', () => {
    expect(createStore({ log: recordingLog().log }).synced()).toBe(false);
  });

  it('let go of those who wait when their signal fires', async () => {
    const { store } = overlapping();
    const stop = new AbortController();
    const waiting = store.whenSynced(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
  });
});

describe('indexes', () => {
  it('follow changes, several values for an object included', () => {
    const { store, partition } = listed([thing('n/a', 1, { labels: { team: 'x', app: 'y' } })], 1);
    expect(store.byIndex('label', 'y')).toHaveLength(1);
    partition.apply(thing('n/a', 2, { labels: { team: 'z' } }));
    partition.apply(thing('n/b', 3, { labels: { team: 'z' } }));
    expect(store.byIndex('label', 'y')).toEqual([]);
    expect(store.byIndex('team', 'z').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    partition.remove('n/a', '4');
    expect(store.byIndex('team', 'z').map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('that nobody declared are an error', () => {
    expect(() => setup().store.byIndex('colour', 'x')).toThrow(RangeError);
  });
});

describe('listeners', () => {
  it('that throw keep nothing from the others and end up in the log', () => {
    const { log, at } = recordingLog();
    const store = createStore<KubeObject>({ log });
    const heard: string[] = [];
    store.onChange(() => {
      throw new Error('broken');
    });
    store.onChange((key) => heard.push(key));
    store.partition().apply(thing('n/a', 1));
    expect(heard).toEqual(['n/a']);
    expect(at('error')).toHaveLength(1);
  });

  it('are told how the store came to know', () => {
    const { store, partition } = listed([thing('n/a', 5), thing('n/b', 6), thing('n/c', 7)], 7);
    const causes: string[] = [];
    store.onChange((key, _, after, cause) => {
      causes.push(`${key} ${after === undefined ? 'gone' : 'there'}: ${cause}`);
    });
    partition.apply(thing('n/a', 8));
    partition.remove('n/a', '9');
    store.upsertIfNewer(thing('n/b', 10));
    store.forget('n/b', 'uid-n/b');
    partition.beginRelist();
    partition.commitRelist([thing('n/d', 11)], '12');
    expect(causes.slice(0, 4)).toEqual([
      'n/a there: event',
      'n/a gone: event',
      'n/b there: own',
      'n/b gone: own',
    ]);
    expect(causes.slice(4).toSorted()).toEqual(['n/c gone: relist', 'n/d there: relist']);
  });

  it('hear nothing more once ended', () => {
    const { store, partition } = listed([], 1);
    const heard: string[] = [];
    store.onChange((key) => heard.push(key))();
    partition.apply(thing('n/a', 2));
    expect(heard).toEqual([]);
  });
});

/** A server with a history, which the store is shown late, by events and relists, while own writes race with both. */
class World {
  readonly objects = new Map<string, KubeObject>();
  readonly #pending: (() => void)[] = [];
  readonly #store: Store<KubeObject>;
  readonly #partition: PartitionWriter<KubeObject>;
  #version = 0;

  constructor({ store, partition }: Setup) {
    this.#store = store;
    this.#partition = partition;
  }

  write(name: string, own: boolean): void {
    this.#version += 1;
    const uid = this.objects.get(name)?.metadata.uid ?? `uid-${this.#version}`;
    const next = thing(name, this.#version, { uid });
    this.objects.set(name, next);
    this.#pending.push(() => this.#partition.apply(next));
    if (!own) return;
    this.#store.upsertIfNewer(next);
    expect(this.#store.get(name)).toEqual(next);
  }

  delete(name: string, own: boolean): void {
    const held = this.objects.get(name);
    if (held === undefined) return;
    this.#version += 1;
    const version = String(this.#version);
    this.objects.delete(name);
    this.#pending.push(() => this.#partition.remove(name, version));
    if (own) this.#store.forget(name, held.metadata.uid);
  }

  show(): void {
    this.#pending.shift()?.();
  }

  showAll(): void {
    while (this.#pending.length > 0) this.show();
  }

  /** What happens while the list is under way is told by the watch that follows it. */
  relist(meanwhile: () => void): void {
    this.#pending.length = 0;
    this.#partition.beginRelist();
    const list = [...this.objects.values()];
    const version = String(this.#version);
    meanwhile();
    this.#partition.commitRelist(list, version);
  }
}

type Op = Readonly<{ do: 'write' | 'delete' | 'show' | 'relist'; name: string; own: boolean }>;

function obey(world: World, { do: what, name, own }: Op): void {
  if (what === 'write') world.write(name, own);
  else if (what === 'delete') world.delete(name, own);
  else if (what === 'show') world.show();
  else world.relist(() => (own ? world.write(name, true) : world.delete(name, true)));
}

describe('any mix of events, relists and own writes', () => {
  const op: fc.Arbitrary<Op> = fc.record({
    do: fc.constantFrom('write', 'write', 'delete', 'show', 'show', 'relist'),
    name: fc.constantFrom('n/a', 'n/b', 'n/c'),
    own: fc.boolean(),
  });

  it('ends with the store equal to the server once everything was shown', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
        const own = listed([], 0);
        const world = new World(own);
        for (const one of ops) obey(world, one);
        world.showAll();
        const held = new Map(own.store.list().map((object) => [keyOf(object.metadata), object]));
        expect(held).toEqual(world.objects);
      }),
      { numRuns: 500 },
    );
  });
});
