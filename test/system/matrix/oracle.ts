/**
 * How the stories of a row must end, said from what is known of ALM and from what is promised to users, and from nothing
 * else: README.md of the simulator tells what a position means, the reference of reasons what is said of it. Pure.
 */

import type { Row } from '../../support/pairwise.ts';
import type { End } from '../knobs/ends.ts';
import { READABLE } from './parameters.ts';

/** What is compared of an end; what is absent may be as it likes. */
export type State = Readonly<
  Pick<End, 'claim' | 'holds' | 'opens'> &
    Partial<Pick<End, 'ready' | 'synced' | 'stranger'>> & { verified?: string }
>;

export type Chapter =
  /** One object from its creation to its deletion, an ALM that forgets and a restart of ALM in between. */
  | 'created'
  | 'changed'
  | 'vanished'
  | 'rotated'
  | 'deleted'
  /** Somebody's client was there before. */
  | 'taken'
  | 'adopted'
  | 'released'
  /** The answer to the creation was lost. */
  | 'lost';

export type Plot = Readonly<Partial<Record<Chapter, State>>>;

export function plotOf(row: Row): Plot {
  const adopted = existing(row, 'IfExists');
  const around = { taken: existing(row, 'Never'), adopted };
  const barrier = barrierTo(row);
  if (barrier !== undefined) return { created: held(barrier, 'nothing'), ...around };
  return {
    ...lifeOf(row),
    ...around,
    ...(adopted.ready === 'True Adopted' && adopted.opens === 'declared' && { released: released(row) }),
    ...(mayBeLost(row) && { lost: lost(row) }),
  };
}

const CREATED = {
  ready: 'True Applied',
  claim: 'Held Created',
  holds: 'declared',
  opens: 'declared',
} as const;

function lifeOf(row: Row): Plot {
  const created: State = { ...CREATED, verified: proofOf(row) };
  return {
    created,
    changed: created,
    vanished: vanished(row) ?? created,
    rotated: row['newSecret'] === 'ignored' ? { ...CREATED, ...keptSecret(row, 'former') } : created,
    deleted: deleted(row),
  };
}

/** Why a client that ALM does not have cannot be created; undefined: it can. */
function barrierTo(row: Row): string | undefined {
  return (
    barrierToAll(row) ??
    // Nobody can tell whether the page of an ingress means that there is no such client.
    (isReadable(row) && row['notFoundBody'] === 'html' ? 'EndpointNotFound' : undefined) ??
    (isRefused(row) ? 'RejectedByAlm' : undefined)
  );
}

/** Nothing at all can be asked. */
function barrierToAll({ authMode, login, slmAdminSuffices }: Row): string | undefined {
  if (authMode === 'zen') return 'ConnectionNotReady';
  const lacks = login === 'SLMAdmin' && slmAdminSuffices === 'no';
  return authMode === 'oauth' && lacks ? 'PrivilegeMissing' : undefined;
}

/** ALM answers 400 to every record like this. */
function isRefused({ unknownRole, role, grants, secretLimit, password, clientIdLength }: Row): boolean {
  return (
    (unknownRole === '400' && role === 'unknown' && grants === 'client_credentials') ||
    (secretLimit === '400' && password === 'long') ||
    clientIdLength !== '0'
  );
}

function isReadable({ getItem = '' }: Row): boolean {
  return READABLE.includes(getItem);
}

/** Whether a login can show what ALM made of a secret. */
function isProvable({ grants, authMode }: Row): boolean {
  return grants === 'client_credentials' && authMode === 'oauth';
}

function proofOf(row: Row): string {
  if (row['grants'] !== 'client_credentials') return 'absent';
  return isProvable(row) ? 'True TokenIssued' : 'Unknown Unprovable';
}

/** Not ready for this reason, and ALM as it was. */
function held(reason: string, holds: 'nothing' | 'stranger' | 'declared', claim = 'none'): State {
  const opens = { nothing: 'nobody', stranger: 'stranger', declared: 'declared' }[holds];
  return { ready: `False ${reason}`, claim, holds, opens };
}

/**
 * The client was deleted at ALM, and a reconciliation asked for, which is a PUT. Undefined: it is there again. What ALM
 * took last is believed where its answer is no word about the client.
 */
