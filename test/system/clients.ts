/** What system tests do with the clients that they declare, and ask about them, in the scenario of their file. */

import { secretText } from '../support/canary.ts';
import type { PatchBody } from '../support/kubectl/client.ts';
import { hasCondition, type Live } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import type { Scenario } from '../support/scenario.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An object of a namespace of its own; its Secret has the same name. */
export type Place = Readonly<{ namespace: string; name: string; clientId: string }>;

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
  };
  return clients;
}

function sentVersion({ status }: Live): unknown {
  const applied = status?.['applied'] as { secret?: { resourceVersion?: string } } | undefined;
  return applied?.secret?.resourceVersion;
}
