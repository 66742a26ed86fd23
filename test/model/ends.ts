import type { Alm } from './alm.ts';
import { shown } from './belief.ts';
import { type ClaimSpec, claimIn, claimsAbout, conditionOf, lineageOf, nameOf, sameId } from './claims.ts';
import { CLAIMS, CONNECTIONS, CREDENTIALS, type Stored } from './cluster.ts';
import type { World } from './driver.ts';
import { connectionOf, passwordIn, recordFor } from './permits.ts';
import { grants, HOME, isProtected } from './rules.ts';
import { keyIn, LOGIN_ID } from './slots.ts';

/** What has to be true when everything has come to rest. Each line of the answer is something that is not. */
export function faultsAtRest(world: World): readonly string[] {
  return [
    ...world.cluster.list(CREDENTIALS).flatMap((object) => ofObject(object, world)),
    ...world.cluster.list(CLAIMS).flatMap((object) => ofClaim(object, world)),
    ...ofDeletions(world),
  ];
}

function ofObject(object: Stored, world: World): readonly string[] {
  const who = keyIn(object.metadata);
  const { deletionTimestamp, generation } = object.metadata;
  if (deletionTimestamp !== undefined) return [`${who}: its deletion hangs`];
  if (object.spec?.['suspend'] === true) return [];
  const ready = conditionOf(object, 'Ready');
  const { observedGeneration } = (object.status ?? {}) as { observedGeneration?: number };
  if (ready === undefined || observedGeneration !== generation) return [`${who}: its status is behind`];
  if (ready.status === 'True' && conditionOf(object, 'Verified') !== undefined && !canLogIn(object))
    return [`${who}: says what a login showed, and none can show anything`];
  if (ready.status === 'True')
    return isHeld(object, world) ? [] : [`${who}: Ready=True, and ALM does not hold it`];
  if (ready.message === '') return [`${who}: Ready=${ready.status} without a word`];
  return isExcused(ready.reason, object, world)
    ? []
    : [`${who}: Ready=${ready.status}/${ready.reason} for no reason: ${ready.message}`];
}

function canLogIn(object: Stored): boolean {
  const { authorisedGrantTypes } = recordFor(object);
  return (authorisedGrantTypes as readonly string[]).includes('client_credentials');
}

function secretOf(object: Stored, { cluster }: World): Stored | undefined {
  const ref = object.spec?.['clientSecretRef'] as { name: string };
  return cluster.get('secrets', `${object.metadata.namespace}/${ref.name}`);
}

type Place = Readonly<{ connection: Stored | undefined; alm: Alm | undefined; clientId: string }>;

function placeOf(object: Stored, { cluster, alms }: World): Place {
  const connection = cluster.get(CONNECTIONS, `${HOME}/${connectionOf(object)}`);
  const alm = alms.find(({ endpoint }) => endpoint === connection?.spec?.['endpoint']);
  return { connection, alm, clientId: String(object.spec?.['clientId']) };
}

function isHeld(object: Stored, world: World): boolean {
  const { alm, clientId, connection } = placeOf(object, world);
  const client = alm?.find(clientId);
  const secret = secretOf(object, world);
  if (alm === undefined || client === undefined || secret === undefined) return false;
  const { ignoresSecrets, readable, provable } = alm.knobs;
  const looks = provable && connection?.spec?.['verification'] === 'EachResync';
  // A secret that a stranger changed shows in no record that can be read, but in a login.
  const hidden = readable && !looks && world.ledger.meddled.has(nameOf(alm, clientId));
  const isSecret = client.secret === passwordIn(secret) || ignoresSecrets || hidden;
  return isSecret && shown(client.record) === shown(recordFor(object));
}

/** ALM refuses tokens for a while after the write of each resync, and the connection has one asked for each time. */
export function isProvedAnew(object: Stored, world: World): boolean {
  const { alm, connection } = placeOf(object, world);
  return alm !== undefined && alm.knobs.refusesMs > 0 && connection?.spec?.['verification'] === 'EachResync';
}

/** Reasons not to be Ready, each with what has to be true of the world for it. */
function isExcused(reason: string, object: Stored, world: World): boolean {
  const { connection, alm, clientId } = placeOf(object, world);
  if (reason === 'ConnectionNotFound') return connection === undefined;
  if (reason === 'ConnectionNotReady') return connection !== undefined && isSecondAt(connection, world);
  if (reason === 'SecretNotFound') return secretOf(object, world) === undefined;
  if (reason === 'OwnLoginClient') return clientId === LOGIN_ID;
  if (connection === undefined || alm === undefined) return false;
  if (reason === 'Progressing' && isProvedAnew(object, world)) return true;
  if (reason === 'TokenRefused') return alm.knobs.ignoresSecrets && !hasPassword(object, world, alm);
  return isForbidden(reason, object, world, connection) || isTaken(reason, object, world, alm);
}

/** Whether ALM lets the client in with the password of its Secret. */
function hasPassword(object: Stored, world: World, alm: Alm): boolean {
  const secret = secretOf(object, world);
  const client = alm.find(String(object.spec?.['clientId']));
  return secret !== undefined && client?.secret === passwordIn(secret);
}

