/**
 * Splits a byte stream into lines of JSON. Works on bytes, so that a character cut in two by a chunk border comes out
 * whole, and copies only the lines that span chunks.
 */

const NEWLINE = 0x0a;

/**
 * Rejects with a SyntaxError at the first line that is not JSON, with a RangeError at one longer than `maxLineBytes`,
 * and with a SyntaxError where the stream ends within a line: what was cut off is unknown.
 */
export async function* parseLines(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<unknown> {
  let open: Buffer[] = [];
  let openBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, end);
      const line = open.length === 0 ? rest : Buffer.concat([...open, rest]);
      open = [];
      openBytes = 0;
      start = end + 1;
      if (line.length > 0) yield parse(line);
    }
    if (start === chunk.length) continue;
    open.push(chunk.subarray(start));
    openBytes += chunk.length - start;
    if (openBytes > maxLineBytes) throw new RangeError(`a line is longer than ${maxLineBytes} bytes`);
  }
  if (open.length > 0 && Buffer.concat(open).toString().trim() !== '') {
    throw new SyntaxError('the stream ended within a line');
  }
}

/** The parser's own message quotes the text, which may be a Secret. */
function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw new SyntaxError('a line is not JSON');
  }
}
