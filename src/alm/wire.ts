/**
 * What goes over the wire to ALM and comes back: bodies, headers, schemas. Secrets are revealed here to be
 * sent.
 */

import { z } from 'zod';
import type { ClientRecord, FullRecord } from '../domain/record.ts';
import { Sensitive } from '../sensitive.ts';
import { type Answer, isHtml, parsedJson } from './answer.ts';

/** The six documented fields, each of them every time: a PUT without one of them may blank it. */
export function recordBody(record: FullRecord): string {
  return JSON.stringify({
    clientId: record.clientId,
    clientSecret: record.clientSecret.reveal(),
    authorisedGrantTypes: record.authorisedGrantTypes,
    accessTokenValidity: record.accessTokenValidity,
    refreshTokenValidity: record.refreshTokenValidity,
    roles: record.roles,
  });
}

/**
 * Not percent-encoded first, although RFC 6749 2.3.1 asks for it: Spring's Basic filter does not decode, and
 * ALM's other clients send it raw as well.
 */
export function basic(clientId: string, secret: Sensitive): string {
  return `Basic ${Buffer.from(`${clientId}:${secret.reveal()}`, 'utf8').toString('base64')}`;
}

export function bearer(token: Sensitive): string {
  return `Bearer ${token.reveal()}`;
}

/** The fields of a token request; what is undefined is left out. */
export function formBody(fields: Readonly<Record<string, string | Sensitive | undefined>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.set(name, value instanceof Sensitive ? value.reveal() : value);
  }
  return form.toString();
}

const Names = z
  .array(z.string())
  .nullish()
  .transform((names) => names ?? []);

const Record = z.object({
  clientId: z.string(),
  authorisedGrantTypes: Names,
  accessTokenValidity: z.number(),
  refreshTokenValidity: z.number(),
  roles: Names,
});

/** The record in an answer; its secret, where ALM shows one, is dropped here. */
export function recordOf(answer: Answer): ClientRecord | undefined {
  return isHtml(answer) ? undefined : Record.safeParse(parsedJson(answer)).data;
}

export type IssuedToken = Readonly<{
  token: Sensitive;
  /** Absent: ALM names no end (a validity of zero or less never ends). */
  lifeMs?: number;
  refresh?: Sensitive;
}>;

/** Visible ASCII, as RFC 6749 A.12 allows: anything else could not stand in a header. */
const Token = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .transform((token) => new Sensitive(token));

const Seconds = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);

const TokenAnswer = z.object({
  access_token: Token,
  expires_in: Seconds.optional().catch(undefined),
  refresh_token: Token.optional().catch(undefined),
});

export function tokenOf(answer: Answer): IssuedToken | undefined {
  if (isHtml(answer)) return undefined;
  const { data } = TokenAnswer.safeParse(parsedJson(answer));
  if (data === undefined) return undefined;
  const { access_token: token, expires_in: life, refresh_token: refresh } = data;
  return {
    token,
    ...(life !== undefined && { lifeMs: Math.max(0, life * 1000) }),
    ...(refresh !== undefined && { refresh }),
  };
}
