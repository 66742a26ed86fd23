import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeCheckout } from './checkout.ts';

it('lets npm run a script without the one that would install before it', async () => {
  const { env, remove } = await makeCheckout();
  await remove();
  const folder = await mkdtemp(join(tmpdir(), 'scripts-'));
  try {
    const scripts = { premake: 'touch before', make: 'touch made', postmake: 'touch after' };
    await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts }));
    execFileSync('npm', ['run', 'make'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, ...env },
      stdio: 'ignore',
      timeout: 20_000,
    });
    const made = ['before', 'made', 'after'].filter((file) => existsSync(join(folder, file)));
    expect(made).toEqual(['made']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('leaves what it links to where it is', async () => {
  const { folder, remove } = await makeCheckout();
  expect(existsSync(join(folder, 'node_modules', 'zod', 'package.json'))).toBe(true);
  await remove();
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(new URL('../../node_modules/zod/package.json', import.meta.url))).toBe(true);
});
