import { ALM_CLIENT_CLAIMS, type AlmClientClaim, claimSpec } from '../api/almclientclaim.ts';
import { API_VERSION } from '../api/group.ts';
import { parseSpec } from '../api/parse.ts';
import type { ClaimView, Origin, Owner } from '../domain/ownership.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Log } from '../kube/log.ts';
import type { StoreWriter } from '../kube/store.ts';
import { keyOf } from '../kube/types.ts';

/**
 * The claims of the operator's namespace: the write-ahead intent and the ownership record. Every change is a
 * compare-and-swap on uid and version, and its answer goes into the store at once.
 */
export type Claims = Readonly<{
  /** Writes down the intent; undefined where somebody else was faster. */
  create(name: string, view: ClaimView, signal: AbortSignal): Promise<AlmClientClaim | undefined>;
  /** Rejects with KubeError 409 where the claim is another by now. */
  change(claim: AlmClientClaim, change: ClaimChange, signal: AbortSignal): Promise<AlmClientClaim>;
  remove(claim: AlmClientClaim, signal: AbortSignal): Promise<void>;
  read(name: string, signal: AbortSignal): Promise<AlmClientClaim | undefined>;
}>;

/** What is null is taken away. */
export type ClaimChange = Readonly<{
  phase?: string;
  origin?: Origin | null;
  owner?: Owner;
  endpoint?: string;
  clientId?: string;
  rotation?: Readonly<{ last?: string | null; token?: string }>;
}>;

export function claimsIn(
  namespace: string,
  kube: KubeClient,
  store: Pick<StoreWriter<AlmClientClaim>, 'upsertIfNewer' | 'forget'>,
  log: Pick<Log, 'info'>,
): Claims {
  const remember = (claim: AlmClientClaim): AlmClientClaim => {
    store.upsertIfNewer(claim);
    return claim;
  };
  return {
    create: async (name, view, signal) => {
      const object = {
        apiVersion: API_VERSION,
        kind: 'AlmClientClaim',
        metadata: { name, namespace },
        spec: view,
      };
      try {
        const created = remember(await kube.create<AlmClientClaim>(ALM_CLIENT_CLAIMS, object, signal));
        log.info({ claim: name, clientId: view.clientId, phase: view.phase }, 'claim created');
        return created;
      } catch (error) {
        if (error instanceof KubeError && error.reason === 'AlreadyExists') return undefined;
        throw error;
      }
    },
    change: async (claim, spec, signal) => {
      const { name, uid, resourceVersion } = claim.metadata;
      const body = { metadata: { uid, resourceVersion }, spec };
      const patched = await kube.patch<AlmClientClaim>(
        ALM_CLIENT_CLAIMS,
        { namespace, name },
        { type: 'merge', body },
        signal,
      );
      const { clientId, phase: was, owner } = viewOf(claim);
      const { phase = was } = spec;
      const taken = spec.owner !== undefined && spec.owner.uid !== owner.uid;
      if (phase !== was || taken) log.info({ claim: name, clientId, was, phase, taken }, 'claim changed');
      return remember(patched);
    },
    remove: async (claim, signal) => {
      const { name, uid, resourceVersion } = claim.metadata;
      try {
        await kube.delete(ALM_CLIENT_CLAIMS, { namespace, name }, { uid, resourceVersion }, signal);
      } catch (error) {
        if (!(error instanceof KubeError) || error.status !== 404) throw error;
      }
      store.forget(keyOf({ namespace, name }), uid);
      log.info({ claim: name, clientId: viewOf(claim).clientId }, 'claim removed');
    },
    read: async (name, signal) => {
      try {
        return remember(await kube.get<AlmClientClaim>(ALM_CLIENT_CLAIMS, { namespace, name }, signal));
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return undefined;
        throw error;
      }
    },
  };
}

/** A claim that nobody can read (written by hand) belongs to nobody we know: its phase says so. */
export function viewOf(claim: AlmClientClaim): ClaimView {
  const parsed = parseSpec(claimSpec, claim.spec);
  if (!parsed.ok) {
    const nobody: Owner = { namespace: '', name: '', uid: '' };
    return {
      connection: '',
      endpoint: '',
      clientId: claim.metadata.name,
      owner: nobody,
      phase: 'Unreadable',
    };
  }
  const { connection, endpoint, clientId, owner, phase, origin, rotation } = parsed.value;
  const view = { connection, endpoint, clientId, owner, phase, ...(rotation !== undefined && { rotation }) };
  return origin === 'Created' || origin === 'Adopted' ? { ...view, origin } : view;
}
