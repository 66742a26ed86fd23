/** Event objects as the API server takes them (`events.k8s.io/v1`). */

import type { NewObject, Patch } from './client.ts';
import type { Series } from './eventseries.ts';
import { microTime } from './microtime.ts';
import type { Resource } from './types.ts';

export const EVENTS: Resource = { group: 'events.k8s.io', version: 'v1', plural: 'events', kind: 'Event' };

export type Reporter = Readonly<{
  /** A qualified name, such as `example.org/operator`. */
  reportingController: string;
  reportingInstance: string;
  /** The annotation that carries the id of the pass. */
  correlationAnnotation: string;
}>;

const NOTE_BYTES = 1024;
const WORD_BYTES = 128;

/** With its repeats, where there were some by now. */
export function eventOf(
  series: Series,
  namespace: string,
  { reportingController, reportingInstance, correlationAnnotation }: Reporter,
): NewObject & Readonly<Record<string, unknown>> {
  const { event, name, began } = series;
  const { regarding, related, type, reason, action, note } = event;
  return {
    apiVersion: `${EVENTS.group}/${EVENTS.version}`,
    kind: EVENTS.kind,
    metadata: { name, namespace, ...annotated(series, correlationAnnotation) },
    eventTime: microTime(began.wallMs),
    reportingController,
    reportingInstance: cut(reportingInstance, WORD_BYTES),
    action: cut(action, WORD_BYTES),
    reason: cut(reason, WORD_BYTES),
    regarding,
    ...(related !== undefined && { related }),
    note: cut(note, NOTE_BYTES),
    type,
    ...(series.count > 1 && { series: countOf(series) }),
  };
}

/** Everything else of an Event stays as it was created. */
export function repeatPatch(series: Series, { correlationAnnotation }: Reporter): Patch {
  const metadata = annotated(series, correlationAnnotation);
  return { type: 'merge', body: { metadata, series: countOf(series) } };
}

function annotated({ correlationId }: Series, annotation: string) {
  return correlationId === undefined ? {} : { annotations: { [annotation]: correlationId } };
}

function countOf({ count, last }: Series) {
  return { count, lastObservedTime: microTime(last.wallMs) };
}

/** The server counts bytes; no character is cut in two. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text, 'utf8');
  if (encoded.length <= bytes) return text;
  return encoded
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}
