import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAILURES, STATES } from '../../src/domain/reasons.ts';

const page = readFileSync(new URL('../../docs/reference/reasons.md', import.meta.url), 'utf8');

const rows = page
  .split('\n')
  .filter((line) => /^\| `\w+` \| \w+ \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, reason = '', kind = '', meaning = '', todo = '']) => ({
    reason: reason.replaceAll('`', ''),
    kind,
    meaning,
    todo,
  }));

it('documents every reason once, with the kind that the code gives it', () => {
  const coded = [
    ...Object.entries(FAILURES).map(([reason, { kind }]) => `${reason} ${kind}`),
    ...STATES.map((reason) => `${reason} state`),
  ];
  expect(rows.map(({ reason, kind }) => `${reason} ${kind}`).sort()).toEqual(coded.sort());
});

it('says of every failure what it means and what to do', () => {
  for (const { reason, kind, meaning, todo } of rows) {
    expect(meaning.length, reason).toBeGreaterThan(10);
    if (kind === 'waiting' || kind === 'stalled') expect(todo.length, reason).toBeGreaterThan(4);
  }
});

it('knows every reason that the code gives', () => {
  const known = new Set<string>([...Object.keys(FAILURES), ...STATES]);
  const given = sources('src').flatMap((text) => [
    ...text.matchAll(/\bfail\(\s*'(\w+)'/g),
    ...text.matchAll(/\breason(?:: |\s*=\s*)'(\w+)'/g),
  ]);
  expect(given.length).toBeGreaterThan(20);
  for (const [, reason] of given) expect(known, reason).toContain(reason);
});

function sources(folder: string): string[] {
  const root = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(domain|reconcile|alm)\/.*\.ts$/.test(file))
    .map((file) => readFileSync(new URL(file, root), 'utf8'));
}
