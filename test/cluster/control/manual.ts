/** What `GET /` of the control address shows. Pure. */

import { ROUTES } from './routes.ts';

export function manual(url: string): string {
  const heads = ROUTES.map(({ method, path }) => `${method.padEnd(6)} ${path}`);
  const width = Math.max(...heads.map((head) => head.length));
  return [
    'Control of the ALM simulator, and a little of the API server.',
    '',
    ...ROUTES.map(({ about }, at) => `  ${heads[at]?.padEnd(width)}  ${about}`),
    '',
    'A fault: {"match": {"method": …, "path": …, "clientId": …}, "times": …, "do": …}. Without match it is for every',
    'request, a path may end in *, and without times there is no end to it. What it does is one of',
    '',
    '  {"kind": "status", "status": 503, "retryAfter": 2}   also body, contentType, and "when": "after" (applied first)',
    '  {"kind": "reset", "when": "before"}                  or "after" the request was applied',
    '  {"kind": "hang", "when": "before"}                   or "after"',
    '  {"kind": "delay", "ms": 2000}',
    '',
    'For example:',
    '',
    `  curl -X PUT ${url}/knobs/getItem -d omitted`,
    `  curl ${url}/faults -d '{"match": {"path": "/oauth/token"}, "times": 2, "do": {"kind": "status", "status": 503}}'`,
    `  curl -X POST ${url}/down`,
    `  curl -X PUT ${url}/clients/NimrodClient -d '{"accessTokenValidity": 1}'`,
    `  curl ${url}/clients/NimrodClient/login -d canary-7f3a9-NimrodClient`,
    `  curl '${url}/log?last=5'`,
    '',
  ].join('\n');
}
