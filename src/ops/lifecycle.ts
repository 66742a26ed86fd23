/**
 * The order in which the parts of a running operator begin and end.
 *
 *   start ─▶ stores follow the API server ──(lease won, or none wanted)──▶ controllers work
 *   stop  ─▶ intake ends, passes end ─▶ events sent ─▶ lease released ─▶ stores and connections end
 *   lost  ─▶ passes aborted, at once
 */

import type { Controller } from '../kube/controller.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { Elector } from '../kube/lease.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Transport } from '../kube/transport.ts';

export type Lifecycle = Readonly<{
  start(): void;
  /** Fires where the lease was lost; all passes are aborted by then. */
  lost: AbortSignal;
  /** The lease is renewed, and the stores are kept up to date, until the last pass has ended. Bounded. */
  stop(): Promise<void>;
  /** Cuts everything, without a word to anybody. */
  abandon(): Promise<void>;
}>;

export type Parts = Readonly<{
  stores: Readonly<{ reflectors: readonly Pick<Reflector, 'run'>[] }>;
  controllers: readonly Controller[];
  throttles: Readonly<{ stop(): void }>;
  events: Pick<EventRecorder, 'stop'>;
  /** Undefined: this is the only replica. */
  elector: Elector | undefined;
  transports: readonly Pick<Transport, 'close'>[];
  /** Called when the lease is won. */
  won?: () => void;
}>;

export function createLifecycle(parts: Parts): Lifecycle {
  const { stores, controllers, throttles, events, elector, transports, won } = parts;
  const watching = new AbortController();
  const electing = new AbortController();
  const lost = elector?.lost ?? new AbortController().signal;
  let reflecting: Promise<unknown> = Promise.resolve();
  let campaign = Promise.resolve();
  let stopping = false;
  const work = () => {
    if (elector !== undefined) won?.();
    if (stopping) return;
    for (const controller of controllers) controller.start();
  };
  lost.addEventListener('abort', () => {
    for (const controller of controllers) controller.abort(lost.reason);
  });
  const cut = async () => {
    throttles.stop();
    watching.abort();
    await reflecting;
    await Promise.all(transports.map((transport) => transport.close()));
  };
  return {
    start: () => {
      reflecting = Promise.all(stores.reflectors.map((reflector) => reflector.run(watching.signal)));
      if (elector === undefined) work();
      else campaign = elector.run(work, electing.signal);
    },
    lost,
    stop: async () => {
      stopping = true;
      await Promise.all(controllers.map((controller) => controller.stop()));
      await events.stop();
      electing.abort();
      await campaign;
      await elector?.release();
      await cut();
    },
    abandon: cut,
  };
}
