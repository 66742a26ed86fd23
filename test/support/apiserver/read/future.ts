/** Reads at a version that has not come yet wait for it a little, as the server does. */

import { futureVersion } from '../status.ts';
import type { World } from '../world.ts';

/** Resolves once the storage has reached the version or the time is up; rejects with the signal's reason. */
export function reached(world: World, version: number, ms: number, signal: AbortSignal): Promise<void> {
  if (world.storage.version >= version) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', abandon);
      settle();
    };
    const abandon = () => end(() => reject(signal.reason));
    const timer = setTimeout(() => end(resolve), ms);
    const unsubscribe = world.storage.subscribe((change) => {
      if (change.version >= version) end(resolve);
    });
    signal.addEventListener('abort', abandon);
  });
}

/** Throws 504 where the version has not come in time. */
export async function awaitVersion(world: World, version: number | undefined, signal: AbortSignal) {
  if (version === undefined || world.storage.version >= version) return;
  await reached(world, version, world.futureWaitMs, signal);
  if (world.storage.version < version) throw futureVersion(version, world.storage.version);
}
