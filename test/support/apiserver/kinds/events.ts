/** events.k8s.io/v1: its own rules at creation; afterwards only series and metadata may change. */

import { type ApiObject, at, type Draft, isRecord } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { EVENT_COLUMNS } from '../table/events.ts';
import { builtIn, immutable, rewrite } from './builtin.ts';
import { checkAnyNew } from './eventrules.ts';
import type { Kind } from './kind.ts';
import { microTime } from './microtime.ts';
import { EVENT } from './schemas/events.ts';

const NAMES = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events' };

/** Fields that stay, and what the server calls them: the names of core/v1. */
const FIXED = {
  regarding: 'involvedObject',
  reason: 'reason',
  note: 'message',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
  type: 'type',
  eventTime: 'eventTime',
  action: 'action',
  related: 'related',
  reportingController: 'reportingController',
  reportingInstance: 'reportingInstance',
};
/** What is there even where nothing was given. */
const ALWAYS = {
  deprecatedSource: {},
  deprecatedFirstTimestamp: null,
  deprecatedLastTimestamp: null,
  eventTime: null,
};
const UNSET = [
  'deprecatedSource',
  'deprecatedFirstTimestamp',
  'deprecatedLastTimestamp',
  'deprecatedCount',
] as const;

const text = (object: Draft | ApiObject, field: string) => String(object[field] ?? '');
const regarding = (field: string) => (object: ApiObject) => String(at(object, 'regarding', field) ?? '');

const ofGroup = builtIn({
  ...NAMES,
  shortNames: ['ev'],
  createsOnUpdate: true,
  unconditionalUpdate: true,
  columns: EVENT_COLUMNS,
  fields: {
    'regarding.kind': regarding('kind'),
    'regarding.namespace': regarding('namespace'),
    'regarding.name': regarding('name'),
    'regarding.uid': regarding('uid'),
    'regarding.apiVersion': regarding('apiVersion'),
    reason: (object) => text(object, 'reason'),
    type: (object) => text(object, 'type'),
    reportingController: (object) => text(object, 'reportingController'),
  },
  description: 'Something that happened to an object. Events are told for information and do not last.',
  required: ['eventTime'],
  properties: EVENT,
  decode: (object) => withMicroTimes(withoutEmptySource(object)),
  show: (object) => ({ ...ALWAYS, ...object }),
  check: (object, old) => (old === undefined ? checkNew(object) : checkChanged(object, old)),
});

/** The rules are those of core/v1, whichever name an event comes under, and say so. */
export const events: Kind = { ...ofGroup, invalidGroup: '' };

/** Throws 400 for times that have not six digits of a second. */
export function withMicroTimes(event: Draft): Draft {
  return [['eventTime'], ['series', 'lastObservedTime']].reduce(
    (decoded, path) => rewrite(decoded, path, (value) => microTime(NAMES, value)),
    event,
  );
}

function withoutEmptySource(event: Draft): Draft {
  const { deprecatedSource, ...rest } = event;
  const isEmpty = isRecord(deprecatedSource) && Object.keys(deprecatedSource).length === 0;
  return isEmpty ? (rest as Draft) : event;
}

function checkChanged(object: Draft, old: ApiObject): readonly cause.Cause[] {
  const fixed = Object.entries(FIXED).flatMap(([field, told]) => immutable(field, object, old, told));
  return [...fixed, ...checkSeries(object['series'])];
}

function checkNew(object: Draft): readonly cause.Cause[] {
  return [
    ...checkAnyNew(object, 'reportingController'),
    ...(object['eventTime'] === undefined ? [cause.required('eventTime')] : []),
    ...(['Normal', 'Warning'].includes(text(object, 'type'))
      ? []
      : [cause.invalid('type', '', `has invalid value: ${text(object, 'type')}`)]),
    ...checkSeries(object['series']),
    ...checkDeprecated(object),
  ];
}

function checkSeries(series: unknown): readonly cause.Cause[] {
  if (!isRecord(series)) return [];
  return [
    ...(Number(series['count'] ?? 0) < 2 ? [cause.invalid('series.count', '', 'should be at least 2')] : []),
    ...(series['lastObservedTime'] === undefined ? [cause.required('series.lastObservedTime')] : []),
  ];
}

function checkDeprecated(object: Draft): readonly cause.Cause[] {
  return UNSET.filter((field) => object[field] !== undefined).map((field) =>
    cause.invalid(FIXED[field], '', 'needs to be unset'),
  );
}
