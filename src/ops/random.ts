import { randomInt } from 'node:crypto';
import { Sensitive } from '../sensitive.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A secret of letters and digits, each drawn evenly from the system's source of chance: 5.95 bits a character. */
export function randomSecret(length: number): Sensitive {
  return new Sensitive(Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''));
}
