/**
 * A process of its own, with `--expose-gc`: reflectors of several kinds against the server that its arguments name, on
 * a clock a thousand times as fast. Prints its heap and its open handles, after collection, each time that many watches
 * or lists were asked for; ends with its input.
 */

import { readFileSync } from 'node:fs';
import type { KubeAuth } from '../../src/kube/auth.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { decodeObject } from '../../src/kube/decode.ts';
import { createPresence } from '../../src/kube/presence.ts';
import { createKubeReader, type KubeReader } from '../../src/kube/reads.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createStore } from '../../src/kube/store.ts';
import { createTransport } from '../../src/kube/transport.ts';
import type { KubeObject } from '../../src/kube/types.ts';
import { THINGS } from './support/objects.ts';

const [url = '', caFile = '', each = '100'] = process.argv.slice(2);
const HASTE = 1000;
const KINDS = ['one', 'two', 'three'];

const clock: Clock = {
  now: () => performance.now() * HASTE,
  wallMs: () => Date.now(),
  random: () => Math.random(),
  setTimer: (ms, run) => {
    // Longer than any back-off are only limits, which stay longer than the machine is slow.
    const timer = setTimeout(run, ms > 30_000 ? Math.max(5000, ms / HASTE) : ms / HASTE);
    return () => clearTimeout(timer);
  },
};

let asked = 0;
let due: Promise<void> = Promise.resolve();

async function measure(at: number): Promise<void> {
  // What is under way at one look has ended by the smallest of several.
  const heaps: number[] = [];
  const handles: number[] = [];
  for (let look = 0; look < 8; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    (globalThis as { gc?: () => void }).gc?.();
    heaps.push(process.memoryUsage().heapUsed);
    handles.push(process.getActiveResourcesInfo().length);
  }
  const look = { at, heap: Math.min(...heaps), handles: Math.min(...handles) };
  process.stdout.write(`${JSON.stringify(look)}\n`);
}

function count(): void {
  asked += 1;
  if (asked % Number(each) !== 0) return;
  const at = asked;
  due = due.then(() => measure(at));
}

function counted(reader: KubeReader): KubeReader {
  return {
    pages: (...given) => {
      count();
      return reader.pages(...given);
    },
    watch: (...given) => {
      count();
      return reader.watch(...given);
    },
  };
}

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const ca = readFileSync(caFile, 'utf8');
const auth: KubeAuth = { server: new URL(url), credentials: async () => ({ connect: { ca }, headers: {} }) };
const presence = createPresence(clock);
const limits = { watchHeadersMs: 60_000 };
const transport = createTransport({ auth, userAgent: 'soak/1', clock, presence, limits });
const reader = counted(createKubeReader(transport));
const stop = new AbortController();
const running = KINDS.map((plural) => {
  const scope = { resource: { ...THINGS, plural } };
  const partition = createStore<KubeObject>({ log }).partition();
  return createReflector({ scope, decode: decodeObject, reader, partition, log, clock, presence }).run(
    stop.signal,
  );
});
process.stdin.resume();
process.stdin.once('end', () => stop.abort());
await Promise.all(running);
await transport.close();
