/** One ClientCredential in a story: what is declared through kubectl, and what then shows there and at ALM. */

import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { AlmRecord, ClientSeed } from '../../support/alm/clients.ts';
import type { AlmSim } from '../../support/alm/server.ts';
import { secretText } from '../../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import type { Api } from '../../support/kubectl/client.ts';
import { conditionOf, type Live } from '../../support/kubectl/objects.ts';
import { credential, secret } from '../../support/samples.ts';
import type { End } from './ends.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Where a story plays. */
export type Place = Readonly<{
  api: Api;
  /** The owners' claims by client id. */
  claims: () => Promise<ReadonlyMap<string, Live>>;
  alm: AlmSim;
  namespace: string;
  connection: string;
  strangerId: (clientId: string) => string;
}>;

/** Longer than the half minute in which a refused login may still succeed. */
const PATIENCE_MS = 50_000;

const MOMENT_MS = 2_000;
export const STRANGERS_SECRET = secretText('stranger');

function strangers(clientId: string): ClientSeed {
  return {
    clientId,
    clientSecret: STRANGERS_SECRET,
    authorisedGrantTypes: ['client_credentials', 'password'],
    accessTokenValidity: 77,
    refreshTokenValidity: 88,
    roles: ['BehaviourScenarioExecute'],
  };
}

export class Subject {
  readonly clientId: string;
  readonly #place: Place;
  readonly #name: string;
  #stranger: ClientSeed | undefined;
  #spec: Fields = {};
  #passwords: readonly string[] = [];
  #generation = 0;
  #secretVersion = '';
  #token: string | undefined;
  #since = 0;

  constructor(place: Place, name: string) {
    this.#place = place;
    this.#name = name;
    this.clientId = `${place.namespace}_${name}`;
  }

  /** A client that somebody else made, or made of ours. */
  usurp(clientId: string): ClientSeed {
    const seed = strangers(clientId);
    this.#place.alm.state.set(seed);
    return seed;
  }

  /** The record of our own client is changed past the API; its secret stays. */
  drift(): void {
    const { clientSecret: _kept, ...record } = strangers(this.clientId);
    this.#place.alm.state.set(record);
  }

  preempt(): void {
    this.#stranger = this.usurp(this.#place.strangerId(this.clientId));
  }

  /** What ALM does from here on belongs to a new chapter. */
  turn(): void {
    this.#since = this.#place.alm.log.length;
  }