function isForbidden(reason: string, object: Stored, world: World, connection: Stored): boolean {
  const clientId = String(object.spec?.['clientId']);
  const policy = (object.spec?.['adoptionPolicy'] as string | undefined) ?? 'Never';
  const { namespace = '' } = object.metadata;
  const labels = world.cluster.get('namespaces', namespace)?.metadata.labels ?? {};
  const permit = grants(connection, { namespace, labels, clientId });
  if (reason === 'AccessDenied') return !permit.admits || (policy !== 'Never' && !permit.adopts);
  return reason === 'ProtectedClientId' && isProtected(connection, clientId) && policy === 'Never';
}

function isTaken(reason: string, object: Stored, world: World, alm: Alm): boolean {
  const clientId = String(object.spec?.['clientId']);
  const policy = (object.spec?.['adoptionPolicy'] as string | undefined) ?? 'Never';
  const name = connectionOf(object);
  const claims = world.cluster
    .list(CLAIMS)
    .map(claimIn)
    .filter((claim) => claim.endpoint === alm.endpoint || claim.connection === name)
    .filter((claim) => sameId(claim.clientId, clientId));
  const others = claims.filter((claim) => lineageOf(claim) !== keyIn(object.metadata));
  if (reason === 'ClientIdConflict')
    return others.length > 0 || claims.some((claim) => claim.clientId !== clientId);
  if (reason === 'Progressing') return claims.some(({ phase }) => phase === 'Revoking');
  if (reason === 'Contested') return alm.knobs.readable && world.ledger.meddled.has(nameOf(alm, clientId));
  return isAlmsWord(reason, alm, { clientId, policy, others });
}

type Rival = Readonly<{ clientId: string; policy: string; others: readonly ClaimSpec[] }>;

/** ALM has a client that is not the object's, or has none where one is required, and says so in its own way. */
function isAlmsWord(reason: string, alm: Alm, { clientId, policy, others }: Rival): boolean {
  const { postOnExisting, putOnMissing } = alm.knobs;
  const isThere = alm.find(clientId) !== undefined;
  if (reason === 'AlreadyExists') return policy === 'Never' && (isThere || others.length > 0);
  if (reason === 'NotFoundForUpdate') return !isThere && policy === 'Required' && putOnMissing === 404;
  if (reason !== 'RejectedByAlm') return false;
  const noPost = isThere && policy === 'Never' && (postOnExisting === 400 || postOnExisting === 500);
  return noPost || (!isThere && policy === 'Required' && putOnMissing === 400);
}

function isSecondAt(connection: Stored, { cluster }: World): boolean {
  return cluster
    .list(CONNECTIONS)
    .some(
      ({ metadata, spec }) =>
        metadata.name !== connection.metadata.name && spec?.['endpoint'] === connection.spec?.['endpoint'],
    );
}

function ofClaim(object: Stored, world: World): readonly string[] {
  const claim = claimIn(object);
  const who = `claim ${claim.clientId} of ${lineageOf(claim)}`;
  switch (claim.phase) {
    case 'Pending':
    case 'Held':
      return ofHeld(object, claim, world, who);
    case 'Revoking':
      return ofOwed(object, claim, world, who);
    default:
      return [];
  }
}

/** Its owner is there, or it says that it is not; and what is deleted with a finalizer is released. */
function ofHeld(
  object: Stored,
  { owner }: ClaimSpec,
  { cluster, ledger }: World,
  who: string,
): readonly string[] {
  if (cluster.get(CREDENTIALS, keyIn(owner))?.metadata.uid === owner.uid) return [];
  const deletion = ledger.deletions.get(owner.uid);
  if (deletion !== undefined && !deletion.stripped) return [`${who}: was not released by the deletion`];
  return conditionOf(object, 'Orphaned')?.status === 'True'
    ? []
    : [`${who}: is an orphan and does not say so`];
}

function ofOwed(object: Stored, claim: ClaimSpec, world: World, who: string): readonly string[] {
  const said = conditionOf(object, 'Revoked');
  if (said?.status !== 'False' || said.message === '') return [`${who}: owes a revocation without a word`];
  return canBeRevoked(claim, world) ? [`${who}: is not revoked, though it could be: ${said.message}`] : [];
}

/** Nothing stands in the way of a revocation. */
function canBeRevoked({ connection: name, endpoint, clientId, origin }: ClaimSpec, world: World): boolean {
  const connection = world.cluster.get(CONNECTIONS, `${HOME}/${name}`);
  const alm = world.alms.find((one) => one.endpoint === endpoint);
  if (connection === undefined || connection.spec?.['endpoint'] !== endpoint || alm === undefined)
    return false;
  if (isSecondAt(connection, world)) return false;
  const { provable, ignoresSecrets, putOnMissing, readable } = alm.knobs;
  if (origin === undefined) return readable && alm.find(clientId) === undefined;
  if (alm.find(clientId) === undefined) return putOnMissing !== 400 && provable;
  return provable && !ignoresSecrets;
}

/** What is owed is paid, or a claim still knows of it. */
function ofDeletions({ ledger, cluster }: World): readonly string[] {
  return [...ledger.tenures.values()].flatMap((tenure) => {
    const deletion = ledger.deletions.get(tenure.uid);
    if (deletion === undefined || deletion.stripped || !ledger.owes(deletion, tenure).must) return [];
    const owing = claimsAbout(cluster, tenure.alm.endpoint, tenure.clientId).some(
      ({ phase }) => phase === 'Revoking',
    );
    return owing ? [] : [`${tenure.clientId} of ${tenure.lineage}: was deleted, and nobody revokes it`];
  });
}
