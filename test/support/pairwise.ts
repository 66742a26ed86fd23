/**
 * Rows that together hold every two values of every two parameters, built by AETG: D. M. Cohen, S. R. Dalal, M. L. Fredman
 * and G. C. Patton, "The AETG System: An Approach to Testing Based on Combinatorial Design", IEEE Transactions on
 * Software Engineering 23(7), 1997. Each row is the best of several candidates, each grown value by value so that it
 * holds as many new pairs as it can; what the paper leaves to chance is drawn from a fixed seed. Pure: the same
 * parameters always give the same rows.
 */

export type Parameters = Readonly<Record<string, readonly string[]>>;
export type Row = Readonly<Record<string, string>>;

/** Whether these values must not stand together; asked of rows that are not complete yet, too. */
export type Forbids = (row: Row) => boolean;

/** More make fewer rows, hardly. */
const CANDIDATES = 10;

/**
 * Every pair that some allowed row can hold. Throws where a growing row finds every value of a parameter forbidden: what
 * is forbidden has to leave one value of each parameter that is always allowed.
 */
export function pairwise(parameters: Parameters, forbids: Forbids = () => false): readonly Row[] {
  const names = Object.keys(parameters);
  const open = new Map<string, Row>();
  for (const pair of pairsOf(parameters)) if (!forbids(pair)) open.set(keyOf(pair), pair);
  const random = generator(1);
  const rows: Row[] = [];
  for (let [first] = open.values(); first !== undefined; [first] = open.values()) {
    const start = first;
    const candidates = Array.from({ length: CANDIDATES }, () =>
      grown(start, shuffled(names, random), parameters, open, forbids),
    );
    const best = candidates.reduce((one, other) => (gain(other, open) > gain(one, open) ? other : one));
    for (const pair of pairsIn(best)) open.delete(keyOf(pair));
    rows.push(best);
  }
  return rows;
}

/** Rows that hold the given values, and among them every other value of every other parameter that is allowed there. */
export function eachChoice(
  parameters: Parameters,
  given: Row,
  forbids: Forbids = () => false,
): readonly Row[] {
  const others = Object.entries(parameters).filter(([name]) => !Object.hasOwn(given, name));
  const most = Math.max(1, ...others.map(([, values]) => values.length));
  return Array.from({ length: most }, (_, at) => {
    const row: Record<string, string> = { ...given };
    for (const [name, values] of others) {
      const turned = [...values.slice(at % values.length), ...values.slice(0, at % values.length)];
      row[name] = allowed(turned, name, row, forbids);
    }
    return row;
  });
}

function grown(
  start: Row,
  order: readonly string[],
  parameters: Parameters,
  open: Open,
  forbids: Forbids,
): Row {
  const row: Record<string, string> = { ...start };
  for (const name of order.filter((one) => !Object.hasOwn(start, one))) {
    const gained = (value: string) =>
      Object.entries(row).filter(([other, its]) => open.has(keyOfTwo(other, its, name, value))).length;
    const best = (parameters[name] ?? [])
      .map((value) => ({ value, gained: gained(value) }))
      .sort((one, other) => other.gained - one.gained)
      .map(({ value }) => value);
    row[name] = allowed(best, name, row, forbids);
  }
  return row;
}

type Open = ReadonlyMap<string, Row>;

function allowed(values: readonly string[], name: string, row: Row, forbids: Forbids): string {
  const value = values.find((one) => !forbids({ ...row, [name]: one }));
  if (value === undefined) throw new Error(`No value of ${name} is allowed beside ${JSON.stringify(row)}`);
  return value;
}

function gain(row: Row, open: Open): number {
  const members = Object.entries(row);
  const gains = members.map(
    ([one, value], at) =>
      members.slice(at + 1).filter(([other, its]) => open.has(keyOfTwo(one, value, other, its))).length,
  );
  return gains.reduce((sum, some) => sum + some, 0);
}

/** Every two values of every two parameters. */
export function pairsOf(parameters: Parameters): readonly Row[] {
  const all = Object.entries(parameters);
  return all.flatMap(([one, values], at) =>
    all
      .slice(at + 1)
      .flatMap(([other, theirs]) =>
        values.flatMap((value) => theirs.map((their) => ({ [one]: value, [other]: their }))),
      ),
  );
}

/** Every two values of a row. */
export function pairsIn(row: Row): readonly Row[] {
  return pairsOf(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]])));
}

/** One text for a pair, whichever comes first. */
export function keyOf(pair: Row): string {
  const [[one, value] = ['', ''], [other, its] = ['', '']] = Object.entries(pair);
  return keyOfTwo(one, value, other, its);
}

function keyOfTwo(one: string, value: string, other: string, its: string): string {
  return one < other ? `${one}=${value} ${other}=${its}` : `${other}=${its} ${one}=${value}`;
}

function shuffled(names: readonly string[], random: () => number): readonly string[] {
  return names
    .map((name) => ({ name, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ name }) => name);
}

/** Park and Miller's minimal standard generator, in (0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
