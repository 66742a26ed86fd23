/** Go's MicroTime: exactly six digits of a second, stored in UTC. */

import type { BuiltIn } from './builtin.ts';
import { undecodable } from './undecodable.ts';

const LAYOUT = '2006-01-02T15:04:05.000000Z07:00';
const MICRO_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.(\d{6})(Z|[+-]\d{2}:\d{2})$/;

/** Throws the 400 that a real server gives, naming the part that could not be read. */
export function microTime(kind: Pick<BuiltIn, 'kind' | 'version'>, text: string): string {
  const [, seconds, fraction, zone] = MICRO_TIME.exec(text) ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) {
    throw undecodable(kind, `parsing time "${text}" as "${LAYOUT}": cannot parse ${unread(text)}`);
  }
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction}Z`;
}

function unread(text: string): string {
  if (!/^\d{4}-/.test(text)) return `"${text}" as "2006"`;
  const rest = text.slice(19);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text)) return `"${text.slice(10)}" as "T"`;
  if (!/^\.\d{6}/.test(rest)) return `"${rest}" as ".000000"`;
  return `"${rest.slice(7)}" as "Z07:00"`;
}
