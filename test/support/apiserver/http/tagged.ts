/** Answers that a client may keep and ask about again: an ETag, and 304 for the one who has it already. */

import { createHash } from 'node:crypto';
import type { Answer, Request } from './message.ts';

export function digest(text: string): string {
  return createHash('sha512').update(text).digest('hex').toUpperCase();
}

export function tagged(request: Request, json: unknown, contentType: string): Answer {
  const text = JSON.stringify(json);
  const etag = `"${digest(text)}"`;
  // Clients put the headers of a 304 over those that they kept: it says again what the content is.
  const headers = { 'cache-control': 'public', 'content-type': contentType, etag, vary: 'Accept' };
  if (request.headers['if-none-match'] === etag) return { status: 304, text: '', headers };
  return { status: 200, text, headers };
}
