/**
 * What a watch writes, no faster than it is read: first the backlog, which is only put into words as it is taken, then
 * what happens meanwhile and afterwards. Many watches of many objects cost no more than what is on its way.
 */

/** The open answer of a watch. */
export type Outlet = Readonly<{
  /** False: what was written waits for the reader, and `onDrain` tells when it has been taken. */
  write(chunk: string | Buffer): boolean;
  end(): void;
  /** Bytes that the reader has not taken yet. */
  waiting(): number;
  onDrain(listener: () => void): void;
  onClose(listener: () => void): void;
}>;

const CHUNK_CHARACTERS = 64 * 1024;

export class Feed {
  readonly #outlet: Outlet;
  readonly #limit: number;
  readonly #queue: (string | Buffer)[] = [];
  #backlog: Iterator<string> | undefined;
  #queued = 0;

  /** `limit`: bytes that may wait to be read before the reader is given up. */
  constructor(outlet: Outlet, backlog: Iterable<string>, limit: number) {
    this.#outlet = outlet;
    this.#backlog = backlog[Symbol.iterator]();
    this.#limit = limit;
    outlet.onDrain(() => this.#pump());
    this.#pump();
  }

  push(line: string | Buffer): void {
    if (this.#backlog === undefined && this.#queue.length === 0) this.#outlet.write(line);
    else {
      this.#queue.push(line);
      this.#queued += line.length;
    }
    if (this.#queued + this.#outlet.waiting() > this.#limit) this.#outlet.end();
  }

  #pump(): void {
    while (this.#backlog !== undefined) {
      const chunk = this.#nextChunk(this.#backlog);
      if (chunk !== '' && !this.#outlet.write(chunk)) return;
    }
    for (const line of this.#queue.splice(0)) this.#outlet.write(line);
    this.#queued = 0;
  }

  #nextChunk(backlog: Iterator<string>): string {
    let chunk = '';
    while (chunk.length < CHUNK_CHARACTERS) {
      const { done, value } = backlog.next();
      if (done === true) {
        this.#backlog = undefined;
        break;
      }
      chunk += value;
    }
    return chunk;
  }
}