  async declare(spec: Fields, password: string): Promise<void> {
    const { api, namespace, connection } = this.#place;
    this.#spec = spec;
    this.#passwords = [password, ...this.#passwords];
    const [kept] = await api.apply(secret(namespace, this.#name, { clientSecret: password }));
    this.#secretVersion = kept?.metadata.resourceVersion ?? '';
    const [object] = await api.apply(
      credential(namespace, this.#name, { connectionRef: { name: connection }, ...spec }),
    );
    this.#generation = object?.metadata.generation ?? 0;
  }

  /** What `flux reconcile` does. */
  async ask(token: string): Promise<void> {
    this.#token = token;
    const { api, namespace } = this.#place;
    const metadata = { annotations: { 'reconcile.fluxcd.io/requestedAt': token } };
    await api.patch('ClientCredential', namespace, this.#name, { type: 'merge', body: { metadata } });
  }

  /** Waits until kubectl shows what is expected, and tells how it really ended if it never did. */
  async settle(expected: End, ways: readonly string[] = []): Promise<End> {
    const { ready, synced } = expected;
    const { api, namespace } = this.#place;
    const shown = (object: Live) =>
      this.#shown(object, 'Ready') === ready &&
      (this.#shown(object, 'Synced') === synced || ways.includes('synced'));
    const patience = { what: `${ready} and ${synced}`, timeoutMs: PATIENCE_MS };
    await api.waitFor('ClientCredential', namespace, this.#name, shown, patience).catch(() => undefined);
    // A pass that looks again holds its claim while it asks.
    const forgiven = Object.fromEntries(ways.map((way) => [way, expected[way as keyof End]]));
    let end = await this.end();
    const isSettled = async () => {
      end = await this.end();
      return isDeepStrictEqual({ ...end, ...forgiven }, expected);
    };
    await expect
      .poll(isSettled, { timeout: MOMENT_MS })
      .toBe(true)
      .catch(() => undefined);
    return end;
  }

  /** Waits for this Ready, and for that Synced; without one, a Ready that is True has to rest on ALM's last answer. */
  async reach(ready: string, synced?: string): Promise<void> {
    const { api, namespace } = this.#place;
    const rests = (object: Live) => {
      const found = this.#shown(object, 'Synced');
      if (synced !== undefined) return found === synced;
      return !ready.startsWith('True') || found.startsWith('True');
    };
    const shown = (object: Live) => this.#shown(object, 'Ready') === ready && rests(object);
    const patience = { what: ready, timeoutMs: PATIENCE_MS };
    await api.waitFor('ClientCredential', namespace, this.#name, shown, patience).catch(() => undefined);
  }

  async end(): Promise<End> {
    const { api, namespace, alm, claims } = this.#place;
    const object = await api.get('ClientCredential', namespace, this.#name);
    const claim = (await claims()).get(this.clientId)?.spec;
    const { id, record } = this.#found();
    return {
      ready: this.#shown(object, 'Ready'),
      synced: this.#shown(object, 'Synced'),
      claim: claim === undefined ? 'none' : [claim['phase'], claim['origin']].filter(Boolean).join(' '),
      holds: this.#whose(record),
      opens: this.#opening(alm, id),
      did: this.did(),
      stranger: this.#strangersFate(),
    };
  }

  /** The condition of this type, or `absent`. */
  async shown(type: string): Promise<string> {
    const { api, namespace } = this.#place;
    return this.#shown(await api.get('ClientCredential', namespace, this.#name), type);
  }

  /** Somebody puts back at ALM what was there. */
  restore(): void {
    const [clientSecret = ''] = this.#passwords;
    this.#place.alm.state.set({ clientId: this.clientId, clientSecret, ...this.#declared() });
  }

  /** Deletes the object, and waits until its claim says what it is to say. */
  async remove(claim: string): Promise<Pick<End, 'claim' | 'holds' | 'opens'>> {
    const { api, namespace, alm } = this.#place;
    const patience = { what: 'its end', timeoutMs: PATIENCE_MS };
    await api.delete('ClientCredential', namespace, this.#name);
    await api.waitGone('ClientCredential', namespace, this.#name, patience);
    const said = (found: readonly Live[]) => this.#saidBy(found) === claim;
    await api
      .waitForAll('AlmClientClaim', OPERATOR_NAMESPACE, said, { ...patience, what: claim })
      .catch(() => undefined);
    const { id, record } = this.#found();
    return {
      claim: this.#saidBy(await api.list('AlmClientClaim', OPERATOR_NAMESPACE)),
      holds: this.#whose(record),
      opens: this.#opening(alm, id),
    };
  }

  #saidBy(claims: readonly Live[]): string {
    const spec = claims.find((claim) => claim.spec?.['clientId'] === this.clientId)?.spec;
    return spec === undefined ? 'none' : [spec['phase'], spec['origin']].filter(Boolean).join(' ');
  }

  #opening(alm: AlmSim, id: string): string {
    const keys = this.#keys().filter(([, password]) => alm.matches(id, password));
    return keys.map(([whose]) => whose).join(', ') || 'nobody';
  }

  async version(): Promise<string> {
    const { api, namespace } = this.#place;
    return (await api.get('ClientCredential', namespace, this.#name)).metadata.resourceVersion;
  }

  /** Marked where it speaks of something older than what was asked for last. */
  #shown(object: Live, type: string): string {
    const condition = conditionOf(object, type);
    if (condition === undefined) return 'absent';
    const { status, reason, observedGeneration } = condition;
    const now = observedGeneration === this.#generation && this.#isHandled(object);
    return `${status} ${reason}${now ? '' : ' of before'}`;
  }

  /** Only a success says which Secret it speaks of, and which request. */
  #isHandled({ status }: Live): boolean {
    const synced = status?.conditions?.find(({ type }) => type === 'Synced');
    if (synced?.status !== 'True') return true;
    const applied = JSON.stringify(status?.['applied'] ?? {});
    const isAsked = this.#token === undefined || status?.['lastHandledReconcileAt'] === this.#token;
    return isAsked && applied.includes(`"resourceVersion":"${this.#secretVersion}"`);
  }

  #found(): Readonly<{ id: string; record: AlmRecord | undefined }> {
    const { alm, strangerId } = this.#place;
    const own = alm.state.get(this.clientId);
    const other = strangerId(this.clientId);
    if (own !== undefined || alm.knobs.clientIdCase === 'sensitive')
      return { id: this.clientId, record: own };
    return { id: other, record: alm.state.get(other) };
  }

  #keys(): readonly (readonly [whose: string, password: string])[] {
    const [declared = '', former = declared] = this.#passwords;
    const others = [
      ['former', former],
      ['stranger', STRANGERS_SECRET],
    ] as const;
    return [['declared', declared], ...others.filter(([, password]) => password !== declared)];
  }

  #whose(record: AlmRecord | undefined): End['holds'] {
    if (record === undefined) return 'nothing';
    if (same(record, this.#declared())) return 'declared';
    return this.#stranger !== undefined && same(record, this.#stranger) ? 'stranger' : 'something else';
  }

  #declared(): Omit<AlmRecord, 'clientId'> {
    const { authorisedGrantTypes, accessTokenValidity, roles } = this.#spec;
    return {
      authorisedGrantTypes: (authorisedGrantTypes as string[] | undefined) ?? ['client_credentials'],
      accessTokenValidity: (accessTokenValidity as number | undefined) ?? 1200,
      refreshTokenValidity: 30_600,
      roles: (roles as string[] | undefined) ?? [],
    };
  }

  did(): string {
    const requests = this.#place.alm.log.slice(this.#since);
    const wrote = requests.flatMap(({ clientId, wrote }) =>
      clientId === this.clientId ? (wrote ?? []) : [],
    );
    return [...new Set(wrote)].join(', ') || 'nothing';
  }

  #strangersFate(): End['stranger'] {
    if (this.#stranger === undefined) return 'none';
    const { clientId } = this.#stranger;
    const { alm } = this.#place;
    const record = alm.state.get(clientId);
    const unchanged = record !== undefined && same(record, this.#stranger);
    return unchanged && alm.matches(clientId, STRANGERS_SECRET) ? 'untouched' : 'touched';
  }
}

function same(a: Omit<AlmRecord, 'clientId'>, b: Omit<AlmRecord, 'clientId'>): boolean {
  return canonical(a) === canonical(b);
}

function canonical(record: Omit<AlmRecord, 'clientId'>): string {
  const { authorisedGrantTypes, accessTokenValidity, refreshTokenValidity, roles } = record;
  return JSON.stringify([
    [...authorisedGrantTypes].sort(),
    accessTokenValidity,
    refreshTokenValidity,
    [...roles].sort(),
  ]);
}
