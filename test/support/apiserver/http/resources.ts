/** Requests for objects: from method and path to a verb. */

import { judge } from '../admission/judge.ts';
import type { Kind } from '../kinds/kind.ts';
import { isBuiltIn } from '../kinds/registry.ts';
import { isRecord, storedKey } from '../objects.ts';
import { awaitVersion } from '../read/future.ts';
import { list, type Selection, selected } from '../read/list.ts';
import { listOptions, parsedVersion } from '../read/options.ts';
import { type Form, represent, representList } from '../read/represent.ts';
import { selectorOf } from '../read/selectors.ts';
import { duplicateFields } from '../schema/duplicates.ts';
import {
  type ApiError,
  badRequest,
  methodNotAllowed,
  noResource,
  notFound,
  notSupported,
} from '../status.ts';
import { watch, watchable } from '../watch/watch.ts';
import type { World } from '../world.ts';
import { create, type Written } from '../write/create.ts';
import { deleteOptions } from '../write/delete-options.ts';
import { startOf, unknownMeta } from '../write/draft.ts';
import { type WriteOptions, writeOptions } from '../write/options.ts';
import { patch, patchType } from '../write/patch.ts';
import { remove } from '../write/remove.ts';
import { replace, type Target } from '../write/update.ts';
import { jsonBody, parsed, yamlAsJson } from './body.ts';
import type { Answer, Request } from './message.ts';
import { formFor } from './negotiate.ts';
import type { ResourcePath } from './route.ts';

const NO_TYPE = "couldn't get version/kind; json parse error: ";
const TYPE_OF_TYPES =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const NOWHERE: Answer = { status: 404, text: '404 page not found\n' };

export async function serveResource(world: World, path: ResourcePath, request: Request): Promise<Answer> {
  const kind = world.registry.find(path);
  if (kind === undefined || (path.namespace !== undefined && !kind.namespaced)) return nowhere(path);
  const { name, namespace, subresource } = path;
  if (name === undefined) return serveCollection(world, kind, namespace, request);
  if (kind.namespaced && namespace === undefined) return nowhere(path);
  if (subresource !== undefined && !(subresource === 'status' && kind.status)) {
    if (kind.builtIn) throw noResource();
    throw notFound(kind, name);
  }
  const where = namespace === undefined ? { name } : { namespace, name };
  return serveObject(
    world,
    { kind, ...where, subresource: subresource === undefined ? '' : 'status' },
    request,
  );
}

/** Groups that the server is born with answer with a Status, all others as if there were no such page. */
function nowhere({ group }: ResourcePath): Answer {
  if (isBuiltIn(group)) throw noResource();
  return NOWHERE;
}

async function serveCollection(
  world: World,
  kind: Kind,
  namespace: string | undefined,
  request: Request,
): Promise<Answer> {
  const selection = { kind, namespace, matches: selectorOf(kind, request.query) };
  if (request.method === 'GET') return await serveList(world, selection, request);
  if (kind.namespaced && namespace === undefined && request.method === 'POST' && !kind.builtIn)
    return NOWHERE;
  if (kind.namespaced && namespace === undefined) throw methodNotAllowed();
  if (request.method === 'POST') {
    const form = formFor(kind, request, 'item');
    const { body, options } = await decoded(
      kind,
      request,
      writeOptions('Create', request.query, request.headers['user-agent']),
    );
    const address = namespace === undefined ? {} : { namespace };
    return shown(world, kind, form, create(world, kind, address, body, options));
  }
  if (request.method === 'DELETE' && kind.deletesCollections)
    return await deleteCollection(world, selection, request);
  if (!kind.builtIn && ['PUT', 'PATCH'].includes(request.method)) throw badRequest('name must be provided');
  throw methodNotAllowed();
}

async function serveList(world: World, selection: Selection, request: Request): Promise<Answer> {
  const options = listOptions(request.query, world.watchList);
  if (!options.watch) {
    const form = formFor(selection.kind, request, 'list');
    return { status: 200, json: await list(world, selection, options, form, request.signal) };
  }
  const form = formFor(selection.kind, request, 'watch');
  await watchable(world, options, request.signal);
  return { stream: (outlet) => watch(world, selection, options, form, outlet) };
}

