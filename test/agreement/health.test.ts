import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checksOf } from '../../src/reconcile/checks.ts';

const page = readFileSync(new URL('../../docs/reference/health.md', import.meta.url), 'utf8');

it.each(['livez', 'readyz'] as const)('docs/reference/health.md lists the checks of /%s', (endpoint) => {
  const section = page.split(/^## /m).find((part) => part.startsWith(`/${endpoint}\n`)) ?? '';
  const listed = [...section.matchAll(/^\| ([a-z-]+) \|/gm)].map(([, name]) => name);
  const names = checksOf([], { names: () => [] })[endpoint].map(({ name }) => name);
  expect(listed.filter((name) => name !== 'check' && name !== '---')).toEqual(names);
});
