/** What ALM's answers look like: its two envelopes, OAuth's errors, and pages of what stands in front of it. */

import { STATUS_CODES } from 'node:http';

export type Answer = Readonly<{
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: Readonly<{ type: 'json'; value: unknown } | { type: 'text'; contentType: string; text: string }>;
}>;

/** Ends the handling of a request with an answer. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { type: 'json', value } };
}

/** The envelope of errors that ALM makes itself. */
export function almError(status: number, url: string, localizedMessage: string): Answer {
  return json(status, { url, localizedMessage, details: {} });
}

/** Spring Boot's default error attributes: what comes where ALM's own code was not reached. */
export function bootError(
  status: number,
  at: Readonly<{ path: string; time: number }>,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const error = STATUS_CODES[status] ?? 'None';
  return json(status, { timestamp: at.time, status, error, message, path: at.path }, headers);
}

export function oauthError(
  status: number,
  error: string,
  error_description: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(
    status,
    { error, error_description },
    { 'cache-control': 'no-store', pragma: 'no-cache', ...headers },
  );
}

/** An error of an ingress. */
export function page(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  const text = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers, body: { type: 'text', contentType: 'text/html', text } };
}