async function deleteCollection(world: World, selection: Selection, request: Request): Promise<Answer> {
  const { kind } = selection;
  const options = deleteOptions(await optionalBody(request), request.query);
  const objects = selected(world, selection);
  for (const { metadata } of objects) {
    judgeRemoval(world, { kind, subresource: '', ...metadata }, options.dryRun, '');
    remove(world, kind, metadata, options);
  }
  const metadata = { resourceVersion: String(world.storage.version) };
  return { status: 200, json: representList(kind, objects, 'object', metadata, world.now()) };
}

async function serveObject(world: World, target: Target, request: Request): Promise<Answer> {
  const { kind } = target;
  const { method, query } = request;
  switch (method) {
    case 'GET':
      return await serveGet(world, target, request);
    case 'PUT': {
      const form = formFor(kind, request, 'item');
      const { body, options } = await decoded(
        kind,
        request,
        writeOptions('Update', query, request.headers['user-agent']),
      );
      return shown(world, kind, form, replace(world, target, body, options));
    }
    case 'PATCH':
      return await servePatch(world, target, request);
    case 'DELETE': {
      if (target.subresource !== '') throw refusedVerb(kind, 'delete');
      const options = deleteOptions(await optionalBody(request), query);
      const warnings = judgeRemoval(world, target, options.dryRun);
      return { status: 200, json: remove(world, kind, target, options), warnings };
    }
    case 'POST':
      throw target.subresource === '' ? methodNotAllowed() : refusedVerb(kind, 'create');
    default:
      throw methodNotAllowed();
  }
}

/** Asks the policies, to whom an object that goes with all others has no name. */
function judgeRemoval(
  world: World,
  target: Target,
  dryRun: boolean,
  name: string = target.name,
): readonly string[] {
  const old = world.storage.get(target.kind.bucket, storedKey(target.namespace, target.name));
  return old === undefined ? [] : judge(world, { ...target, name, operation: 'DELETE', old, dryRun });
}

async function servePatch(world: World, target: Target, request: Request): Promise<Answer> {
  const { kind } = target;
  const form = formFor(kind, request, 'item');
  const type = patchType(kind, request.headers['content-type'] ?? '');
  const verb = type === 'apply' ? 'Apply' : 'Patch';
  const options = writeOptions(verb, request.query, request.headers['user-agent']);
  const text = await request.body();
  const body =
    type === 'apply'
      ? parsed(yamlAsJson(text, 'error decoding YAML: '), 'error decoding YAML: ')
      : parsed(text, 'error decoding patch: ');
  return shown(world, kind, form, patch(world, target, type, body, options));
}

function refusedVerb(kind: Kind, verb: string): ApiError {
  return kind.builtIn ? methodNotAllowed() : notSupported(kind, verb);
}

async function serveGet(world: World, target: Target, request: Request): Promise<Answer> {
  const { kind, namespace, name } = target;
  await awaitVersion(world, parsedVersion(request.query.get('resourceVersion') ?? ''), request.signal);
  const form = formFor(kind, request, 'item');
  const object = world.storage.get(kind.bucket, storedKey(namespace, name));
  if (object === undefined) throw notFound(kind, name);
  return { status: 200, json: represent(kind, object, form, world.now()) };
}

function shown(world: World, kind: Kind, form: Form, { status, object, warnings }: Written): Answer {
  return { status, json: represent(kind, object, form, world.now()), warnings };
}

async function optionalBody(request: Request): Promise<unknown> {
  const isProtobuf = request.headers['content-type']?.startsWith('application/vnd.kubernetes.protobuf');
  const text = isProtobuf ? await jsonBody(request) : await request.body();
  return text === '' ? undefined : parsed(text, NO_TYPE);
}

async function decoded(kind: Kind, request: Request, options: WriteOptions) {
  const text = await jsonBody(request);
  const unrecognised = `the object provided is unrecognized (must be of type ${kind.kind}): `;
  const body = parsed(text, `${unrecognised}${NO_TYPE}`, ` (${startOf(text)})`);
  if (!isRecord(body)) {
    const got = Array.isArray(body) ? 'array' : typeof body;
    const why = `json: cannot unmarshal ${got} into Go value of type ${TYPE_OF_TYPES}`;
    throw badRequest(`${unrecognised}${NO_TYPE}${why} (${startOf(text)})`);
  }
  const twice = options.fieldValidation === 'Ignore' ? [] : duplicateFields(text);
  const strictErrors = [...twice.map((field) => `duplicate field "${field}"`), ...unknownMeta(body)];
  return { body, options: { ...options, strictErrors } };
}
