/** What system tests do with the clients that they declare, and ask about them, in the scenario of their file. */

import { expect } from 'vitest';
import { secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import type { PatchBody } from '../support/kubectl/client.ts';
import { hasCondition, type Live } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import type { Scenario } from '../support/scenario.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An object of a namespace of its own; its Secret has the same name. */
export type Place = Readonly<{ namespace: string; name: string; clientId: string }>;

/** What is left of a client that was overwritten. */
const USELESS = {
  authorisedGrantTypes: ['client_credentials'],
  roles: [],
  accessTokenValidity: 1,
  refreshTokenValidity: 1,
};

/** There is one claim, and it is in this phase. */
export function isIn(phase: string): (claims: readonly Live[]) => boolean {
  return (claims) => claims.length === 1 && claims[0]?.spec?.['phase'] === phase;
}

export const isReady = hasCondition('Ready', 'True');

export type Clients = Readonly<{
  place(name: string): Promise<Place>;
  /** Applies the Secret, with a password named after the object or as given, and the object. */
  declare(place: Place, spec?: Fields, password?: string): Promise<void>;
  /** Declared and Ready. */
  created(name: string, spec?: Fields): Promise<Place>;
  change(place: Place, spec: Fields): Promise<void>;
  rotate(place: Place, password: string): Promise<void>;
  patch(place: Place, metadata: Fields): Promise<Live>;
  get(place: Place): Promise<Live>;
  until(place: Place, what: string, predicate: (object: Live) => boolean, timeoutMs?: number): Promise<Live>;
  /** Ready at the present generation, and with the present version of the Secret. */
  settled(place: Place, timeoutMs?: number): Promise<Live>;
  /** Ready is False, or Unknown, with this reason. */
  held(place: Place, reason: string, timeoutMs?: number): Promise<Live>;
  /** The reasons of the events in its namespace, by the alphabet. */
  told(place: Place): Promise<readonly string[]>;
  /** The specs of the claims of this client id. */
  claims(place: Place): Promise<readonly (Fields | undefined)[]>;
  /** The claims of this client id, once the predicate holds for them together. */
  untilClaims(
    place: Place,
    what: string,
    predicate: (claims: readonly Live[]) => boolean,
    timeoutMs?: number,
  ): Promise<readonly Live[]>;
  /** Deletes the object. */
  remove(place: Place): Promise<void>;
  gone(place: Place, timeoutMs?: number): Promise<void>;
  /** Its claim says Revoked, and ALM agrees: this secret does not log in any more. */
  revoked(place: Place, password?: string, timeoutMs?: number): Promise<void>;
}>;

export function clientsOf(scenario: () => Scenario): Clients {
  const api = () => scenario().api;
  const until: Clients['until'] = ({ namespace, name }, what, predicate, timeoutMs = 20_000) =>
    api().waitFor<Live>('ClientCredential', namespace, name, predicate, { what, timeoutMs });
  const applied: Clients['declare'] = async (place, spec, password) => {
    const { namespace, name, clientId } = place;
    await clients.rotate(place, password ?? secretText(name));
    await api().apply(credential(namespace, name, { clientId, ...spec }));
  };
  const clients: Clients = {
    place: async (name) => {
      const namespace = await scenario().namespace(name);
      return { namespace, name, clientId: `${namespace}_${name}` };
    },
    declare: applied,
    created: async (name, spec) => {
      const place = await clients.place(name);
      const own = typeof spec?.['clientId'] === 'string' ? { ...place, clientId: spec['clientId'] } : place;
      await applied(own, spec);
      await clients.settled(own);
      return own;
    },
    change: async ({ namespace, name, clientId }, spec) => {
      await api().apply(credential(namespace, name, { clientId, ...spec }));
    },
    rotate: async ({ namespace, name }, password) => {
      await api().apply(secret(namespace, name, { clientSecret: password }));
    },
    patch: ({ namespace, name }, metadata) => {
      const patch: PatchBody = { type: 'merge', body: { metadata } };
      return api().patch<Live>('ClientCredential', namespace, name, patch);
    },
    get: ({ namespace, name }) => api().get<Live>('ClientCredential', namespace, name),
    until,
    settled: async (place, timeoutMs) => {
      const { metadata } = await api().get<Live>('Secret', place.namespace, place.name);
      const holds = (object: Live) => isReady(object) && sentVersion(object) === metadata.resourceVersion;
      return until(place, 'Ready with the present spec and Secret', holds, timeoutMs);
    },
    held: (place, reason, timeoutMs) => {
      const [no, unknown] = [
        hasCondition('Ready', 'False', reason),
        hasCondition('Ready', 'Unknown', reason),
      ];
      return until(place, `Ready to say ${reason}`, (object) => no(object) || unknown(object), timeoutMs);
    },
    told: async ({ namespace }) => {
      const events = (await api().events(namespace)) as readonly (Live & Readonly<{ reason: string }>)[];
      return events.map(({ reason }) => reason).toSorted();
    },
    claims: async ({ clientId }) => {
      const claims = await api().list<Live>('AlmClientClaim');
      return claims.map(({ spec }) => spec).filter((spec) => spec?.['clientId'] === clientId);
    },
    untilClaims: async ({ clientId }, what, predicate, timeoutMs = 20_000) => {
      const own = (all: readonly Live[]) => all.filter(({ spec }) => spec?.['clientId'] === clientId);
      const patience = { what: `the claim of ${clientId}: ${what}`, timeoutMs };
      const holds = (all: readonly Live[]) => predicate(own(all));
      return own(await api().waitForAll<Live>('AlmClientClaim', OPERATOR_NAMESPACE, holds, patience));
    },
    remove: ({ namespace, name }) => api().delete('ClientCredential', namespace, name),
    gone: ({ namespace, name }, timeoutMs = 20_000) =>
      api().waitGone('ClientCredential', namespace, name, { what: 'its end', timeoutMs }),
    revoked: async (place, password = secretText(place.name), timeoutMs) => {
      await clients.untilClaims(place, 'Revoked', isIn('Revoked'), timeoutMs);
      const { alm } = scenario();
      expect(alm.state.get(place.clientId)).toMatchObject(USELESS);
      expect(alm.matches(place.clientId, password)).toBe(false);
    },
  };
  return clients;
}

function sentVersion({ status }: Live): unknown {
  const applied = status?.['applied'] as { secret?: { resourceVersion?: string } } | undefined;
  return applied?.secret?.resourceVersion;
}
