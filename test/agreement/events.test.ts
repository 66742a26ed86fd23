import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAILURES, STATES } from '../../src/domain/reasons.ts';
import { readSources } from './sources.ts';

const page = readFileSync(new URL('../../docs/reference/events.md', import.meta.url), 'utf8');
const documented = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason = '']) => reason);

const emitters = readSources().filter(({ file, code }) => /^reconcile\//.test(file) && /\bemit\(/.test(code));

/** The reasons of events that are spelt out; a reason next to a status is that of a condition. */
const spelt = emitters
  .flatMap(({ code }) => [
    ...code.matchAll(/(?<!status: '\w+', )\breason: (?:[^'\n]*'\w+' \? )?'(\w+)'(?: : '(\w+)')?/g),
  ])
  .flatMap(([, one, other]) => [one, other].filter((reason) => reason !== undefined));

/** What was done at ALM is told under its own name. */
const plan = readSources().find(({ file }) => file === 'domain/plan.ts')?.code ?? '';
const operations = [...(/type Operation =([^;]*);/.exec(plan)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
  ([, name]) => name,
);

it('documents every reason that events have of their own, and no other', () => {
  expect(operations).toHaveLength(4);
  expect(spelt.length).toBeGreaterThan(6);
  expect(documented.toSorted()).toEqual([...new Set([...operations, ...spelt])].toSorted());
});

it('uses no reason that the page of reasons does not explain', () => {
  const known = new Set<string>([...Object.keys(FAILURES), ...STATES]);
  expect(documented.filter((reason) => !known.has(reason))).toEqual([]);
});
