import type { Log } from '../../../src/kube/log.ts';

export type LogLine = Readonly<{
  level: keyof Log;
  message: string;
  fields: Readonly<Record<string, unknown>>;
}>;

export function recordingLog(): Readonly<{
  log: Log;
  lines: LogLine[];
  at(level: keyof Log): readonly string[];
}> {
  const lines: LogLine[] = [];
  const write = (level: keyof Log) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ level, message, fields });
  };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return {
    log,
    lines,
    at: (level) => lines.filter((line) => line.level === level).map(({ message }) => message),
  };
}
