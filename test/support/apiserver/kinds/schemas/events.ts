/** Events, and Leases, whose times have six digits of a second. */

import { OBJECT_REFERENCE } from './core.ts';
import { always, CORE, fields, microTime, named, needing, type Schema, text, time, whole } from './fields.ts';

type Properties = Readonly<Record<string, Schema>>;

const SOURCE = named(
  `${CORE}.EventSource`,
  fields('Who reported it, as older clients tell.', {
    component: text('The program.'),
    host: text('The machine that it runs on.'),
  }),
);

const series = (name: string) =>
  named(
    name,
    fields('How often it happened, where it happened more than once.', {
      count: whole('How often.'),
      lastObservedTime: microTime('When it happened last.'),
    }),
  );

const told = (schema: Schema, description: string): Schema => ({ ...schema, description });

export const EVENT: Properties = {
  action: text('What was done about the object in regarding.'),
  deprecatedCount: whole('How often it happened, as older clients tell.'),
  deprecatedFirstTimestamp: time('When it happened first, as older clients tell.'),
  deprecatedLastTimestamp: time('When it happened last, as older clients tell.'),
  deprecatedSource: always(told(SOURCE, 'Who reported it, as older clients tell.')),
  eventTime: microTime('When it happened first.'),
  note: text('What happened, for people; 1024 characters at most.'),
  reason: text('Why it happened, in one word of at most 128 characters.'),
  regarding: always(told(OBJECT_REFERENCE, 'The object that it happened to.')),
  related: told(OBJECT_REFERENCE, 'Another object that has to do with it.'),
  reportingController: text('Who reports it, such as alm-operator.dev/operator.'),
  reportingInstance: text('Which instance of it.'),
  series: told(
    needing(['count', 'lastObservedTime'], series('io.k8s.api.events.v1.EventSeries')),
    'How often it happened, where more than once.',
  ),
  type: text('Normal or Warning.'),
};

/** The same fields under the names that core/v1 gives them. */
export const CORE_EVENT: Properties = {
  action: text('What was done about the object.'),
  count: whole('How often it happened.'),
  eventTime: microTime('When it happened first.'),
  firstTimestamp: time('When it happened first, in whole seconds.'),
  involvedObject: always(told(OBJECT_REFERENCE, 'The object that it happened to.')),
  lastTimestamp: time('When it happened last, in whole seconds.'),
  message: text('What happened, for people.'),
  reason: text('Why it happened, in one word.'),
  related: told(OBJECT_REFERENCE, 'Another object that has to do with it.'),
  reportingComponent: text('Who reports it.'),
  reportingInstance: text('Which instance of it.'),
  series: told(series(`${CORE}.EventSeries`), 'How often it happened, where more than once.'),
  source: always(told(SOURCE, 'Who reported it.')),
  type: text('Normal or Warning.'),
};

export const LEASE: Properties = {
  spec: always(
    named(
      'io.k8s.api.coordination.v1.LeaseSpec',
      fields('Who holds the lease, and for how long.', {
        acquireTime: microTime('When the present holder took it.'),
        holderIdentity: text('Who holds it.'),
        leaseDurationSeconds: whole('How long others must wait after renewTime before they may take it.'),
        leaseTransitions: whole('How often it has gone from one holder to another.'),
        preferredHolder: text('Who should have it next.'),
        renewTime: microTime('When its holder confirmed it last.'),
        strategy: text('How the next holder is chosen.'),
      }),
    ),
  ),
};
