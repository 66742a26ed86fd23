/** One JSON line of the log as text for people; what is no such line stays as it is. Both end with a new line. */
export function prettyLine(line: string): string {
  const entry = entryOf(line);
  if (entry === undefined) return line;
  const { time, level, msg, err, ...fields } = entry;
  const said = `${clockOf(time)} ${String(level).toUpperCase().padEnd(5)} ${msg}`;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${wordOf(value)}`);
  return `${said}${pairs.join('')}${troubleOf(err)}\n`;
}

type Entry = Readonly<Record<string, unknown>>;

function entryOf(line: string): Entry | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) && typeof parsed['msg'] === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Hours to milliseconds, in UTC as in the JSON: whoever looks on knows the day. */
function clockOf(time: unknown): string {
  return /T([\d:.]+)Z$/.exec(String(time))?.[1] ?? String(time);
}

/** Quoted where it would run into the next word, or could move the cursor: JSON leaves some controls as they are. */
function wordOf(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value;
  const unicode = (sign: string) => `\\u00${sign.charCodeAt(0).toString(16)}`;
  return JSON.stringify(value).replaceAll(/\p{Cc}/gu, unicode);
}

/** The stack below the line, indented, each cause under what it caused. */
function troubleOf(err: unknown): string {
  if (err === undefined) return '';
  if (!isRecord(err)) return ` err=${wordOf(err)}`;
  const { type, message, stack, cause } = err;
  const lines = String(stack ?? `${type}: ${message}`).split('\n');
  const below = lines.map((one) => `\n    ${one.replaceAll(/\p{Cc}/gu, ' ').trim()}`).join('');
  return cause === undefined ? below : `${below}\n    caused by${troubleOf(cause)}`;
}
