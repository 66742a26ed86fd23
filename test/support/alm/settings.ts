/** Putting knobs into positions, from code and from a command line. */

import { describeValues, initialOf, type Knob, parseSetting } from './knob.ts';
import { KNOB_NAMES, KNOBS, type Knobs } from './knobs.ts';

/** Defaults with `changes` on top. Throws where a value does not exist, and says which do. */
export function setKnobs(changes: Partial<Knobs> = {}): Knobs {
  const initial = KNOB_NAMES.map((name) => [name, initialOf(KNOBS[name])]);
  for (const [name, value] of Object.entries(changes)) knobSetting(name, String(value));
  return { ...Object.fromEntries(initial), ...changes };
}

/** The value of a knob as typed on a command line. Throws for unknown names and values. */
export function knobSetting(name: string, word: string): string | number {
  const knob = new Map<string, Knob>(Object.entries(KNOBS)).get(name);
  if (knob === undefined) throw new Error(`No knob is called ${name}. There are: ${KNOB_NAMES.join(', ')}.`);
  const value = parseSetting(knob, word);
  if (value === undefined) throw new Error(`${name} cannot be ${word}. It can be: ${describeValues(knob)}.`);
  return value;
}
