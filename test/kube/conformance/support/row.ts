/**
 * A row of the suite: what is there before, a request, and its answer; where one answer does not tell enough, more
 * requests with theirs. Every row has a namespace of its own.
 */

import { expect, it } from 'vitest';
import type { Cluster } from '../../../support/cluster.ts';
import { type Answer, check } from './answers.ts';
import type { Client, Request } from './client.ts';
import type { Body } from './objects.ts';
import { placed } from './requests.ts';

export type Scene = Readonly<{
  ns: string;
  /** What the requests of `given` answered, in their order. */
  given: readonly Body[];
  /** The first of them. */
  first: Body;
  /** What the request before this one answered. */
  last: Body;
}>;

type Told<T> = T | ((scene: Scene) => T);

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

async function play({ given = [], request, answer, then = [] }: Row, { cluster, client }: Bench) {
  const ns = await cluster.namespace('row');
  const bodies: Body[] = [];
  let last = {} as Body;
  const scene = (): Scene => ({ ns, given: bodies, first: bodies[0] ?? last, last });
  const send = async (told: Told<Request>) => {
    const asked = typeof told === 'function' ? told(scene()) : told;
    const reply = await client.send({ ...asked, path: placed(asked.path, ns) });
    return { reply, asked };
  };
  for (const told of given) {
    const { reply, asked } = await send(told);
    expect(reply.status, `${asked.method} ${asked.path}: ${JSON.stringify(reply.body)}`).toBeLessThan(300);
    last = reply.body as Body;
    bodies.push(last);
  }
  for (const step of [{ request, answer }, ...then]) {
    const before = scene();
    const { reply } = await send(step.request);
    check(reply, typeof step.answer === 'function' ? step.answer(before) : step.answer);
    last = reply.body as Body;
  }
}
