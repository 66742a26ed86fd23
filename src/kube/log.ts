/** Where the runtime says what it does. A pino logger is one: the message is constant, what varies goes into fields. */

import { EdgeError } from './outcome.ts';

type Fields = Readonly<Record<string, unknown>>;
type Write = (fields: Fields, message: string) => void;

export type Log = Readonly<{ debug: Write; info: Write; warn: Write; error: Write }>;

/**
 * What the log says of an error that is everyday life: its words, its code, and those of what caused it. A stack is for
 * a bug: that is logged whole, as `err`.
 */
export function troubleOf(
  error: unknown,
): Readonly<{ error: string; code?: string | number; cause?: string }> {
  if (!(error instanceof Error)) return { error: String(error) };
  const code = codeOf(error);
  const { cause } = error;
  return {
    error: error.message,
    ...(code !== undefined && { code }),
    ...(cause instanceof Error && { cause: [codeOf(cause), cause.message].filter(Boolean).join(': ') }),
  };
}

/** As this runtime, Node and undici have it. */
function codeOf(error: Error): string | number | undefined {
  if (error instanceof EdgeError) return error.failure.reason;
  const { reason, code } = error as Error & Readonly<{ reason?: unknown; code?: unknown }>;
  return [reason, code].find((word) => typeof word === 'string' || typeof word === 'number');
}
