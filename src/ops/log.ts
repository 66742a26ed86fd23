import {
  type DestinationStream,
  destination,
  type Logger,
  type LoggerOptions,
  pino,
  stdTimeFunctions,
} from 'pino';
import { prettyLine } from './pretty.ts';

export type LogFormat = 'json' | 'pretty';

/**
 * Logs are JSON lines, or for people the same as text: a constant message, everything that varies as keys, `context` on
 * every line. Nothing secret gets this far (secrets are of a type that does not print, errors carry no bodies); the
 * redaction is the second net.
 */
export function createLog(
  {
    level,
    format,
    context,
  }: Readonly<{ level: string; format: LogFormat; context: () => object | undefined }>,
  out: DestinationStream = destination(1),
): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      // A copy: pino puts the fields of the line into it.
      mixin: () => ({ ...context() }),
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: whole },
      redact: [
        '*.clientSecret',
        '*.password',
        '*.access_token',
        '*.authorization',
        '*.Authorization',
        '*.data',
      ],
    } satisfies LoggerOptions,
    format === 'json' ? out : { write: (line) => out.write(prettyLine(line)) },
  );
}

/** An error without the fields that its maker hung onto it, which may be a request with its headers. */
function whole(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause }: Error & { code?: unknown } = error;
  const code = 'code' in error ? error.code : undefined;
  return { type: name, message, code, stack, ...(cause !== undefined && { cause: whole(cause) }) };
}
