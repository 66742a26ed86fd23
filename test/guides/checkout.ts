/** A folder that looks like a checkout of this project and has a `dist` of its own, so that a guide may build in it. */

import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LINKED = ['crds', 'deploy', 'docs', 'node_modules', 'package-lock.json', 'package.json', 'src', 'test'];

export type Checkout = Readonly<{
  folder: string;
  /** For npm in this folder: without it an installation would go through the link and empty the real one. */
  env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}>;

/** `npm run` leaves out what runs before a script, and with it the installation of what is missing. */
const NO_INSTALLATION = { npm_config_ignore_scripts: 'true', npm_config_offline: 'true' };

export async function makeCheckout(): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'guide-'));
  await Promise.all(LINKED.map((name) => symlink(join(ROOT, name), join(folder, name))));
  return { folder, env: NO_INSTALLATION, remove: () => rm(folder, { recursive: true, force: true }) };
}
