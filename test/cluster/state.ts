/** The state file: what API server and ALM hold, their keys and their ports. It has passwords in it: mode 0600. */

import { constants } from 'node:fs';
import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { AlmDump } from '../support/alm/state.ts';
import type { StorageDump } from '../support/apiserver/storage/storage.ts';
import type { KeptAuthority } from '../support/certificates.ts';
import { unusable } from './unusable.ts';

export type ClusterState = Readonly<{
  ports: Readonly<{ api: number; alm: number; control: number }>;
  apiServer: Readonly<{ storage: StorageDump; authority: KeptAuthority }>;
  alm: AlmDump;
}>;

const FORMAT = 'alm-cluster-state/1';

const authority = z.object({ cn: z.string(), caPem: z.string(), keyPem: z.string() });
const port = z.int().min(1).max(65_535);
const texts = z.array(z.string());

const meta = z.looseObject({
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  creationTimestamp: z.string(),
});
const object = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: meta });

const client = z.object({
  clientId: z.string(),
  authorisedGrantTypes: texts,
  accessTokenValidity: z.number(),
  refreshTokenValidity: z.number(),
  roles: texts,
  secret: z.object({ hash: z.string(), hash72: z.string(), plain: z.exactOptional(z.string()) }),
});
const token = z.looseObject({ value: z.string(), clientId: z.string(), scope: z.string() });
const user = z.looseObject({ username: z.string(), password: z.string(), roles: texts });

const schema = z.object({
  format: z.literal(FORMAT),
  ports: z.object({ api: port, alm: port, control: port }),
  apiServer: z.object({
    storage: z.object({
      version: z.int().min(1),
      adminToken: z.string(),
      buckets: z.record(z.string(), z.record(z.string(), object)),
    }),
    authority,
  }),
  alm: z.object({
    clients: z.array(client),
    tokens: z.object({ access: z.array(token), refresh: z.array(token), key: z.string() }),
    users: z.array(user),
    authority,
    tick: z.int().min(0),
  }),
});

/** Undefined where there is no file yet, but could be. Rejects where it could not, or is of something else. */
export async function readState(path: string): Promise<ClusterState | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unusable('state', path, error);
  });
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw unusable('state', path, error);
  });
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) throw new Error(`${path} is no state of a cluster that this version can read`);
  const { format: _format, ...state }: Readonly<Record<string, unknown>> = parsed.data;
  return state as ClusterState;
}

/** Whole or not at all. */
export async function writeState(path: string, state: ClusterState): Promise<void> {
  const half = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(half, JSON.stringify({ format: FORMAT, ...state }), { mode: 0o600 });
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
