/** What the knob tests are made of: one observation a knob, and what it must give in each position. */

import type { Asker, Reply } from '../asker.ts';
import type { KnobName, Knobs } from '../knobs.ts';
import type { AlmOptions, AlmSim } from '../server.ts';

export type Scene = Readonly<{ alm: AlmSim; ask: Asker }>;

export type KnobCase<K extends KnobName> = Readonly<{
  options?: Partial<AlmOptions>;
  observe: (scene: Scene) => Promise<unknown>;
  expected: Readonly<Record<`${Knobs[K]}`, unknown>>;
  /** Positions that leave no note in the log, because in them nothing was decided. */
  silent?: readonly `${Knobs[K]}`[];
}>;

export type KnobCases<K extends KnobName> = { readonly [Name in K]: KnobCase<Name> };

export const SECRET = 'canary-7f3a9-new';

export const RECORD = {
  clientId: 'app',
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 600,
  refreshTokenValidity: 6000,
  roles: ['Portal'],
} as const;

export const FULL = { ...RECORD, clientSecret: SECRET } as const;

export function without(property: keyof typeof FULL): Record<string, unknown> {
  const { [property]: _, ...rest } = FULL;
  return rest;
}

/** Which of ALM's forms an error has, and its status. */
export function formOf({ status, json, text }: Reply): string {
  const body = (json ?? {}) as Readonly<Record<string, unknown>>;
  if ('localizedMessage' in body) return `${status} alm`;
  if ('timestamp' in body) return `${status} boot`;
  if ('error_description' in body) return `${status} oauth ${String(body['error'])}`;
  if (text.startsWith('<html>')) return `${status} html`;
  return text === '' ? `${status} empty` : `${status} ok`;
}
