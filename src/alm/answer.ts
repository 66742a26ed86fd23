/** An answer as it came over the wire, and what can be said about its form. Pure. */

import { z } from 'zod';

export type Answer = Readonly<{
  status: number;
  contentType?: string;
  retryAfter?: string;
  /** At most as much as the size limit lets through. May hold secrets: nobody logs or throws it. */
  text: string;
}>;

/**
 * An error in a form that ALM itself uses: its own (`localizedMessage`), Spring Boot's (`status` and
 * `error`), or that of OAuth (`error`, a lower-case code). None of the three is documented for the
 * credentials API.
 */
export type Envelope = Readonly<{ message?: string; oauthError?: string; description?: string }>;

const OwnError = z.object({ localizedMessage: z.string().nullable(), message: z.string().nullish() });
const BootError = z.object({ status: z.number(), error: z.string(), message: z.string().nullish() });
const OAuthError = z.object({
  error: z.string().regex(/^[a-z][a-z_]*$/),
  error_description: z.string().nullish(),
});

export function envelopeOf(answer: Answer): Envelope | undefined {
  if (!isJson(answer)) return undefined;
  const body = parsedJson(answer);
  const own = OwnError.safeParse(body).data;
  if (own !== undefined) return messageOf(own.localizedMessage ?? own.message);
  const boot = BootError.safeParse(body).data;
  if (boot !== undefined) return messageOf(boot.message);
  const oauth = OAuthError.safeParse(body).data;
  if (oauth === undefined) return undefined;
  const { error: oauthError, error_description: description } = oauth;
  return typeof description === 'string' ? { oauthError, description } : { oauthError };
}

function messageOf(message: string | null | undefined): Envelope {
  return typeof message === 'string' ? { message } : {};
}

/** `application/json` with any parameters, or any `application/…+json`. */
export function isJson({ contentType }: Answer): boolean {
  return contentType !== undefined && /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

export function isHtml({ contentType, text }: Answer): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(contentType ?? '') || /^\s*</.test(text);
}

/** Undefined for what is not JSON: a parser's error would quote the text. */
export function parsedJson({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const RETRY_AFTER_CAP_MS = 300_000;

/**
 * The wait that a Retry-After asks for (RFC 9110 10.2.3: seconds or an HTTP date), at most five minutes. None
 * where it cannot be read or asks for no wait: the back-off of the key is the better answer then.
 */
export function retryAfterMs({ retryAfter }: Pick<Answer, 'retryAfter'>, nowMs: number): number | undefined {
  const value = retryAfter?.trim() ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : dateMs(value) - nowMs;
  return ms > 0 ? Math.min(ms, RETRY_AFTER_CAP_MS) : undefined;
}

function dateMs(value: string): number {
  return /^[A-Z][a-z]{2,8}, .+ GMT$/.test(value) ? Date.parse(value) : Number.NaN;
}
