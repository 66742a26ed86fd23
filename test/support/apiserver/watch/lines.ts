/** Watch events as bytes. One change is serialised once for each form, however many watches see it. */

import type { Kind } from '../kinds/kind.ts';
import { type ApiObject, withMeta } from '../objects.ts';
import { type Form, itemType, represent } from '../read/represent.ts';
import type { Matches } from '../read/selectors.ts';
import { type ApiError, statusOf } from '../status.ts';
import type { Change } from '../storage/storage.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export function eventLine(kind: Kind, type: EventType, object: ApiObject, form: Form): string {
  return `${JSON.stringify({ type, object: represent(kind, object, form) })}\n`;
}

export function errorLine(error: ApiError): string {
  return `${JSON.stringify({ type: 'ERROR', object: statusOf(error) })}\n`;
}

/** `initialEnd` marks the end of the initial events of a WatchList. */
export function bookmarkLine(kind: Kind, form: Form, version: number, initialEnd: boolean): string {
  const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const metadata = { resourceVersion: String(version), ...annotations };
  return `${JSON.stringify({ type: 'BOOKMARK', object: { ...itemType(kind, form), metadata } })}\n`;
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
  through(matches: Matches, kind: Kind, form: Form): Buffer | undefined {
    const seen = seenAs(this.change, matches);
    if (seen === undefined) return undefined;
    const key = `${seen.type} ${form} ${kind.version}`;
    const line = this.#lines.get(key) ?? Buffer.from(eventLine(kind, seen.type, seen.object, form));
    this.#lines.set(key, line);
    return line;
  }
}
