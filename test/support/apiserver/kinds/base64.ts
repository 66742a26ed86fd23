/** Base64 as Go's standard encoding reads it: line breaks do not count, unused bits are not looked at. */

/** Where the text stops being base64; undefined where it is. */
export function base64Error(text: string): number | undefined {
  let position = 0;
  let digits = 0;
  for (; position < text.length; position += 1) {
    const char = text.charAt(position);
    if (char === '\n' || char === '\r') continue;
    if (char === '=') return paddingError(text, position, digits % 4);
    if (!/[A-Za-z0-9+/]/.test(char)) return position;
    digits += 1;
  }
  return digits % 4 === 0 ? undefined : position - (digits % 4);
}

/** `digits`: how many of the last four there are before the padding. */
function paddingError(text: string, at: number, digits: number): number | undefined {
  if (digits < 2) return at;
  const wanted = 4 - digits;
  let found = 0;
  for (let position = at; position < text.length; position += 1) {
    const char = text.charAt(position);
    if (char === '\n' || char === '\r') continue;
    if (found === wanted) return position;
    // Told one too early, as the server does.
    if (char !== '=') return position - 1;
    found += 1;
  }
  return found === wanted ? undefined : text.length;
}

/** The same bytes, in the one way that the server writes them. */
export function canonicalBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('base64');
}
