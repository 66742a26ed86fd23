/** What stands behind the gate: an API server that can be restarted on its own data. */

import type { UpstreamOptions } from '../gate/upstream.ts';

export type Backend = Readonly<{
  /** For the output of a test run: what it is, and its version. */
  name: string;
  /** As administrator; the port outlives a restart. */
  access: UpstreamOptions;
  /** Whether it makes tokens of service accounts, and lets them do what roles say. */
  knowsAccounts: boolean;
  stop(): Promise<void>;
  /** After `stop`, on the same data. Resolves as soon as the port takes connections, which may be before it is ready. */
  start(): Promise<void>;
  /** Resolves once it answers as it should. */
  ready(): Promise<void>;
  /** Where it is a process of its own: stopped as it stands, so that the kernel answers and it does not. */
  freeze?(): void;
  thaw?(): void;
  /** Makes every version so far too old to be watched or listed from. May restart the server. */
  compact(): Promise<void>;
  /**
   * Ends namespaces and collects dependents from now on. To be called once the kinds are installed: the collector looks
   * for new ones only every half minute.
   */
  startControllers(): Promise<void>;
  /** Stops it for good and removes its data. */
  destroy(): Promise<void>;
}>;
