import { expect, it } from 'vitest';
import { Feed, type Outlet } from './feed.ts';

const LINE = `${'x'.repeat(999)}\n`;

/** A reader that takes nothing until it is told to. */
class Reader implements Outlet {
  readonly written: string[] = [];
  ended = false;
  #taken = 0;
  #drain = () => {};

  write(chunk: string | Buffer): boolean {
    this.written.push(chunk.toString());
    return false;
  }
  end(): void {
    this.ended = true;
  }
  waiting(): number {
    return this.written.join('').length - this.#taken;
  }
  onDrain(listener: () => void): void {
    this.#drain = listener;
  }
  onClose(): void {}

  take(): void {
    this.#taken = this.written.join('').length;
    this.#drain();
  }
}

function* counted(lines: number, taken: { count: number }): Generator<string> {
  for (let i = 0; i < lines; i += 1) {
    taken.count += 1;
    yield LINE;
  }
}

it('puts into words only what the reader takes', () => {
  const reader = new Reader();
  const taken = { count: 0 };
  new Feed(reader, counted(1000, taken), 1_000_000);
  expect(taken.count).toBeLessThan(100);
  const first = taken.count;
  reader.take();
  expect(taken.count).toBeGreaterThan(first);
  while (taken.count < 1000) reader.take();
  expect(reader.written.join('')).toBe(LINE.repeat(1000));
});

it('tells what happens meanwhile after the backlog, in order', () => {
  const reader = new Reader();
  const feed = new Feed(reader, counted(200, { count: 0 }), 1_000_000);
  feed.push('first\n');
  for (let i = 0; i < 10; i += 1) reader.take();
  feed.push('second\n');
  expect(reader.written.join('')).toBe(`${LINE.repeat(200)}first\nsecond\n`);
});

it('writes at once what comes after an empty backlog', () => {
  const reader = new Reader();
  new Feed(reader, [], 1_000_000).push('now\n');
  expect(reader.written).toEqual(['now\n']);
});

it('gives up a reader that leaves too much, written or not', () => {
  const behind = new Reader();
  const feed = new Feed(behind, counted(1000, { count: 0 }), 100_000);
  for (let i = 0; i < 30; i += 1) feed.push(LINE);
  expect(behind.ended).toBe(false);
  for (let i = 0; i < 30; i += 1) feed.push(LINE);
  expect(behind.ended).toBe(true);
  const idle = new Reader();
  const live = new Feed(idle, [], 10_000);
  for (let i = 0; i < 11; i += 1) live.push(LINE);
  expect(idle.ended).toBe(true);
});
