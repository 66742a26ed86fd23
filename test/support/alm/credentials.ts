/** The credentials API: POST and PUT as documented, GET and DELETE where a knob offers them. */

import { type Answer, almError, json, Refusal } from './answers.ts';
import { bootAnswer, type Call, clientAt, momentOf, turn } from './call.ts';
import { recordOf, type StoredClient } from './clients.ts';
import { checkPayload, type Payload, readPayload, refusedWrite } from './payload.ts';
import { recordAfter } from './record.ts';

export function answerCollection(call: Call): Answer {
  if (call.method === 'POST') return create(call);
  if (call.method === 'GET') return list(call);
  return notOffered(call, turn(call, 'unsupportedVerb'));
}

export function answerItem(call: Call, id: string): Answer {
  switch (call.method) {
    case 'PUT':
      return update(call, id);
    case 'GET':
      return read(call, id);
    case 'DELETE':
      return remove(call, id);
    default:
      return notOffered(call, turn(call, 'unsupportedVerb'));
  }
}

function create(call: Call): Answer {
  const payload = readPayload(call);
  const { clientId } = payload;
  if (!clientId) throw refusedWrite(call, 400, 'clientId must not be blank', payload);
  const before = clientAt(call, clientId);
  if (before === undefined)
    return write(call, { clientId, payload, status: Number(turn(call, 'postStatus')) });
  noteCase(call, clientId, before);
  switch (turn(call, 'postExisting')) {
    case '409':
      throw refusedWrite(call, 409, `Client credentials with id ${clientId} already exist`, payload);
    case '400':
      throw refusedWrite(call, 400, `Client credentials with id ${clientId} already exist`, payload);
    case '500':
      throw refusedWrite(call, 500, 'An unexpected error occurred', payload);
    case 'overwrite-200':
      return write(call, { clientId, payload, before, status: 200 });
    case 'overwrite-201':
      return write(call, { clientId, payload, before, status: 201 });
  }
}

function update(call: Call, pathId: string): Answer {
  const payload = readPayload(call);
  const clientId = updatedId(call, pathId, payload);
  const before = clientAt(call, clientId);
  if (before !== undefined) {
    noteCase(call, clientId, before);
    return write(call, { clientId, payload, before, status: Number(turn(call, 'putStatus')) });
  }
  switch (turn(call, 'putMissing')) {
    case '404':
      throw refusedWrite(call, 404, `Client credentials with id ${clientId} not found`, payload);
    case '400':
      throw refusedWrite(call, 400, `Client credentials with id ${clientId} not found`, payload);
    case '500':
      throw refusedWrite(call, 500, 'An unexpected error occurred', payload);
    case 'create-200':
      return write(call, { clientId, payload, status: 200 });
    case 'create-201':
      return write(call, { clientId, payload, status: 201 });
  }
}

function updatedId(call: Call, pathId: string, payload: Payload): string {
  const bodyId = payload.clientId;
  if (!bodyId || bodyId === pathId) return pathId;
  switch (turn(call, 'idMismatch')) {
    case '400':
      throw refusedWrite(call, 400, `The id ${bodyId} is not the id of the path, ${pathId}`, payload);
    case 'path-wins':
      return pathId;
    case 'body-wins':
      return bodyId;
  }
}

type Write = Readonly<{ clientId: string; payload: Payload; before?: StoredClient; status: number }>;

function write(call: Call, { clientId, payload, before, status }: Write): Answer {
  checkPayload(call, clientId, payload);
  const client = recordAfter(call, before?.clientId ?? clientId, payload, before);
  store(call, client.clientId, client);
  call.entry.wrote = before === undefined ? 'created' : 'updated';
  const headers: Record<string, string> = {};
  if (status === 201 && turn(call, 'location') === 'on') headers['location'] = locationOf(call, client);
  if (status === 204) return { status };
  switch (turn(call, 'writeBody')) {
    case 'echo':
      return json(status, recordOf(client), headers);
    case 'echo-with-secret':
      return json(status, { ...recordOf(client), clientSecret: payload.clientSecret ?? null }, headers);
    case 'empty':
      return { status, headers };
  }
}

function locationOf(call: Call, { clientId }: StoredClient): string {
  const collection = call.url.replace(/\/api\/credentials.*$/, '/api/credentials');
  return `${collection}/${encodeURIComponent(clientId)}`;
}

function store(call: Call, clientId: string, client: StoredClient | undefined): void {
  const { clients, tokens } = call.world.state;
  clients.writeAt(momentOf(call), clientId, client);
  if (turn(call, 'tokensAfterChange') === 'dropped') tokens.drop(clientId);
}

function read(call: Call, id: string): Answer {
  const secret = turn(call, 'getItem');
  if (secret === 'absent-405' || secret === 'absent-404')
    return notOffered(call, secret.slice('absent-'.length));
  const client = clientAt(call, id);
  if (client === undefined) throw notFound(call, id);
  noteCase(call, id, client);
  return json(200, shown(client, secret));
}

function list(call: Call): Answer {
  const secret = turn(call, 'getList');
  if (secret === 'absent-405' || secret === 'absent-404')
    return notOffered(call, secret.slice('absent-'.length));
  return json(
    200,
    call.world.state.clients.listAt(momentOf(call)).map((client) => shown(client, secret)),
  );
}

function shown(client: StoredClient, secret: 'omitted' | 'blank' | 'hash' | 'plain'): unknown {
  const record = recordOf(client);
  switch (secret) {
    case 'omitted':
      return record;
    case 'blank':
      return { ...record, clientSecret: '' };
    case 'hash':
      return { ...record, clientSecret: client.secret.hash };
    case 'plain':
      return { ...record, clientSecret: client.secret.plain ?? client.secret.hash };
  }
}

function remove(call: Call, id: string): Answer {
  const position = turn(call, 'delete');
  if (position !== 'present') return notOffered(call, position.slice('absent-'.length));
  const client = clientAt(call, id);
  if (client === undefined) throw notFound(call, id);
  noteCase(call, id, client);
  store(call, client.clientId, undefined);
  call.entry.wrote = 'deleted';
  return { status: 204 };
}

function notFound(call: Call, id: string): Refusal {
  return new Refusal(almError(404, call.url, `Client credentials with id ${id} not found`));
}

function noteCase(call: Call, asked: string, found: StoredClient): void {
  if (asked !== found.clientId) turn(call, 'clientIdCase');
}

function notOffered(call: Call, status: string): Answer {
  if (status === '404') return bootAnswer(call, 404, 'No message available');
  return almError(Number(status), call.url, `Request method '${call.method}' not supported`);
}
