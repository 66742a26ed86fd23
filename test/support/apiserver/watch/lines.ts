/** Watch events as bytes. One change is serialised once for each form, however many watches see it. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { type ApiObject, withMeta } from '../objects.ts';
import { type Form, represent, representBookmark } from '../read/represent.ts';
import type { Matches } from '../read/selectors.ts';
import { type ApiError, statusOf } from '../status.ts';
import type { Change } from '../storage/storage.ts';
import { withoutColumns } from '../table/table.ts';
import type { World } from '../world.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

function eventLine(kind: Kind, type: EventType, object: ApiObject, form: Form, now: number): string {
  return `${JSON.stringify({ type, object: represent(kind, object, form, now) })}\n`;
}

export function errorLine(error: ApiError): string {
  return `${JSON.stringify({ type: 'ERROR', object: statusOf(error) })}\n`;
}

/** `initialEnd` marks the end of the initial events of a WatchList. */
function bookmarkLine(kind: Kind, form: Form, version: number, initialEnd: boolean, now: number): string {
  const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const metadata = { resourceVersion: String(version), ...annotations };
  const object = representBookmark(kind, form, metadata, now);
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}

type Seen = Readonly<{ type: EventType; object: ApiObject }>;

/**
 * What a change looks like through a selector. An object that leaves the view, or the world, is DELETED: its last
 * state inside the view, with the version of the change.
 */
export function seenAs(change: Change, matches: Matches): Seen | undefined {
  const { before, after, version } = change;
  const was = before !== undefined && matches(before);
  if (after !== undefined && matches(after)) return { type: was ? 'MODIFIED' : 'ADDED', object: after };
  if (!was) return undefined;
  return { type: 'DELETED', object: withMeta(before, { resourceVersion: String(version) }) };
}

export class ChangeLines {
  readonly change: Change;
  readonly #lines = new Map<string, Buffer>();

  constructor(change: Change) {
    this.change = change;
  }

  /** Undefined where the change is out of the view before and after. */
  through(matches: Matches, kind: Kind, form: Form, now: number): Buffer | undefined {
    const seen = seenAs(this.change, matches);
    if (seen === undefined) return undefined;
    const key = `${seen.type} ${form} ${apiVersionOf(kind)}`;
    const line = this.#lines.get(key) ?? Buffer.from(eventLine(kind, seen.type, seen.object, form, now));
    this.#lines.set(key, line);
    return line;
  }
}

/**
 * What one watch writes. The first event of a table tells the columns, those that follow only rows: that is why each
 * watch has lines of its own.
 */
export class WatchLines {
  readonly #world: World;
  readonly #kind: Kind;
  #form: Form;

  constructor(world: World, kind: Kind, form: Form) {
    this.#world = world;
    this.#kind = kind;
    this.#form = form;
  }

  event(type: EventType, object: ApiObject): string {
    return eventLine(this.#kind, type, object, this.#nextForm(), this.#world.now());
  }

  /** Undefined where the change is out of the view before and after. */
  change(change: ChangeLines, matches: Matches): Buffer | undefined {
    const line = change.through(matches, this.#kind, this.#form, this.#world.now());
    if (line !== undefined) this.#nextForm();
    return line;
  }

  bookmark(version: number, initialEnd: boolean): string {
    return bookmarkLine(this.#kind, this.#nextForm(), version, initialEnd, this.#world.now());
  }

  #nextForm(): Form {
    const form = this.#form;
    this.#form = withoutColumns(form);
    return form;
  }
}
