/** The answer of a watch on its way to the client: chunks as they come, and lines of our own between its lines. */

const NEWLINE = 10;

export class LineSplicer {
  readonly #write: (chunk: Uint8Array) => boolean;
  readonly #end: () => void;
  #atLineStart = true;
  #waiting: string[] = [];
  #endAfter = false;

  constructor(write: (chunk: Uint8Array) => boolean, end: () => void) {
    this.#write = write;
    this.#end = end;
  }

  /** False when the client should drain first, as `Writable.write` says it. */
  write(chunk: Uint8Array): boolean {
    if (chunk.length === 0) return true;
    const cut = this.#waiting.length === 0 ? -1 : chunk.lastIndexOf(NEWLINE);
    if (cut < 0) {
      this.#atLineStart = chunk.at(-1) === NEWLINE;
      return this.#write(chunk);
    }
    this.#write(chunk.subarray(0, cut + 1));
    this.#atLineStart = true;
    this.#flush();
    const rest = chunk.subarray(cut + 1);
    return rest.length === 0 || this.write(rest);
  }

  /** Goes out at once when the watch is between two lines, else after the line that is under way. */
  inject(line: string, then: 'go on' | 'end'): void {
    this.#waiting.push(line);
    this.#endAfter ||= then === 'end';
    if (this.#atLineStart) this.#flush();
  }

  #flush(): void {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#write(Buffer.from(lines.map((line) => `${line}\n`).join('')));
    if (this.#endAfter) this.#end();
  }
}
