/** Client secrets as ALM keeps them: hashed. The hash looks like bcrypt's but costs one SHA-256. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Knobs } from './knobs.ts';

const BCRYPT_BYTES = 72;
const PREFIX = '$2a$10$';
const SALT_CHARACTERS = 22;

/** `hash` is '' for a blank secret. `plain` is kept only where a GET is to show it. */
export type StoredSecret = Readonly<{ hash: string; hash72: string; plain?: string }>;

export function storeSecret(secret: string, keepPlain: boolean): StoredSecret {
  const plain = keepPlain ? { plain: secret } : {};
  if (secret.trim() === '') return { hash: '', hash72: '', ...plain };
  return { hash: hashed(secret), hash72: hashed(cut(secret)), ...plain };
}

export function secretMatches(
  stored: StoredSecret,
  presented: string,
  knobs: Pick<Knobs, 'blankSecret' | 'secretLimit'>,
): boolean {
  if (stored.hash === '') return knobs.blankSecret === 'opens';
  return knobs.secretLimit === 'cut'
    ? verifies(stored.hash72, cut(presented))
    : verifies(stored.hash, presented);
}

export function isTooLong(secret: string): boolean {
  return Buffer.byteLength(secret) > BCRYPT_BYTES;
}

function cut(secret: string): Buffer {
  return Buffer.from(secret).subarray(0, BCRYPT_BYTES);
}

function hashed(secret: string | Buffer, salt = randomBytes(16)): string {
  const digest = createHash('sha256').update(salt).update(secret).digest().subarray(0, 23);
  return `${PREFIX}${characters(salt)}${characters(digest)}`;
}

function verifies(hash: string, presented: string | Buffer): boolean {
  const salt = hash.slice(PREFIX.length, PREFIX.length + SALT_CHARACTERS).replaceAll('.', '+');
  const again = hashed(presented, Buffer.from(salt, 'base64'));
  return timingSafeEqual(Buffer.from(again), Buffer.from(hash));
}

function characters(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '').replaceAll('+', '.');
}
