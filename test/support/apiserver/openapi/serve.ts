/** `/openapi/v3` and what it points to. */

import type { Answer, Request } from '../http/message.ts';
import type { Documents, OpenApiDocument } from './documents.ts';

const ROOT = '/openapi/v3';
const FOR_GOOD = 'Fri, 31 Dec 9999 23:59:59 GMT';

/** Undefined for a path that is not OpenAPI's. */
export function openApi(documents: Documents, request: Request): Answer | undefined {
  const path = request.path.replace(/\/$/, '');
  if (path === ROOT) return { status: 200, json: { paths: index(documents) } };
  if (!path.startsWith(`${ROOT}/`)) return undefined;
  const found = documents.all().get(path.slice(ROOT.length + 1));
  return found === undefined ? undefined : shown(found, request);
}

function index(documents: Documents) {
  const entries = [...documents.all()].map(([path, { hash }]) => [
    path,
    { serverRelativeURL: `${ROOT}/${path}?hash=${hash}` },
  ]);
  return Object.fromEntries(entries);
}

/** One who asks by the hash may keep the answer for good. */
function shown({ text, hash }: OpenApiDocument, request: Request): Answer {
  const kept = request.query.get('hash') === hash;
  const etag = `"${hash}"`;
  const headers = {
    'content-type': 'application/json',
    'cache-control': kept ? 'public, immutable' : 'no-cache, private',
    ...(kept ? { expires: FOR_GOOD } : {}),
    etag,
    vary: 'Accept',
  };
  if (request.headers['if-none-match'] === etag) return { status: 304, text: '', headers };
  return { status: 200, text, headers };
}
