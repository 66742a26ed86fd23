/** The admission policy decides as the pure function does, and says it in the same words. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, type Connection, loginOf, useBench } from './bench.ts';
import { connectionsAndAsks, LONG, NAMESPACES } from './generated.ts';
import { TABLE } from './table.ts';

const bench = useBench();

beforeAll(async () => {
  const { api } = bench().cluster;
  const labelled = NAMESPACES.map(({ name, labels }) => ({ name, labels }));
  for (const metadata of labelled) await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata });
});

/** Puts the request to both; resolves with what they agree on. */
async function agreed(connection: string | undefined, ask: Ask): Promise<string | undefined> {
  const [told, thought] = await Promise.all([
    bench().told(connection, ask),
    bench().thought(connection, ask),
  ]);
  expect(told, `on ${connection}: ${JSON.stringify(ask)}`).toBe(thought);
  return told;
}

describe.each(TABLE)('on $connection.name', ({ connection, asks }) => {
  beforeAll(() => bench().connect(connection));
  afterAll(() => bench().disconnect());

  it.each(asks)('%j', async (ask, field) => {
    const told = await agreed(connection.name, ask);
    if (field === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(new RegExp(`^${field}\\b`));
  });
});

describe('the default connection', () => {
  beforeAll(() =>
    bench().connect(
      { name: 'default', rules: [{ namespaces: { names: ['team'] }, clientIds: ['a*'] }] },
      { name: 'other', rules: [{ namespaces: { all: true }, clientIds: ['*'] }] },
    ),
  );
  afterAll(() => bench().disconnect());

  it('is meant where no other is named', async () => {
    expect(await agreed(undefined, { namespace: 'team', clientId: 'a1' })).toBeUndefined();
    expect(await agreed(undefined, { namespace: 'team', clientId: 'b1' })).toContain(
      'on connection default:',
    );
    expect(await agreed('other', { namespace: 'team', clientId: 'b1' })).toBeUndefined();
  });

  it('is no way around the login of another one', async () => {
    const ask = { namespace: 'team', clientId: loginOf('default') };
    expect(await agreed('other', ask)).toContain('is the login of the operator itself');
    expect(await agreed('other', { ...ask, clientId: ask.clientId.toUpperCase() })).toBeDefined();
  });

  it('is judged by the operator alone where it does not exist', async () => {
    expect(await bench().told('nowhere', { namespace: 'team' })).toBeUndefined();
  });
});

it('decides alike whatever the rules and the request are', async () => {
  const seen = new Map<string, number>();
  let batch = 0;
  const property = fc.asyncProperty(connectionsAndAsks, async (given) => {
    batch += 1;
    const named = given.map((one, i) => ({ ...one, name: `batch-${batch}-${i}` }));
    await bench().connect(...named.map(({ name, connection }): Connection => ({ ...connection, name })));
    try {
      for (const { name, asks } of named) {
        for (const ask of asks) {
          const [about = 'admitted'] = (await agreed(name, ask))?.split(/[ :]/) ?? [];
          seen.set(about, (seen.get(about) ?? 0) + 1);
        }
      }
    } finally {
      await bench().disconnect();
    }
  });
  await fc.assert(property, { numRuns: 40 });
  const { admitted = 0, ...refused } = Object.fromEntries(seen);
  const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
  expect(admitted + refusals).toBeGreaterThan(150);
  expect(Math.min(admitted, refusals)).toBeGreaterThan(10);
}, 120_000);

describe('the largest list of rules', () => {
  const pad = (start: string, length = 126) => start.padEnd(length, 'x');
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
  const labels = Object.fromEntries(numbers(16).map((i) => [`k${i}`, `v${i}`]));
  const matchExpressions = numbers(16).map((i) => {
    const values = [...numbers(63).map((j) => `w${j}`), `v${i}`];
    return { key: `k${i}`, operator: 'In' as const, values };
  });
  const rules = (clientIds: (rule: number) => readonly string[]) =>
    numbers(64).map((rule) => ({
      namespaces: { selector: { matchLabels: labels, matchExpressions } },
      clientIds: clientIds(rule),
      roles: numbers(64).map((i) => `*${pad(`${i}q`)}*`),
    }));
  const globs = (rule: number) => numbers(32).map((i) => `*${pad(`${rule}q${i}q`)}*`);
  const roles = numbers(64).map((i) => `${pad(`z${i}z`, 127)}w`);
  const namespace = LONG;
  const clientId = 'y'.repeat(128);

  afterAll(() => bench().disconnect());

  it.each<[string, (rule: number) => readonly string[], Partial<Ask>, string]>([
    ['none of whose globs matches', globs, {}, 'none of its access rules matches'],
    [
      'whose last glob matches, and none of whose roles does',
      (rule) => [...globs(rule).slice(0, 31), rule === 63 ? '*y' : 'x'],
      { roles },
      `does not allow role ${roles[0]} here`,
    ],
    [
      'full of namespaces',
      () => numbers(32).map((i) => `*${'$(namespace)'.repeat(10)}*${i}`),
      {},
      'none of its access rules matches',
    ],
  ])('%s stays within the limits of cost', async (what, clientIds, more, words) => {
    const name = what.replaceAll(/[ ,]+/g, '-');
    await bench().connect({ name, rules: rules(clientIds) });
    expect(await agreed(name, { namespace, clientId, ...more })).toContain(words);
    await bench().disconnect();
  });
});
