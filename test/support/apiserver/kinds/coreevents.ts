/**
 * Events as the core group names their fields. They are the same objects as those of events.k8s.io/v1, in whose form
 * they are stored: written through one, they are read through both. kubectl describe and kubectl events read these.
 */

import { type ApiObject, at, type Draft, isRecord, type Json } from '../objects.ts';
import { EVENT_COLUMNS } from '../table/events.ts';
import { builtIn } from './builtin.ts';
import { checkAnyNew } from './eventrules.ts';
import { events, withMicroTimes } from './events.ts';
import type { Kind } from './kind.ts';
import { CORE_EVENT } from './schemas/events.ts';

/** What the stored fields are called here. */
const NAMES: Readonly<Record<string, string>> = {
  regarding: 'involvedObject',
  note: 'message',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
};
const STORED_NAMES = Object.fromEntries(Object.entries(NAMES).map(([stored, shown]) => [shown, stored]));

/** What is there even where nothing was given. */
const ALWAYS = {
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: null,
  reportingComponent: '',
  reportingInstance: '',
};

const involved = (...path: readonly string[]) => {
  return (object: ApiObject) => String(at(object, 'regarding', ...path) ?? '');
};
const field = (name: string) => (object: ApiObject) => String(object[name] ?? '');

export const coreEvents: Kind = {
  ...builtIn({
    ...{ group: '', version: 'v1', kind: 'Event', plural: 'events', shortNames: ['ev'] },
    createsOnUpdate: true,
    unconditionalUpdate: true,
    columns: EVENT_COLUMNS,
    fields: {
      'involvedObject.kind': involved('kind'),
      'involvedObject.namespace': involved('namespace'),
      'involvedObject.name': involved('name'),
      'involvedObject.uid': involved('uid'),
      'involvedObject.apiVersion': involved('apiVersion'),
      'involvedObject.resourceVersion': involved('resourceVersion'),
      'involvedObject.fieldPath': involved('fieldPath'),
      reason: field('reason'),
      reportingComponent: field('reportingController'),
      source: (object) =>
        String(at(object, 'deprecatedSource', 'component') ?? object['reportingController'] ?? ''),
      type: field('type'),
    },
    description: 'Something that happened to an object. Events are told for information and do not last.',
    required: ['metadata', 'involvedObject'],
    properties: CORE_EVENT,
    decode: (object) => withMicroTimes(stored(object)),
    check: (event) => checkAnyNew(event, 'reportingComponent'),
    show: shown,
  }),
  bucket: events.bucket,
  storedAs: events.storedAs,
};

function renamed(object: Json, names: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value]));
}

function shown(event: ApiObject): ApiObject {
  return { ...ALWAYS, ...renamed(event, NAMES) } as unknown as ApiObject;
}

function stored(event: Draft): Draft {
  const entries = Object.entries(renamed(event, STORED_NAMES));
  return Object.fromEntries(entries.filter(([, value]) => !isNothing(value))) as Draft;
}

function isNothing(value: unknown): boolean {
  return value === '' || value === null || (isRecord(value) && Object.keys(value).length === 0);
}
