/** What the control address answers. `GET /` shows this table, so that it cannot say anything else. */

import { z } from 'zod';
import { parseFault } from '../fault.ts';
import type { ClientChange, Controls } from './controls.ts';

export type Question = Readonly<{ name: string; query: URLSearchParams; body: string }>;

/** Text as it is, anything else as JSON. */
export type Reply = Readonly<{ status: number; body: unknown }>;

export type Route = Readonly<{
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** `<…>` stands for one segment. */
  path: string;
  about: string;
  /** Throws an error of one line for what the caller got wrong. */
  answer(controls: Controls, question: Question): Reply | Promise<Reply>;
}>;

const LOG_LENGTH = 50;

const change = z.strictObject({
  clientSecret: z.exactOptional(z.string()),
  authorisedGrantTypes: z.exactOptional(z.array(z.string())),
  accessTokenValidity: z.exactOptional(z.int()),
  refreshTokenValidity: z.exactOptional(z.int()),
  roles: z.exactOptional(z.array(z.string())),
});

export const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/knobs',
    about: 'where every knob of ALM stands',
    answer: (controls) => ok(controls.knobs()),
  },
  {
    method: 'GET',
    path: '/knobs/<knob>',
    about: 'one knob: its value, its values, what it is about',
    answer: (controls, { name }) => found(controls.knob(name), `No knob is called ${name}.`),
  },
  {
    method: 'PUT',
    path: '/knobs/<knob>',
    about: 'the body is the new value; counts from the next request on',
    answer: (controls, { name, body }) => {
      controls.turn(name, body.trim());
      return ok(controls.knob(name));
    },
  },
  {
    method: 'DELETE',
    path: '/knobs',
    about: 'every knob as it was at the start',
    answer: (controls) => done(() => controls.resetKnobs()),
  },
  {
    method: 'GET',
    path: '/faults',
    about: 'the faults that requests may still meet',
    answer: (controls) => ok(controls.faults()),
  },
  {
    method: 'POST',
    path: '/faults',
    about: 'the body is a fault, as below',
    answer: (controls, { body }) => {
      controls.addFault(parseFault(body));
      return { status: 201, body: controls.faults() };
    },
  },
  {
    method: 'DELETE',
    path: '/faults',
    about: 'no more faults',
    answer: (controls) => done(() => controls.clearFaults()),
  },
  {
    method: 'POST',
    path: '/down',
    about: 'ALM cuts all connections and refuses new ones',
    answer: (controls) => done(() => controls.down()),
  },
  { method: 'POST', path: '/up', about: 'ALM is back', answer: (controls) => done(() => controls.up()) },
  {
    method: 'GET',
    path: '/clients',
    about: 'what ALM holds, without secrets',
    answer: (controls) => ok(controls.clients()),
  },
  {
    method: 'GET',
    path: '/clients/<id>',
    about: 'one client',
    answer: (controls, { name }) => found(controls.client(name), noClient(name)),
  },
  {
    method: 'PUT',
    path: '/clients/<id>',
    about: "changes a client behind the operator's back; the body is JSON with the fields that change",
    answer: (controls, { name, body }) => ok(controls.setClient(name, changeOf(body))),
  },
  {
    method: 'DELETE',
    path: '/clients/<id>',
    about: "deletes a client behind the operator's back",
    answer: (controls, { name }) => (controls.deleteClient(name) ? ok('done') : missing(noClient(name))),
  },
  {
    method: 'POST',
    path: '/clients/<id>/login',
    about: 'whether the body, to the last byte, is the secret that ALM lets the client in with',
    answer: (controls, { name, body }) => ok({ accepted: controls.logsIn(name, body) }),
  },
  {
    method: 'GET',
    path: '/log',
    about: `the last requests to ALM, one a line; ?last=${LOG_LENGTH}`,
    answer: (controls, { query }) => {
      const last = query.get('last') ?? String(LOG_LENGTH);
      if (!/^\d{1,9}$/.test(last)) throw new Error(`last cannot be ${last}. It can be: whole number ≥ 0.`);
      return ok(
        controls
          .log(Number(last))
          .map((entry) => `${JSON.stringify(entry)}\n`)
          .join(''),
      );
    },
  },
  {
    method: 'POST',
    path: '/compact',
    about: 'the API server forgets its history: watches that resume from before get 410',
    answer: (controls) => done(() => controls.compact()),
  },
];

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function missing(problem: string): Reply {
  return { status: 404, body: problem };
}

function found(value: unknown, problem: string): Reply {
  return value === undefined ? missing(problem) : ok(value);
}

async function done(act: () => void | Promise<void>): Promise<Reply> {
  await act();
  return ok('done');
}

function noClient(id: string): string {
  return `ALM has no client ${id}.`;
}

function changeOf(body: string): ClientChange {
  const parsed = change.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('body: not JSON, such as {"roles": ["SLMAdmin"]}');
  }
}
