import type { ClientCredential } from '../../src/api/clientcredential.ts';
import type { ClaimView } from '../../src/domain/ownership.ts';
import type { Outcome } from '../../src/kube/outcome.ts';
import type { Condition } from '../../src/kube/types.ts';
import { claimReconciler } from '../../src/reconcile/claim.ts';
import type { ClaimDeps } from '../../src/reconcile/claimdeps.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { secretText } from '../support/canary.ts';
import type { Stored } from './cluster.ts';
import { NAMESPACE, PASSWORD, TEAM, want } from './manifests.ts';
import { claimNameOf, World } from './world.ts';

/** A world with passes for claims besides those for credentials. */
export class ClaimWorld extends World {
  /** Keys that a claim's pass asked to have back. */
  readonly again: string[] = [];
  /** The secrets that overwrites were made with, in order. */
  readonly thrownAway: string[] = [];
  watched: (namespace: string) => boolean = () => true;
  claimOutcome: Outcome | undefined;
  #claims = claimReconciler(this.claimDeps());

  /** A client that ALM holds and that its deleted object left on a claim. */
  static revoking(change: Partial<ClaimView> = {}, readable = false): ClaimWorld {
    const world = new ClaimWorld();
    world.connect(readable);
    world.alm.clients.set('orders', { record: want, secret: PASSWORD });
    world.putClaim({ phase: 'Revoking', origin: 'Created', ...change });
    return world;
  }

  /** An object that ALM holds the client of. */
  static async held(change: Readonly<Record<string, unknown>> = {}): Promise<ClaimWorld> {
    const world = new ClaimWorld();
    world.connect();
    world.applySecret();
    world.apply(change);
    await world.pass();
    return world;
  }

  claimDeps(): ClaimDeps {
    const deps = this.deps();
    return {
      ...deps,
      claims: deps.claims as ClaimDeps['claims'],
      watches: (namespace) => this.watched(namespace),
      lane: { name: 'almclientclaim', workers: 8, wake: (key) => this.again.push(key) },
      enqueue: (key) => this.again.push(key),
      newSecret: () => {
        const secret = secretText(`thrown-away-${this.thrownAway.length}`);
        this.thrownAway.push(secret);
        return new Sensitive(secret);
      },
    };
  }

  /** A pass of the claim, on stores that are up to date. Answers its steps. */
  async claimPass(): Promise<string> {
    this.sync();
    return this.claimPassOnStale();
  }

  async claimPassOnStale(): Promise<string> {
    const begin = this.cluster.steps.length;
    this.claimOutcome = undefined;
    this.thrown = undefined;
    try {
      this.claimOutcome = await this.#claims(this.claimKey(), new AbortController().signal);
    } catch (error) {
      this.thrown = error;
    }
    return this.cluster.steps.slice(begin).join(' → ');
  }

  /** As much as the claim's queue would do, without its waits. */
  async untilDone(): Promise<void> {
    for (let pass = 0; pass < 12 && this.phase() === 'Revoking'; pass += 1) await this.claimPass();
  }

  /** Everything in memory is lost; ALM and cluster stay. */
  restartClaims(readable = false): void {
    this.restart(readable);
    this.reconfigureClaims();
  }

  /** After the settings were changed. */
  reconfigureClaims(): void {
    this.#claims = claimReconciler(this.claimDeps());
  }

  claimKey(): string {
    return `${NAMESPACE}/${claimNameOf(this)}`;
  }

  putClaim(change: Readonly<Record<string, unknown>>): Stored {
    const name = claimNameOf(this);
    const view = {
      connection: 'default',
      endpoint: 'https://alm',
      clientId: 'orders',
      owner: { namespace: TEAM, name: 'orders', uid: 'uid-of-the-past' },
    };
    return this.cluster.put('almclientclaims', {
      apiVersion: 'alm-operator.dev/v1beta1',
      kind: 'AlmClientClaim',
      metadata: { namespace: NAMESPACE, name },
      spec: { ...view, ...this.claim(), ...change },
    });
  }

  /** Deletes the object past its finalizer; the watch tells of it. */
  strip(): void {
    const object = this.cluster.one('clientcredentials', 'orders') as unknown as ClientCredential;
    this.cluster.objects.delete(`clientcredentials/${TEAM}/orders`);
    this.departures.note(object);
  }

  phase(): unknown {
    return this.claim()?.['phase'];
  }

  /** `Type=Status/Reason` of each condition of the claim. */
  told(): string {
    return this.#conditions()
      .map(({ type, status, reason }) => `${type}=${status}/${reason}`)
      .join(' ');
  }

  message(): string | undefined {
    return this.#conditions()[0]?.message;
  }

  #conditions(): readonly Condition[] {
    const status = this.cluster.of('almclientclaims')[0]?.status as { conditions?: Condition[] } | undefined;
    return status?.conditions ?? [];
  }

  /** Reasons of the events about claims. */
  claimEvents(): readonly string[] {
    return this.events
      .filter(({ regarding }) => regarding.kind === 'AlmClientClaim')
      .map(({ type, reason }) => `${type} ${reason}`);
  }

  /** Whether the password of the deleted object still logs in. */
  stillWorks(): boolean {
    return this.alm.clients.get('orders')?.secret === PASSWORD;
  }
}
