import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/kube/turns.ts';

/** Partition and value of a word such as `a1`. */
const split = (word: string) => [word.slice(0, 1), word] as const;

function turnsOf(...words: readonly string[]): Turns<string> {
  const turns = new Turns<string>();
  for (const word of words) turns.add(...split(word));
  return turns;
}

function drained(turns: Turns<string>): readonly string[] {
  const out: string[] = [];
  for (let next = turns.take(); next !== undefined; next = turns.take()) out.push(next);
  return out;
}

describe('turns', () => {
  it.each<[string, string[], string[]]>([
    ['go round the partitions', ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'], ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']],
    ['keep the order within one', ['a2', 'a1', 'a3'], ['a2', 'a1', 'a3']],
    ['give what was added twice once', ['a1', 'b1', 'a1'], ['a1', 'b1']],
    ['have an end', [], []],
  ])('%s', (_, words, order) => {
    expect(drained(turnsOf(...words))).toEqual(order);
  });

  it('pass over what is not accepted, which keeps its place', () => {
    const turns = turnsOf('a1', 'a2', 'b1');
    expect(turns.take((word) => word !== 'a1')).toBe('a2');
    expect(turns.take((word) => word === 'c1')).toBeUndefined();
    expect(drained(turns)).toEqual(['b1', 'a1']);
  });

  it('forget what is taken out, and let a partition that comes back come last', () => {
    const turns = turnsOf('a1', 'b1', 'c1');
    turns.delete('a1');
    turns.delete('a1');
    expect([turns.size, turns.has('a1'), turns.has('b1')]).toEqual([2, false, true]);
    turns.add('a', 'a2');
    expect(drained(turns)).toEqual(['b1', 'c1', 'a2']);
    turns.add('a', 'a3');
    turns.clear();
    expect([turns.size, turns.take()]).toEqual([0, undefined]);
  });

  const word = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(9)).map(([at, n]) => `${at}${n}`);

  it('let nobody come twice while another partition waits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 40 }), (words) => {
        const out = drained(turnsOf(...words));
        expect([...out].sort()).toEqual([...words].sort());
        const rounds = new Map<string, number>();
        for (const [place, one] of out.entries()) {
          const round = (rounds.get(one.slice(0, 1)) ?? 0) + 1;
          rounds.set(one.slice(0, 1), round);
          const waiting = out.slice(place).map((later) => later.slice(0, 1));
          for (const other of waiting) expect(rounds.get(other) ?? 0).toBeGreaterThanOrEqual(round - 1);
        }
      }),
    );
  });

  it('do what a list of lists does', () => {
    const commands = fc.array(fc.tuple(fc.constantFrom('add', 'add', 'delete', 'take'), word), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(commands, (all) => {
        const turns = new Turns<string>();
        const lists = new Lists();
        for (const [what, one] of all) {
          if (what === 'add') turns.add(...split(one));
          if (what === 'delete') turns.delete(one);
          const taken = what === 'take' ? turns.take() : undefined;
          expect(taken).toBe(lists.obey(what, one));
          expect(turns.size).toBe(lists.all().length);
        }
        expect(drained(turns)).toHaveLength(lists.all().length);
      }),
      { numRuns: 500 },
    );
  });

  it('cost the same a turn however many wait and are taken out of the middle', () => {
    const turns = new Turns<number>();
    const count = 200_000;
    for (let n = 0; n < count; n += 1) turns.add(`tenant-${n % 2_000}`, n);
    for (let n = 0; n < count; n += 2) turns.delete(n);
    let taken = 0;
    while (turns.take() !== undefined) taken += 1;
    expect(taken).toBe(count / 2);
  });
});

/** The plainest form: the list whose turn it is comes first. */
class Lists {
  #lists: string[][] = [];

  all(): readonly string[] {
    return this.#lists.flat();
  }

  obey(what: string, word: string): string | undefined {
    if (what === 'add') this.#add(word);
    if (what === 'delete') this.#keep((one) => one !== word);
    if (what !== 'take') return undefined;
    const [first, ...others] = this.#lists;
    const taken = first?.[0];
    this.#lists = [...others, ...(first === undefined ? [] : [first])];
    this.#keep((one) => one !== taken);
    return taken;
  }

  #add(word: string): void {
    if (this.all().includes(word)) return;
    const list = this.#lists.find(([one]) => one?.startsWith(word.slice(0, 1)));
    if (list === undefined) this.#lists.push([word]);
    else list.push(word);
  }

  #keep(accept: (word: string) => boolean): void {
    this.#lists = this.#lists.map((list) => list.filter(accept)).filter((list) => list.length > 0);
  }
}
