/** Every request passes here once; whatever it throws becomes a Status. */

import { discover, health } from '../discovery/discovery.ts';
import { openApi } from '../openapi/serve.ts';
import { openApiV2 } from '../openapi/v2.ts';
import { serveReview } from '../reviews/reviews.ts';
import { ApiError, unnamed } from '../status.ts';
import type { World } from '../world.ts';
import { authenticate, authorise } from './auth.ts';
import { type Answer, type Request, refusal } from './message.ts';
import { serveResource } from './resources.ts';
import { resourcePath } from './route.ts';
import type { User } from './users.ts';

export async function handle(
  world: World,
  tokens: ReadonlyMap<string, string>,
  request: Request,
): Promise<Answer> {
  try {
    const open = health(request.path);
    if (open !== undefined) return open;
    const user = authenticate(tokens, request);
    if (request.path !== '/version') authorise(user, request);
    return await route(world, request, user);
  } catch (error) {
    return refusal(error instanceof ApiError ? error : unnamed(String(error)));
  }
}

/** What the server tells of itself. */
function told(world: World, request: Request): Answer | undefined {
  const { registry } = world;
  return (
    discover(registry, request) ??
    openApi(world.openApi, request) ??
    openApiV2(() => registry.all(), request.path)
  );
}

async function route(world: World, request: Request, user: User): Promise<Answer> {
  const found = request.method === 'GET' ? told(world, request) : undefined;
  if (found !== undefined) return found;
  const path = resourcePath(request.path);
  if (path === undefined) return { status: 404, text: '404 page not found\n' };
  return (await serveReview(path, request, user, world.now())) ?? (await serveResource(world, path, request));
}
