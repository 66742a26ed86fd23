/** What system tests do with clients whose secret the operator makes. */

import { expect } from 'vitest';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { credential } from '../support/samples.ts';
import type { Scenario } from '../support/scenario.ts';
import type { Clients, Place } from './clients.ts';

export const ROTATE = 'alm-operator.dev/rotate';

type Fields = Readonly<Record<string, unknown>>;

export type Generating = Readonly<{
  /** The published Secret has the object's name. */
  generates(place: Place, generatedSecret?: Fields, spec?: Fields): Promise<void>;
  /** Ready, with the published Secret as it is now. */
  ended(place: Place, timeoutMs?: number): Promise<Live>;
  /** Declared and published. */
  made(name: string, generatedSecret?: Fields, spec?: Fields): Promise<Place>;
  ask(place: Place, token: string): Promise<void>;
  /** The password that an application finds. */
  published(place: Place): Promise<string>;
  /** Once a rotation for this token is over. */
  rotated(place: Place, token: string, timeoutMs?: number): Promise<Live>;
  staged(place: Place): Promise<readonly Live[]>;
  /** The published password logs in, nothing is staged, and claim and status agree. */
  whole(place: Place): Promise<string>;
}>;

export function generatingOf(
  scenario: () => Scenario,
  { place, settled, until, patch, claims, get }: Clients,
): Generating {
  const generating: Generating = {
    generates: async ({ namespace, name, clientId }, generatedSecret = {}, spec = {}) => {
      const { clientSecretRef: _, ...rest } = credential(namespace, name, { clientId, ...spec })[
        'spec'
      ] as Fields;
      const manifest = credential(namespace, name);
      await scenario().api.apply({
        ...manifest,
        spec: { ...rest, generatedSecret: { name, ...generatedSecret } },
      });
    },
    ended: async (of, timeoutMs = 30_000) => {
      const patience = { what: 'the published Secret', timeoutMs };
      await scenario().api.waitFor<Live>('Secret', of.namespace, of.name, () => true, patience);
      return settled(of, timeoutMs);
    },
    made: async (name, generatedSecret, spec) => {
      const of = await place(name);
      await generating.generates(of, generatedSecret, spec);
      await generating.ended(of);
      return of;
    },
    ask: async (of, token) => {
      await patch(of, { annotations: { [ROTATE]: token } });
    },
    published: async ({ namespace, name }) => {
      const { data } = await scenario().api.get<Live>('Secret', namespace, name);
      return Buffer.from(data?.['clientSecret'] ?? '', 'base64').toString();
    },
    rotated: async (of, token, timeoutMs = 30_000) => {
      const isHandled = ({ status }: Live) => status?.['lastHandledRotateAt'] === token;
      await until(of, `the rotation for ${token}`, isHandled, timeoutMs);
      return settled(of, timeoutMs);
    },
    staged: async (of) => {
      const uid = (await get(of)).metadata.uid;
      const held = await scenario().api.list<Live>('AlmClientClaim', OPERATOR_NAMESPACE);
      const owners = held
        .filter(({ spec }) => (spec?.['owner'] as { uid?: string } | undefined)?.uid === uid)
        .map(({ metadata }) => metadata.uid);
      const secrets = await scenario().api.list<Live>('Secret', OPERATOR_NAMESPACE);
      return secrets.filter(({ metadata }) =>
        metadata.ownerReferences?.some((owner) => owners.includes(owner.uid)),
      );
    },
    whole: async (of) => {
      const password = await generating.published(of);
      expect(password).not.toBe('');
      expect(scenario().alm.matches(of.clientId, password)).toBe(true);
      expect(await generating.staged(of)).toEqual([]);
      const [claim] = await claims(of);
      const { status } = await get(of);
      const rotation = claim?.['rotation'] as { last?: string; token?: string } | undefined;
      expect(rotation?.last).toBeDefined();
      expect(status).toMatchObject({ rotation: { last: rotation?.last } });
      expect(status?.['lastHandledRotateAt']).toBe(rotation?.token);
      return password;
    },
  };
  return generating;
}
