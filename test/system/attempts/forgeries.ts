/** Attempts with forged objects: status, annotations, finalizers, owners, claims and connections of one's own. */

import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { connectionManifests } from '../../support/samples.ts';
import type { Place } from '../clients.ts';
import { type Attempt, declares, MODEST, manifestOf, placeIn, type Stage, VICTIM } from './stage.ts';

const OWNED = 'belongs to ClientCredential team/orders; choose another clientId, or ask its owner';
const STORM = 20;

/** `kubectl get -o yaml`, with another namespace written into it. */
async function copied(stage: Stage, namespace: string): Promise<Place> {
  const { scenario, clients } = stage;
  const of = placeIn(namespace, VICTIM.clientId);
  const { resourceVersion: _, ...metadata } = (await clients.get(VICTIM)).metadata;
  const live = await clients.get(VICTIM);
  await scenario.api.create({ ...live, metadata: { ...metadata, namespace, name: of.name } });
  return of;
}

async function ask(stage: Stage, of: Place, token: string): Promise<void> {
  await stage.clients.patch(of, { annotations: { 'reconcile.fluxcd.io/requestedAt': token } });
}

/** A pass for an object that comes later ends after all that were due before it. */
async function heard(stage: Stage): Promise<void> {
  await stage.clients.held(await declares(stage, 'stray', 'stray_later'), 'AccessDenied');
}

export const FORGED: readonly Attempt[] = [
  {
    title: 'a copied manifest, from a namespace whose rule gives other ids',
    reason: 'AccessDenied',
    says: 'none of its access rules matches',
    make: (stage) => copied(stage, 'billing'),
  },
  {
    title: 'a copied manifest, under a rule that admits every id',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: (stage) => copied(stage, 'lab'),
  },
  {
    title: 'a forged status that says Ready and Created',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: async (stage) => {
      const of = await declares(stage, 'lab', VICTIM.clientId);
      await stage.clients.held(of, 'ClientIdConflict');
      const [mine, forged] = [await stage.clients.get(of), await stage.clients.get(VICTIM)];
      await stage.scenario.api.replace({ ...mine, status: forged.status ?? {} }, 'status');
      await ask(stage, of, 'forged');
      return of;
    },
  },
  {
    title: 'forged annotations, and a storm of requests',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: async (stage) => {
      const of = placeIn('lab', VICTIM.clientId);
      const annotations = { 'alm-operator.dev/owner': 'lab', 'alm-operator.dev/adopt': 'true' };
      await stage.clients.rotate(of, 'canary-7f3a9-storm');
      await stage.scenario.api.create(manifestOf(of, { annotations }));
      for (let token = 1; token <= STORM; token += 1) await ask(stage, of, `token-${token}`);
      await heard(stage);
      return of;
    },
  },
  {
    title: 'labels that the rule asks of the namespace',
    reason: 'AccessDenied',
    says: 'none of its access rules matches',
    make: async ({ scenario }) => {
      const of = placeIn('stray', 'stray_labelled');
      await scenario.api.create(manifestOf(of, { labels: { tenant: 'yes' } }));
      return of;
    },
  },
  {
    title: 'the operator’s finalizer, set beforehand',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: async ({ scenario }) => {
      const of = placeIn('lab', VICTIM.clientId);
      await scenario.api.create(manifestOf(of, { finalizers: ['alm-operator.dev/release'] }));
      return of;
    },
  },
  {
    title: 'an owner reference to the object that owns the client',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: async ({ scenario, clients }) => {
      const { apiVersion, kind, metadata } = await clients.get(VICTIM);
      const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
      const of = placeIn('team', VICTIM.clientId);
      await scenario.api.create(manifestOf(of, { ownerReferences: [owner] }));
      return of;
    },
  },
  {
    title: 'a claim of one’s own making',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: async (stage) => {
      const { api } = stage.scenario;
      const of = await declares(stage, 'lab', VICTIM.clientId);
      const { uid } = (await stage.clients.get(of)).metadata;
      const [claim] = await stage.clients.claims(VICTIM);
      const all = await api.list('AlmClientClaim', OPERATOR_NAMESPACE);
      const name = all.find(({ spec }) => spec?.['clientId'] === VICTIM.clientId)?.metadata.name ?? '';
      const owner = { namespace: of.namespace, name: of.name, uid };
      await api.create({
        apiVersion: 'alm-operator.dev/v1beta1',
        kind: 'AlmClientClaim',
        metadata: { namespace: 'lab', name },
        spec: { ...claim, owner },
      });
      await ask(stage, of, 'claimed');
      await heard(stage);
      return of;
    },
  },
  {
    title: 'a connection of one’s own making',
    reason: 'ConnectionNotFound',
    says: 'does not exist in namespace alm-operator',
    make: async (stage) => {
      for (const { metadata, ...manifest } of connectionManifests('mine', stage.scenario.alm)) {
        await stage.scenario.api.apply({ ...manifest, metadata: { ...metadata, namespace: 'stray' } });
      }
      return declares(stage, 'stray', 'stray_mine', { connectionRef: { name: 'mine' } });
    },
  },
  ...secondConnection(),
];

/** By oversight there are two connections to one ALM, and the second has no rule worth the name. */
function secondConnection(): readonly Attempt[] {
  const connectionRef = { name: 'second' };
  const all = [{ namespaces: { all: true }, clientIds: ['*'], roles: ['*'], allowAdoption: true }];
  const before = async ({ scenario }: Stage) => {
    for (const manifest of connectionManifests('second', scenario.alm, { access: all })) {
      await scenario.api.apply(manifest);
    }
  };
  const after = ({ scenario }: Stage) => scenario.api.delete('AlmConnection', OPERATOR_NAMESPACE, 'second');
  return [
    {
      title: 'a managed client, by way of a second connection to the same ALM',
      reason: 'ClientIdConflict',
      says: OWNED,
      before,
      make: (stage) =>
        declares(stage, 'stray', VICTIM.clientId, { connectionRef, adoptionPolicy: 'IfExists' }),
    },
    {
      title: 'any client, by way of a second connection to the same ALM',
      reason: 'ConnectionNotReady',
      says: 'AlmConnection second is not ready',
      before,
      make: (stage) => declares(stage, 'stray', 'SomeClient', { ...MODEST, connectionRef }),
      after,
    },
  ];
}
