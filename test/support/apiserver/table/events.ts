/** The table of events (printers/internalversion: printEvent), from the fields of events.k8s.io/v1. */

import { at, type Json } from '../objects.ts';
import { age } from './age.ts';
import { type Column, NAME } from './column.ts';

const text = (object: Json, ...path: readonly string[]) => String(at(object, ...path) ?? '');

/** Old events tell times as they count, new ones when they happened, and a series when it was last seen. */
function firstSeen(object: Json, now: number): string {
  return age(object['deprecatedFirstTimestamp'] ?? object['eventTime'], now);
}

function lastSeen(object: Json, now: number): string {
  const last = at(object, 'series', 'lastObservedTime') ?? object['deprecatedLastTimestamp'];
  return last === undefined ? firstSeen(object, now) : age(last, now);
}

function target(object: Json): string {
  const kind = text(object, 'regarding', 'kind').toLowerCase();
  const name = text(object, 'regarding', 'name');
  return name === '' ? kind : `${kind}/${name}`;
}

function source(object: Json): string {
  const controller = text(object, 'deprecatedSource', 'component') || text(object, 'reportingController');
  const instance = text(object, 'deprecatedSource', 'host') || text(object, 'reportingInstance');
  return [controller, instance].filter((part) => part !== '').join(', ');
}

function count(object: Json): unknown {
  return at(object, 'series', 'count') ?? (object['deprecatedCount'] || 1);
}

function column(name: string, description: string, cell: Column['cell'], priority = 0): Column {
  return { name, type: 'string', description, priority, cell };
}

export const EVENT_COLUMNS: readonly Column[] = [
  column('Last Seen', 'How long ago it happened last.', lastSeen),
  column('Type', 'Normal or Warning.', (object) => text(object, 'type')),
  column('Reason', 'Why it happened, in one word.', (object) => text(object, 'reason')),
  column('Object', 'What it happened to.', target),
  column('Subobject', 'The part of it.', (object) => text(object, 'regarding', 'fieldPath'), 1),
  column('Source', 'Who reports it.', source, 1),
  column('Message', 'What happened.', (object) => text(object, 'note').trim()),
  column('First Seen', 'How long ago it happened first.', firstSeen, 1),
  column('Count', 'How often it happened.', count, 1),
  { ...NAME, priority: 1 },
];
