/** Lists, whole and in pages. All pages of a list show the state at its first one. */

import type { Kind } from '../kinds/kind.ts';
import type { ApiObject, Json } from '../objects.ts';
import { badRequest, expired } from '../status.ts';
import type { View } from '../storage/history.ts';
import type { World } from '../world.ts';
import { awaitVersion } from './future.ts';
import type { ListOptions } from './options.ts';
import { type Form, representList } from './represent.ts';
import type { Matches } from './selectors.ts';

export type Selection = Readonly<{ kind: Kind; namespace: string | undefined; matches: Matches | undefined }>;

type Page = Readonly<{ objects: readonly ApiObject[]; next: string | undefined; remaining: number }>;
type Place = Readonly<{ version: number; from: string }>;

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

const TOKEN_VERSION = 'meta.k8s.io/v1';

/** Goes on from wherever the list stands when the token comes. */
const ANY_VERSION = -1;

export async function list(
  world: World,
  selection: Selection,
  options: ListOptions,
  form: Form,
  signal: AbortSignal,
): Promise<Json> {
  await awaitVersion(world, options.version, signal);
  const place = options.continue === '' ? undefined : decoded(options.continue);
  const version = versionOf(world, options, place);
  const view = world.history.viewAt(selection.kind.bucket, version);
  if (view === undefined) throw tooOld(world, selection.kind, version, place);
  // The server answers "any version" from its cache, which knows no pages.
  const limit = options.version === 0 && place === undefined ? 0 : options.limit;
  const page = pageOf(view, selection, place?.from ?? '', limit);
  return representList(
    selection.kind,
    page.objects,
    form,
    metadataOf(selection, page, version, form),
    world.now(),
  );
}

function versionOf(world: World, options: ListOptions, place: Place | undefined): number {
  const asked = place?.version ?? (options.exact ? options.version : undefined) ?? ANY_VERSION;
  return asked === ANY_VERSION ? world.storage.version : asked;
}

function tooOld(world: World, kind: Kind, version: number, place: Place | undefined) {
  if (place !== undefined) return expired(TOO_OLD, encoded({ version: ANY_VERSION, from: place.from }));
  return expired(`too old resource version: ${version} (${world.history.floor(kind.bucket)})`);
}

function metadataOf({ kind, matches }: Selection, page: Page, version: number, form: Form): Json {
  const more =
    page.next === undefined
      ? lastPage(kind, form)
      : {
          continue: encoded({ version, from: page.next }),
          ...(matches === undefined ? { remainingItemCount: page.remaining } : {}),
        };
  return { resourceVersion: String(version), ...more };
}

/** Whole custom objects come in a list that says even that it does not go on. */
function lastPage(kind: Kind, form: Form): Json {
  return kind.builtIn || form !== 'object' ? {} : { continue: '' };
}

/** `next` is where the following page begins. */
function pageOf(view: View, { namespace, matches }: Selection, from: string, limit: number): Page {
  const keys = keysOf(view, namespace);
  const objects: ApiObject[] = [];
  for (let i = firstAtLeast(keys, from); i < keys.length; i += 1) {
    const object = view.get(keys[i] ?? '');
    if (object === undefined || matches?.(object) === false) continue;
    if (limit > 0 && objects.length === limit) return { objects, next: keys[i], remaining: keys.length - i };
    objects.push(object);
  }
  return { objects, next: undefined, remaining: 0 };
}

function keysOf({ keys }: View, namespace: string | undefined): readonly string[] {
  if (namespace === undefined) return keys;
  // '0' follows '/' in ASCII.
  return keys.slice(firstAtLeast(keys, `${namespace}/`), firstAtLeast(keys, `${namespace}0`));
}

function firstAtLeast(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') >= wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Every object of the selection as it is now, in the order of lists. */
export function selected(world: World, selection: Selection): readonly ApiObject[] {
  const view = world.history.viewAt(selection.kind.bucket, world.storage.version);
  return view === undefined ? [] : pageOf(view, selection, '', 0).objects;
}

function encoded({ version, from }: Place): string {
  return Buffer.from(JSON.stringify({ v: TOKEN_VERSION, rv: version, start: from })).toString('base64url');
}

function decoded(token: string): Place {
  const text = Buffer.from(token, 'base64url').toString();
  let why = 'incorrect encoded start key';
  try {
    const { v, rv, start } = JSON.parse(text) as Json;
    if (v !== TOKEN_VERSION) why = `server does not recognize this encoded version ${v ?? ''}`;
    else if (typeof rv === 'number' && typeof start === 'string') return { version: rv, from: start };
  } catch {
    why = `invalid character '${text.charAt(0)}' looking for beginning of value`;
  }
  throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
