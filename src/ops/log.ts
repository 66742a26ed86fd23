import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

/**
 * Logs are JSON lines: a constant message, everything that varies as keys. Nothing secret gets this far (secrets are
 * of a type that does not print, errors carry no bodies); the redaction is the second net.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: [
      '*.clientSecret',
      '*.password',
      '*.access_token',
      '*.authorization',
      '*.Authorization',
      '*.data',
    ],
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
