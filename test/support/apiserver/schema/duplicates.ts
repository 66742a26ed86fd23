/** Keys that appear twice in one JSON object, which JSON.parse swallows and strict field validation refuses. */
import { child, index } from './causes.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

type Cursor = { readonly tokens: readonly string[]; next: number; readonly found: string[] };

function take(cursor: Cursor): string {
  cursor.next += 1;
  return cursor.tokens[cursor.next - 1] ?? '';
}

function readObject(cursor: Cursor, path: string): void {
  const counts = new Map<string, number>();
  for (let token = take(cursor); token !== '}' && token !== ''; token = take(cursor)) {
    if (token === ',') continue;
    const name = JSON.parse(token) as string;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count === 2) cursor.found.push(child(path, name));
    take(cursor);
    readValue(cursor, take(cursor), child(path, name));
  }
}

function readArray(cursor: Cursor, path: string): void {
  let i = 0;
  for (let token = take(cursor); token !== ']' && token !== ''; token = take(cursor)) {
    if (token === ',') i += 1;
    else readValue(cursor, token, index(path, i));
  }
}

function readValue(cursor: Cursor, token: string, path: string): void {
  if (token === '{') readObject(cursor, path);
  else if (token === '[') readArray(cursor, path);
}

/** The paths of duplicate fields of valid JSON text, in order of appearance, each once. */
export function duplicateFields(jsonText: string): readonly string[] {
  const cursor: Cursor = { tokens: jsonText.match(TOKEN) ?? [], next: 0, found: [] };
  readValue(cursor, take(cursor), '');
  return cursor.found;
}
