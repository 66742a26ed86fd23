/** events.k8s.io/v1: what is asked of an event, and its other face in core/v1. */

import { created, invalid, ok } from '../support/answers.ts';
import { event } from '../support/objects.ts';
import { get, merge, post } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const EVENT = { kind: 'Event', name: 'e' };

const without = (name: string, field: string): Row => ({
  name: `an event without ${name}`,
  request: ({ ns }) => post('events', event('e', ns, { [field]: undefined })),
  answer: invalid(EVENT, [field, 'FieldValueRequired', 'Required value']),
});

export const events: readonly Row[] = [
  {
    name: 'an event is stored as it was sent',
    request: ({ ns }) => post('events', event('e', ns)),
    answer: ({ ns }) => created(event('e', ns)),
  },
  without('reason', 'reason'),
  without('action', 'action'),
  {
    name: 'an event without controller',
    request: ({ ns }) => post('events', event('e', ns, { reportingController: undefined })),
    answer: invalid(
      EVENT,
      ['reportingController', 'FieldValueRequired', 'Required value'],
      ['reportingController', 'FieldValueInvalid', 'Invalid value: "": name part must be non-empty'],
      ['reportingController', 'FieldValueInvalid', `Invalid value: "": ${NAME_PART}`],
    ),
  },
  without('time', 'eventTime'),
  {
    name: 'an event that says next to nothing',
    request: post('events', { apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'e' } }),
    answer: invalid(
      EVENT,
      ['involvedObject.namespace', 'FieldValueInvalid', 'Invalid value: "": does not match event.namespace'],
      ['eventTime', 'FieldValueRequired', 'Required value'],
      ['type', 'FieldValueInvalid', 'Invalid value: "": has invalid value: '],
    ),
  },
  {
    name: 'an event about nothing in particular',
    request: ({ ns }) => post('events', event('e', ns, { regarding: undefined })),
    answer: invalid(EVENT, [
      'involvedObject.namespace',
      'FieldValueInvalid',
      'Invalid value: "": does not match event.namespace',
    ]),
  },
  {
    name: 'an event of core/v1 with a time has to say who reports it',
    request: ({ ns }) =>
      post(`/api/v1/namespaces/${ns}/events`, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e' },
        involvedObject: { namespace: ns },
        eventTime: '2026-01-02T03:04:05.000006Z',
        reportingComponent: 'conformance.example/rows',
      }),
    answer: invalid(
      EVENT,
      ['reportingInstance', 'FieldValueRequired', 'Required value'],
      ['action', 'FieldValueRequired', 'Required value'],
      ['reason', 'FieldValueRequired', 'Required value'],
    ),
  },
  {
    name: 'an event of a type that is none',
    request: ({ ns }) => post('events', event('e', ns, { type: 'Odd' })),
    answer: invalid(EVENT, ['type', 'FieldValueInvalid', 'Invalid value: "": has invalid value: Odd']),
  },
  {
    name: 'an event with a note that is too long',
    request: ({ ns }) => post('events', event('e', ns, { note: 'x'.repeat(1025) })),
    answer: invalid(EVENT, [
      'message',
      'FieldValueInvalid',
      'Invalid value: "": can have at most 1024 characters',
    ]),
  },
  {
    name: 'an event of a controller that is no name',
    request: ({ ns }) => post('events', event('e', ns, { reportingController: 'a b' })),
    answer: invalid(EVENT, [
      'reportingController',
      'FieldValueInvalid',
      `Invalid value: "a b": ${NAME_PART}`,
    ]),
  },
  {
    name: 'a series is added to an event',
    given: [({ ns }) => post('events', event('e', ns))],
    request: merge('events/e', { series: { count: 2, lastObservedTime: '2026-01-02T03:04:06.000000Z' } }),
    answer: ok({ series: { count: 2, lastObservedTime: '2026-01-02T03:04:06.000000Z' } }),
  },
  {
    name: 'another note of an event',
    given: [({ ns }) => post('events', event('e', ns))],
    request: merge('events/e', { note: 'other' }),
    answer: invalid(EVENT, ['message', 'FieldValueInvalid', 'Invalid value: "other": field is immutable']),
  },
  {
    name: 'an event about something in another namespace',
    request: ({ ns }) =>
      post(
        'events',
        event('e', ns, {
          regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'elsewhere', name: 'a' },
        }),
      ),
    answer: created({ regarding: { namespace: 'elsewhere' } }),
  },
  {
    name: 'an event is also one of core/v1',
    given: [({ ns }) => post('events', event('e', ns))],
    request: get('/api/v1/namespaces/{ns}/events/e'),
    answer: ({ ns }) =>
      ok({
        kind: 'Event',
        apiVersion: 'v1',
        involvedObject: { kind: 'ConfigMap', namespace: ns, name: 'a' },
        message: 'said by a row',
        reason: 'Tested',
        reportingComponent: 'conformance.example/rows',
        reportingInstance: 'rows-1',
        eventTime: '2026-01-02T03:04:05.000006Z',
      }),
  },
  {
    name: 'core/v1 events by what they are about',
    given: [({ ns }) => post('events', event('e', ns))],
    request: get('/api/v1/namespaces/{ns}/events', {
      fieldSelector: 'involvedObject.name=a,involvedObject.kind=ConfigMap',
    }),
    answer: ok({ kind: 'EventList', items: [{ metadata: { name: 'e' } }] }),
  },
];
