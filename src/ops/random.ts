import { randomInt } from 'node:crypto';
import { Sensitive } from '../sensitive.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A secret of letters and digits, each drawn evenly from the system's source of chance: 5.95 bits a character. */
export function randomSecret(length: number): Sensitive {
  return new Sensitive(drawn(length, ALPHABET));
}

/** For names that nobody else may have: lower case letters and digits. */
export function randomWord(length: number): string {
  return drawn(length, ALPHABET.slice(26));
}

function drawn(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
