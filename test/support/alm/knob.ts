/** What a knob is: a named choice or number, with the ground that its default stands on. */

/**
 * The ground of the default value. `documented`: said about this very API. `general`: said about the vendor's REST
 * APIs as a whole. `inferred`: how Spring Security OAuth or the vendor's other code behaves. `unknown`: a guess.
 */
export type Basis = 'documented' | 'general' | 'inferred' | 'unknown';

export type Choice<V extends string> = Readonly<{
  kind: 'choice';
  /** The first is the default. */
  values: readonly [V, ...V[]];
  basis: Basis;
  about: string;
}>;

/** A whole number; 0 or more unless `signed`. */
export type Whole = Readonly<{
  kind: 'whole';
  initial: number;
  signed: boolean;
  basis: Basis;
  about: string;
}>;

export type Knob = Choice<string> | Whole;

export type Setting<K> = K extends Choice<infer V> ? V : number;

export function choice<const V extends string>(
  basis: Basis,
  values: readonly [V, ...V[]],
  about: string,
): Choice<V> {
  return { kind: 'choice', values, basis, about };
}

export function whole(basis: Basis, initial: number, about: string, signed = false): Whole {
  return { kind: 'whole', initial, signed, basis, about };
}

export function initialOf(knob: Knob): string | number {
  return knob.kind === 'choice' ? knob.values[0] : knob.initial;
}

export function describeValues(knob: Knob): string {
  if (knob.kind === 'choice') return knob.values.join(', ');
  return knob.signed ? 'whole number' : 'whole number ≥ 0';
}

/** The value that a word on a command line stands for; undefined where the knob has no such value. */
export function parseSetting(knob: Knob, word: string): string | number | undefined {
  if (knob.kind === 'choice') return knob.values.find((value) => value === word);
  const digits = knob.signed ? /^-?\d{1,9}$/ : /^\d{1,9}$/;
  return digits.test(word) ? Number(word) : undefined;
}
