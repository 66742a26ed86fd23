/** From a path to what answers it, behind the firewall and the gate. */

import { type Answer, Refusal } from './answers.ts';
import { requirePrivilege, requireToken } from './bearer.ts';
import { bootAnswer, type Call, turn } from './call.ts';
import { answerCollection, answerItem } from './credentials.ts';
import { decoded } from './log.ts';
import { answerToken } from './token-endpoint.ts';
import { answerZen } from './zen.ts';

const SUSPECT = /;|\\|\/\/|%(?:2[ef5]|3b|5c|[01][0-9a-f]|7f)|\/\.{1,2}(?:\/|$)/i;

/** Handles a request whole, between two turns of the event loop, as one transaction. */
export function answerCall(call: Call): Answer {
  try {
    checkPath(call);
    return answerPath(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

function checkPath(call: Call): void {
  if (decoded(call.path) === undefined) throw new Refusal(bootAnswer(call, 400, 'Bad Request'));
  if (!SUSPECT.test(call.path)) return;
  const status = turn(call, 'pathFirewall');
  if (status === 'off') return;
  const message = 'The request was rejected because the URL contained a potentially malicious String';
  throw new Refusal(bootAnswer(call, Number(status), message));
}

function answerPath(call: Call): Answer {
  const { path } = call;
  if (path === '/management/health') return { status: 200, body: { type: 'json', value: { status: 'UP' } } };
  if (path === '/oauth/token' && isMode(call, 'oauth')) return answerToken(call);
  if (path === '/icp4d-api/v1/authorize' && isMode(call, 'zen')) return answerZen(call);
  if (path === '/api' || path.startsWith('/api/')) return answerApi(call);
  return unknownUrl(call);
}

function isMode(call: Call, mode: 'oauth' | 'zen'): boolean {
  return turn(call, 'authMode') === mode;
}

function answerApi(call: Call): Answer {
  const secured = call.world.knobs.authMode !== 'none';
  const token = secured ? requireToken(call) : undefined;
  if (!secured) turn(call, 'authMode');
  const item = /^\/api\/credentials(?:\/([^/]*))?\/?$/.exec(call.path);
  if (item === null) return unknownUrl(call);
  if (token !== undefined) requirePrivilege(call, token);
  return item[1] ? answerItem(call, idOf(call, item[1])) : answerCollection(call);
}

function idOf(call: Call, segment: string): string {
  const id = decoded(segment) ?? segment;
  const dot = id.lastIndexOf('.');
  return dot > 0 && turn(call, 'dotTruncation') === 'on' ? id.slice(0, dot) : id;
}

function unknownUrl(call: Call): Answer {
  return bootAnswer(call, 404, 'No message available');
}
