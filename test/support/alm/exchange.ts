/** One request from its arrival to its answer: holds and faults before, the handling, holds and faults after. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, page } from './answers.ts';
import { type Call, turn, type World } from './call.ts';
import { type FaultDesk, nameOf, type Plan } from './faults.ts';
import { type AlmRequest, type LogEntry, subjectOf } from './log.ts';
import { answerCall } from './routes.ts';

export type Site = Readonly<{
  world: World;
  desk: FaultDesk;
  log: AlmRequest[];
  pathPrefix: string;
  /** Scheme, host and port. */
  origin: string;
  machineNow: () => number;
}>;

const MAX_BODY_BYTES = 1_048_576;

/** `reset` cuts the connection so that its caller sees a reset. Rejects only for a fault of the simulator itself. */
export async function exchange(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  reset: () => void,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) return;
  const call = arrive(site, request, body);
  const { n, method, path, clientId } = call.entry;
  const plan = site.desk.plan({ n, method, path, ...(clientId === undefined ? {} : { clientId }) });
  const fault = nameOf(plan);
  if (fault !== undefined) call.entry.fault = fault;

  const outcome = await passThrough(site, call, plan);
  if (outcome === 'reset') reset();
  else if (outcome !== 'hang') send(call, outcome, response);
}

async function passThrough(site: Site, call: Call, plan: Plan): Promise<Answer | 'reset' | 'hang'> {
  const { desk, world } = site;
  const before = await desk.pass(plan, 'before');
  if (before !== 'go') return before;
  if (world.knobs.latencyMs > 0 && (await desk.wait(turn(call, 'latencyMs'))) === 'reset') return 'reset';
  const answer = handled(site, call);
  const after = await desk.pass(plan, 'after');
  return after === 'go' ? answer : after;
}

/** Undefined when the caller left, or sent more than anybody should. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return void request.destroy();
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function arrive(site: Site, request: IncomingMessage, body: string): Call {
  const { world, log, pathPrefix, origin, machineNow } = site;
  const { method = 'GET', url = '/', headers, socket } = request;
  const [whole = '/', query = ''] = url.split('?', 2);
  const path = whole.startsWith(`${pathPrefix}/`) ? whole.slice(pathPrefix.length) : whole;
  const n = world.state.nextTick();
  const clientId = subjectOf(path, body, headers);
  const entry: LogEntry = {
    n,
    at: machineNow(),
    port: socket.remotePort ?? 0,
    method,
    path,
    status: 0,
    knobs: [],
  };
  if (clientId !== undefined) entry.clientId = clientId;
  const requestId = headers['x-request-id'];
  if (typeof requestId === 'string') entry.requestId = requestId;
  log.push(entry);
  return {
    world,
    method,
    path,
    url: `${origin}${whole}`,
    query: new URLSearchParams(query),
    headers,
    body,
    entry,
  };
}

function handled(site: Site, call: Call): Answer {
  if (isOverRate(site, call)) return page(429, { 'retry-after': '1' });
  if (!call.url.startsWith(`${site.origin}${site.pathPrefix}/`)) {
    return { status: 404, body: { type: 'text', contentType: 'text/plain', text: 'default backend - 404' } };
  }
  return inFront(call, answerCall(call));
}

function isOverRate({ world, log }: Site, call: Call): boolean {
  if (world.knobs.rateLimitPerSecond === 0) return false;
  const second = Math.floor(call.entry.at / 1000);
  const sooner = log.filter(({ n, at }) => n < call.entry.n && Math.floor(at / 1000) === second);
  return sooner.length >= turn(call, 'rateLimitPerSecond');
}

/** What an ingress makes of ALM's errors. */
function inFront(call: Call, answer: Answer): Answer {
  const { status } = answer;
  if (status === 404 && turn(call, 'notFoundBody') === 'html') return page(404);
  if (status < 500) return answer;
  const body = turn(call, 'serverErrorBody');
  if (body === 'envelope') return answer;
  return body === 'html' ? page(status) : { status };
}

function send(call: Call, { status, headers = {}, body }: Answer, response: ServerResponse): void {
  const text = body?.type === 'json' ? JSON.stringify(body.value) : (body?.text ?? '');
  const type = body && { 'content-type': body.type === 'json' ? jsonType(call) : body.contentType };
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  if (call.world.knobs.clockSkewSeconds !== 0) turn(call, 'clockSkewSeconds');
  const date = new Date(call.world.now()).toUTCString();
  call.entry.status = status;
  response.writeHead(status, { date, ...type, ...length, ...headers }).end(text);
}

function jsonType(call: Call): string {
  return turn(call, 'jsonCharset') === 'on' ? 'application/json;charset=UTF-8' : 'application/json';
}
