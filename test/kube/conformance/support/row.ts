/**
 * A row of the suite: what is there before, a request, and its answer; where one answer does not tell enough, more
 * requests with theirs. Every row has a namespace of its own.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Cluster } from '../../../support/cluster.ts';
import { type Answer, check } from './answers.ts';
import type { Client, Reply, Request } from './client.ts';
import type { Body } from './objects.ts';
import { placed } from './requests.ts';

const PATIENCE_MS = 25_000;
const PAUSE_MS = 50;
const EVENTUAL_LIMIT_MS = 90_000;

export type Scene = Readonly<{
  ns: string;
  /** What the requests of `given` answered, in their order. */
  given: readonly Body[];
  /** The first of them. */
  first: Body;
  /** What the request before this one answered. */
  last: Body;
}>;

/** A value, or how it follows from what came before. */
export type Told<T> = T | ((scene: Scene) => T);

export type Step = Readonly<{ request: Told<Request>; answer: Told<Answer> }>;

export type Row = Step &
  Readonly<{
    /** A sentence about the server. */
    name: string;
    /** All of these succeed. */
    given?: readonly Told<Request>[];
    then?: readonly Step[];
  }>;

export type Bench = Readonly<{ cluster: Cluster; client: Client }>;

export function test(rows: readonly Row[], bench: () => Bench): void {
  it.each(rows)('$name', (row) => play(row, bench()));
}

/** Rows whose answers come true a little later: each request is repeated until its answer is as expected. */
export function testEventually(rows: readonly Row[], bench: () => Bench): void {
  it.each(rows)('$name', (row) => play(row, bench(), eventually), EVENTUAL_LIMIT_MS);
}

export function told<T>(value: Told<T>, scene: Scene): T {
  return typeof value === 'function' ? (value as (scene: Scene) => T)(scene) : value;
}

type Asking = (ask: () => Promise<Reply>, answer: Answer) => Promise<Reply>;

async function play(
  { given = [], request, answer, then = [] }: Row,
  { cluster, client }: Bench,
  asking: Asking = atOnce,
): Promise<void> {
  const ns = await cluster.namespace('row');
  const bodies: Body[] = [];
  let last = {} as Body;
  const scene = (): Scene => ({ ns, given: bodies, first: bodies[0] ?? last, last });
  const send = async (request: Told<Request>) => {
    const asked = told(request, scene());
    const reply = await client.send({ ...asked, path: placed(asked.path, ns) });
    return { reply, asked };
  };
  for (const request of given) {
    const { reply, asked } = await send(request);
    expect(reply.status, `${asked.method} ${asked.path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    last = reply.body as Body;
    bodies.push(last);
  }
  for (const step of [{ request, answer }, ...then]) {
    const before = scene();
    const reply = await asking(async () => (await send(step.request)).reply, told(step.answer, before));
    last = reply.body as Body;
  }
}

async function atOnce(ask: () => Promise<Reply>, answer: Answer): Promise<Reply> {
  const reply = await ask();
  check(reply, answer);
  return reply;
}

async function eventually(ask: () => Promise<Reply>, answer: Answer): Promise<Reply> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    const reply = await ask();
    try {
      check(reply, answer);
      return reply;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
