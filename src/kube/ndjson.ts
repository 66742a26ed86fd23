/**
 * Splits a byte stream into lines of JSON. Works on bytes, so that a character cut in two by a chunk border comes out
 * whole, and copies only the lines that span chunks.
 */

const NEWLINE = 0x0a;

/**
 * What `interpret` leaves out of a line is gone when the next line is waited for: nothing of the stream holds on to it.
 * Rejects with a SyntaxError at the first line that is not JSON, with a RangeError at one longer than `maxLineBytes`,
 * and with a SyntaxError where the stream ends within a line: what was cut off is unknown.
 */
export async function* parseLines<T>(
  chunks: AsyncIterable<Buffer>,
  maxLineBytes: number,
  interpret: (value: unknown) => T,
): AsyncGenerator<T> {
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
      if (line.length > 0) yield interpreted(line, interpret);
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

/** A function of its own, because a generator that waits keeps alive whatever its body has touched last. */
function interpreted<T>(line: Buffer, interpret: (value: unknown) => T): T {
  return interpret(parse(line));
}

/** The parser's own message quotes the text, which may be a Secret. */
function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw new SyntaxError('a line is not JSON');
  }
}
