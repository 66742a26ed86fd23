// The parts that the three statuses share. Nothing here has an enum, a pattern or a bound: an older operator reads,
// and an older CRD admits, what a newer operator wrote.
import { z } from 'zod';
import { object } from './schema.ts';

export function word(description: string) {
  return z.string().meta({ description });
}

/** Whatever else stands there was stored past this definition, which would refuse it when it is written back. */
export function time(description: string) {
  return z
    .string()
    .refine(isTime, { error: 'must be a time, such as 2026-01-31T12:00:00Z' })
    .meta({ description, format: 'date-time' });
}

/** RFC 3339; JavaScript's own parser takes far more, and the 30th of February. */
function isTime(text: string): boolean {
  const [, day = '', hours = ''] =
    /^(\d{4}-\d\d-\d\d)T(\d\d):\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  return isDay && Number(hours) < 24 && !Number.isNaN(Date.parse(text));
}

export function int64(description: string) {
  return z.int().meta({ description, format: 'int64' });
}

/** A generation starts at 1, so −1 says that no pass has come to a decision yet. */
const observedGeneration = z
  .int()
  .meta({
    description: 'The generation that this status is about; -1 before the first pass.',
    format: 'int64',
  })
  .default(-1);

/** A word that this version does not know reads as Unknown. */
const truth = word('True, False or Unknown.').transform((value): 'True' | 'False' | 'Unknown' =>
  value === 'True' || value === 'False' ? value : 'Unknown',
);

const condition = object('One aspect of the state.', {
  type: word('The aspect.'),
  status: truth,
  observedGeneration: z.exactOptional(int64('The generation that the condition was found at.')),
  lastTransitionTime: time('When status changed last.'),
  reason: word('Why, in one word for machines.'),
  message: word('Why, and what to do, in words for people.'),
});

const conditions = z.array(condition).meta({
  description: 'What was found, one entry a type.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
});

/** A status with its observedGeneration and conditions. */
export function statusOf<const T extends z.core.$ZodLooseShape>(description: string, shape: T) {
  const whole = { observedGeneration, conditions: z.exactOptional(conditions), ...shape };
  return object(description, whole);
}
