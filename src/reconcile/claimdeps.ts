import type { AlmClientClaim } from '../api/almclientclaim.ts';
import type { StoreReader, StoreWriter } from '../kube/store.ts';
import type { ObjectKey } from '../kube/types.ts';
import type { CredentialDeps } from './deps.ts';

/** What a pass for an AlmClientClaim works with. */
export type ClaimDeps = Pick<
  CredentialDeps,
  | 'operatorNamespace'
  | 'resyncIntervalMs'
  | 'kube'
  | 'credentials'
  | 'connections'
  | 'namespaces'
  | 'claimWriter'
  | 'secretReader'
  | 'sessions'
  | 'claimQueue'
  | 'throttles'
  | 'lane'
  | 'departures'
  | 'probe'
  | 'events'
  | 'log'
  | 'now'
  | 'random'
  | 'newSecret'
  | 'secrets'
  | 'generatesSecrets'
> &
  Readonly<{
    claims: StoreReader<AlmClientClaim> & Pick<StoreWriter<AlmClientClaim>, 'upsertIfNewer'>;
    /** Whether the operator sees the ClientCredentials of this namespace. */
    watches: (namespace: string) => boolean;
    /** Puts a claim's key back into the queue of its own controller; the same function at each call. */
    enqueue: (key: ObjectKey) => void;
  }>;
