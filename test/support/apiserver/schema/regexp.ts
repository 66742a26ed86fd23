/** RE2, the regular expressions of the API server: no look-around, and a match anywhere counts. */
import { RE2JS } from 're2js';

export type Matcher = (pattern: string, text: string) => boolean;

/** A matcher that compiles each pattern once. Throws RE2's own error for a pattern that is none. */
export function createMatcher(): Matcher {
  const compiled = new Map<string, RE2JS>();
  return (pattern, text) => {
    const known = compiled.get(pattern) ?? RE2JS.compile(pattern);
    compiled.set(pattern, known);
    return known.matcher(text).find();
  };
}
