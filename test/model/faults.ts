import type { AlmClientClaim } from '../../src/api/almclientclaim.ts';
import type { ClientCredential } from '../../src/api/clientcredential.ts';
import { API_VERSION } from '../../src/api/group.ts';
import type { AlmClient, WriteAnswer } from '../../src/domain/record.ts';
import type { Claims } from '../../src/reconcile/claims.ts';
import { Departures } from '../../src/reconcile/departures.ts';
import { claimIn } from './claims.ts';
import { CLAIMS, type Cluster } from './cluster.ts';
import type { Composition } from './process.ts';
import { HOME } from './rules.ts';

/** Operators that do wrong, made by what is put between the operator and its surroundings. */
export const FAULTS: Readonly<Record<string, Composition>> = {
  'skips the claim': { claims: withoutClaims },
  'says Ready before ALM has answered': {
    alm: (client) => ({
      ...client,
      create: async (record, signal) => hasty(client.create(record, signal)),
      update: async (record, signal) => hasty(client.update(record, signal)),
    }),
  },
  'takes the 409 of a stranger for its own': {
    alm: (client) => ({
      ...client,
      create: async (record, signal) => {
        const said = await client.create(record, signal);
        return said.answer === 'exists' ? { answer: 'accepted' } : said;
      },
    }),
  },
  'revokes orphans': { departures: (noted, { cluster }) => new Missing(noted, cluster) },
  'takes every login after a write for a success': { alm: credulous },
  'skips the proof': { alm: (client) => ({ ...client, prove: async () => 'accepted' }) },
};

/** Honest about attempts whose answer was lost, and blind to what became of its own writes. */
function credulous(client: AlmClient): AlmClient {
  const written = new Set<string>();
  return {
    ...client,
    update: async (record, signal) => {
      const said = await client.update(record, signal);
      if (said.answer === 'accepted') written.add(record.clientId);
      return said;
    },
    prove: async (clientId, secret, signal) => {
      const said = await client.prove(clientId, secret, signal);
      return written.has(clientId) ? 'accepted' : said;
    },
  };
}

function hasty(answer: Promise<WriteAnswer>): WriteAnswer {
  answer.catch(() => undefined);
  return { answer: 'accepted' };
}

/** Claims that exist in memory alone. */
function withoutClaims(writer: Claims): Claims {
  return {
    ...writer,
    create: async (name, spec) => ({ ...HEAD, metadata: { ...HEAD.metadata, name }, spec }),
    change: async (claim, change, signal) =>
      claim.metadata.uid === HEAD.metadata.uid
        ? { ...claim, spec: { ...(claim.spec as object), ...change } }
        : writer.change(claim, change, signal),
  };
}

const HEAD: AlmClientClaim = {
  apiVersion: API_VERSION,
  kind: 'AlmClientClaim',
  metadata: { namespace: HOME, name: '', uid: 'none', resourceVersion: '1' },
};

/** Takes whoever is not there for somebody who was seen to go. */
class Missing extends Departures {
  readonly #noted: Departures;
  readonly #cluster: Cluster;

  constructor(noted: Departures, cluster: Cluster) {
    super(() => 0);
    this.#noted = noted;
    this.#cluster = cluster;
  }

  override noticedFor(uid: string): number {
    return this.#noted.noticedFor(uid);
  }

  override forget(uid: string): void {
    this.#noted.forget(uid);
  }

  override get(uid: string): ClientCredential | undefined {
    const claim = this.#cluster
      .list(CLAIMS)
      .map(claimIn)
      .find(({ owner }) => owner.uid === uid);
    if (claim === undefined) return undefined;
    const { namespace, name } = claim.owner;
    const metadata = { namespace, name, uid, resourceVersion: '1' };
    return {
      apiVersion: API_VERSION,
      kind: 'ClientCredential',
      metadata,
      spec: { clientId: claim.clientId },
    };
  }
}