function vanished(row: Row): State | undefined {
  const silent = (reason: string): State => ({
    ready: 'True Applied',
    synced: `Unknown ${reason}`,
    claim: 'Held Created',
    holds: 'nothing',
    opens: 'nobody',
  });
  if (row['putMissing'] === '500') return silent('AlmUnavailable');
  const isPage = row['putMissing'] === '404' && row['notFoundBody'] === 'html';
  return isPage ? silent('EndpointNotFound') : undefined;
}

/** This ALM takes a new secret and keeps the old one: found out where there is a way to find it out. */
function keptSecret(row: Row, opens: string): Partial<State> {
  if (!isProvable(row)) return { opens };
  return { opens, ready: 'False TokenRefused', verified: 'False TokenRefused' };
}

/** A revocation counts once ALM deleted the client, or once a login proved that it was made useless. */
function deleted(row: Row): State {
  if (row['revoke'] === 'delete' && row['delete'] === 'present')
    return { claim: 'none', holds: 'nothing', opens: 'nobody' };
  const overwritten = { holds: 'something else', opens: 'nobody' } as const;
  if (row['newSecret'] === 'ignored') return { ...overwritten, claim: 'Revoking Created', opens: 'former' };
  return { ...overwritten, claim: row['authMode'] === 'oauth' ? 'Revoked Created' : 'Revoking Created' };
}

type Policy = 'Never' | 'IfExists';

/** A stranger's client is there, under the declared id or under one that this ALM may take for it. */
function existing(row: Row, policy: Policy): State {
  const isOther = row['stranger'] === 'other-case' && row['clientIdCase'] === 'sensitive';
  const untouched = { stranger: 'untouched' } as const;
  const spared = (reason: string, claim?: string) => ({
    ...held(reason, isOther ? 'nothing' : 'stranger', claim),
    ...untouched,
  });
  const barrier = isOther ? barrierTo(row) : barrierToAll(row);
  if (barrier !== undefined) return spared(barrier);
  if (isOther) return { ...CREATED, ...untouched };
  const said = creationAt(row);
  if (said === 'overwritten') return isRefused(row) ? spared('RejectedByAlm') : takenOver(row, 'Created');
  if (said === 'AlmUnavailable') return spared('AlmUnavailable', 'Pending');
  if (policy === 'Never') return spared(said);
  return isRefused(row) ? spared('RejectedByAlm') : takenOver(row, 'Adopted');
}

/** What comes of asking for the creation of a client that is there: a GET tells, else ALM's answer to the POST. */
function creationAt(row: Row): 'AlreadyExists' | 'RejectedByAlm' | 'AlmUnavailable' | 'overwritten' {
  if (isReadable(row)) return 'AlreadyExists';
  switch (row['postExisting']) {
    case '409':
      return 'AlreadyExists';
    case '400':
      return 'RejectedByAlm';
    case '500':
      return row['serverErrorBody'] === 'envelope' ? 'RejectedByAlm' : 'AlmUnavailable';
    default:
      return 'overwritten';
  }
}

/** With consent; or without, where an ALM that cannot be read overwrites silently: nobody can tell that from a creation. */
function takenOver(row: Row, origin: 'Created' | 'Adopted'): State {
  return {
    ...CREATED,
    ready: origin === 'Adopted' ? 'True Adopted' : 'True Applied',
    claim: `Held ${origin}`,
    stranger: 'touched',
    ...(row['newSecret'] === 'ignored' && keptSecret(row, 'stranger')),
  };
}

/** What was found and taken over stays when its object goes. */
function released(_row: Row): State {
  return { claim: 'Retained Adopted', holds: 'declared', opens: 'declared' };
}

/** Not where the answer that is lost may be another one, or a login may ask a replica that knows nothing yet. */
function mayBeLost({ rateLimitPerSecond, replicas, replicaLag }: Row): boolean {
  return rateLimitPerSecond === '0' && (replicas === '1' || replicaLag === '0');
}

/** A login shows whose the client is. Where there are no logins it may be anybody's. */
function lost(row: Row): State {
  if (row['authMode'] === 'oauth') return CREATED;
  const said = creationAt(row);
  if (said === 'overwritten') return CREATED;
  return held(said, 'declared', said === 'AlmUnavailable' ? 'Pending' : 'none');
}
