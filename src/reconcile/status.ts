import { isDeepStrictEqual } from 'node:util';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { StoreWriter } from '../kube/store.ts';
import type { KubeObject, Resource } from '../kube/types.ts';

const ATTEMPTS = 4;

type WithStatus = KubeObject & Readonly<{ status?: unknown }>;

/**
 * Writes a status if it differs from the one that `object` carries, as one PUT with uid and version. Where the object
 * has moved on meanwhile (a label, a spec edit) the status is still true of the generation that it names and is put
 * on the newer version; where the object is gone or another of the same name, there is nothing to say.
 * True where something was written.
 */
export async function writeStatus<T extends WithStatus>(
  kube: KubeClient,
  resource: Resource,
  object: T,
  status: unknown,
  store: Pick<StoreWriter<T>, 'upsertIfNewer'>,
  signal: AbortSignal,
): Promise<boolean> {
  let latest = object;
  for (let attempt = 1; !isDeepStrictEqual(plain(latest.status), plain(status)); attempt += 1) {
    try {
      const { apiVersion, kind } = latest;
      const { name, namespace, uid, resourceVersion } = latest.metadata;
      const metadata = { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion };
      const body = { apiVersion, kind, metadata, status };
      store.upsertIfNewer(await kube.replaceStatus<T>(resource, body, signal));
      return true;
    } catch (error) {
      const current = isConflict(error) ? await currentOf(kube, resource, latest, signal) : undefined;
      if (current === 'gone') return false;
      if (current === undefined || attempt === ATTEMPTS) throw error;
      latest = current;
    }
  }
  return false;
}

/** Some servers answer 409 for an object that is gone, some 404. */
function isConflict(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 409 || error.status === 404);
}

async function currentOf<T extends KubeObject>(
  kube: KubeClient,
  resource: Resource,
  { metadata }: T,
  signal: AbortSignal,
): Promise<T | 'gone'> {
  const { name, namespace, uid } = metadata;
  try {
    const ref = namespace === undefined ? { name } : { namespace, name };
    const current = await kube.get<T>(resource, ref, signal);
    return current.metadata.uid === uid ? current : 'gone';
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return 'gone';
    throw error;
  }
}

/** As it looks after a trip over the wire: members that are undefined are absent. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
