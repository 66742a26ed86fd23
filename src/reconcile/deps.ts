import type { Lane } from '../alm/line.ts';
import type { Throttles } from '../alm/throttles.ts';
import type { AlmClientClaim } from '../api/almclientclaim.ts';
import type { AlmConnection } from '../api/almconnection.ts';
import type { ClientCredential } from '../api/clientcredential.ts';
import type { KubeClient } from '../kube/client.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Log } from '../kube/log.ts';
import type { StoreReader, StoreWriter } from '../kube/store.ts';
import type { KubeObject } from '../kube/types.ts';
import type { Sensitive } from '../sensitive.ts';
import type { Changes } from './changes.ts';
import type { Claims } from './claims.ts';
import type { Departures } from './departures.ts';
import type { Drifts } from './drifts.ts';
import type { Observer } from './observer.ts';
import type { Proofs } from './proofs.ts';
import type { ResyncTimers } from './resync.ts';
import type { SecretReader } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import type { ClaimQueue } from './waiting.ts';

/** Names of the indexes that the composition builds and the passes read. */
export const BY_CONNECTION = 'connection';
export const BY_SECRET = 'secret';
export const BY_OWNER = 'owner';
export const BY_CLIENT = 'client';
/** Secrets by the uid of the object that controls them. */
export const BY_CONTROLLER = 'controller';
export const BY_NAMESPACE = 'namespace';
export const BY_ENDPOINT = 'endpoint';

/** What a pass for a ClientCredential works with. */
export type CredentialDeps = Readonly<{
  operatorNamespace: string;
  defaultConnection: string;
  /** 0: on change only. */
  resyncIntervalMs: number;
  kube: KubeClient;
  credentials: StoreReader<ClientCredential> & Pick<StoreWriter<ClientCredential>, 'upsertIfNewer'>;
  connections: StoreReader<AlmConnection>;
  claims: StoreReader<AlmClientClaim>;
  secrets: StoreReader<KubeObject> & Pick<StoreWriter<KubeObject>, 'upsertIfNewer' | 'forget'>;
  /** Undefined where only named namespaces are watched: then nothing is known of their labels. */
  namespaces: StoreReader<KubeObject> | undefined;
  claimWriter: Claims;
  secretReader: SecretReader;
  sessions: Sessions;
  claimQueue: ClaimQueue;
  throttles: Throttles;
  /** The controller that the passes belong to. */
  lane: Lane;
  timers: ResyncTimers;
  drifts: Drifts;
  departures: Departures;
  proofs: Proofs;
  changes: Changes;
  observer: Observer;
  /** Whether Secrets may be written. */
  generatesSecrets: boolean;
  /** A secret of that many characters that nobody can guess. */
  newSecret: (length: number) => Sensitive;
  /** Asks for a new look at a connection, of which a pass has learnt something: at once, or in so many milliseconds. */
  probe: (connection: string, inMs?: number) => void;
  events: EventRecorder;
  log: Log;
  now: () => number;
  /** A number in [0, 1). */
  random: () => number;
}>;
