import { ROTATE } from '../../src/api/group.ts';
import type { Stored } from './cluster.ts';
import { HOUR, NAMESPACE, TEAM, want } from './manifests.ts';
import { World } from './world.ts';

/** A world in which the operator makes the secret of the client. */

export const GENERATED = { name: 'orders-login' };

type Change = Readonly<Record<string, unknown>>;

export class Making extends World {
  verification = 'OnChange';
  #spec: Change = { clientSecretRef: undefined, generatedSecret: GENERATED };
  #annotations: Readonly<Record<string, string>> = {};

  constructor() {
    super();
    this.settings.generates = true;
    this.reconfigure();
    this.connect();
  }

  override applyConnection(change: Change = {}, name = 'default'): Stored {
    return super.applyConnection({ verification: this.verification, ...change }, name);
  }

  /** kubectl apply of the object: what was declared stays, but for what is named. */
  declare(change: Change = {}, annotations: Readonly<Record<string, string>> = {}): void {
    this.#spec = { ...this.#spec, ...change };
    this.#annotations = { ...this.#annotations, ...annotations };
    this.apply(this.#spec, { annotations: this.#annotations });
  }

  generate(change: Change = {}): void {
    this.declare({ clientSecretRef: undefined, generatedSecret: { ...GENERATED, ...change } });
  }

  refer(name: string): void {
    this.declare({ clientSecretRef: { name }, generatedSecret: undefined });
  }

  ask(token: string): void {
    this.declare({}, { [ROTATE]: token });
  }

  /** The Secret that applications mount. */
  published(name = GENERATED.name): Stored | undefined {
    return this.cluster.one('secrets', name);
  }

  /** What stands under a key of it. */
  text(key = 'clientSecret', name = GENERATED.name): string | undefined {
    return textIn(this.published(name), key);
  }

  staged(): readonly Stored[] {
    return this.cluster.of('secrets').filter(({ metadata }) => metadata.namespace === NAMESPACE);
  }

  /** By hand: the members of `data` are merged, and one of null goes. */
  edit(data: Readonly<Record<string, string | null>>, labels = {}, name = GENERATED.name): void {
    const object = this.published(name) as (Stored & { data?: Record<string, string> }) | undefined;
    if (object === undefined) return;
    const next: Record<string, string> = { ...object.data };
    for (const [key, value] of Object.entries(data)) {
      if (value === null) delete next[key];
      else next[key] = Buffer.from(value).toString('base64');
    }
    const metadata = { ...object.metadata, labels: { ...object.metadata.labels, ...labels } };
    this.cluster.put('secrets', { ...object, metadata, data: next });
  }

  remove(name = GENERATED.name): void {
    this.cluster.drop('secrets', { namespace: TEAM, name });
  }

  /** Whether whoever mounts the published Secret can log in. */
  logsIn(name = GENERATED.name): boolean {
    const secret = this.text('clientSecret', name);
    return secret !== undefined && this.alm.clients.get(want.clientId)?.secret === secret;
  }

  rotation(): Readonly<{ last?: string; token?: string }> | undefined {
    return this.claim()?.['rotation'] as Readonly<{ last?: string; token?: string }> | undefined;
  }

  /** Passes until nothing more is done, each as late as the one before it said. */
  async settle(limit = 12): Promise<void> {
    for (let pass = 0; pass < limit; pass += 1) {
      const steps = await this.pass();
      if (steps === '' && this.thrown === undefined) return;
      this.nowMs += this.outcome?.then === 'retryAfter' ? this.outcome.ms : 1_000;
    }
  }

  told(): readonly string[] {
    return this.events.map(({ reason, note }) => `${reason}: ${note}`);
  }
}

export function textIn(object: Stored | undefined, key: string): string | undefined {
  const { data = {} } = (object ?? {}) as { data?: Readonly<Record<string, string>> };
  const encoded = data[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
}

/** A world in which the first secret was published; `change` is of spec.generatedSecret. */
export async function made(change: Change = {}): Promise<Making> {
  const world = new Making();
  world.generate(change);
  await world.settle();
  world.nowMs += HOUR / 60;
  return world;
}
