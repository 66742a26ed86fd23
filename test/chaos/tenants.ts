/** What tenants do to their objects, and what they remember of it: all that they ever declared. */

import { setTimeout as sleep } from 'node:timers/promises';
import { secretText } from '../support/canary.ts';
import type { Api } from '../support/kubectl/client.ts';
import { ApiError } from '../support/kubectl/http.ts';
import type { Live } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import { ROTATE } from '../system/generating.ts';
import type { Act } from './deeds.ts';
import { nameOf, SLOTS, type Slot } from './slots.ts';

/** A deletion, with the policy that the object had; `applied`: its status said that ALM had taken it. */
export type Deleted = Readonly<{ policy: unknown; applied: boolean }>;

export type Memory = Readonly<{
  /** Every record, as `recordText` has it. */
  records: Set<string>;
  passwords: Set<string>;
  deletions: Deleted[];
}>;

type Fields = Readonly<Record<string, unknown>>;

export const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';
const KEYS = ['clientSecret', 'spare'] as const;
const PAUSE_MS = 150;
const LIMIT_MS = 60_000;

export class Tenants {
  readonly memories: ReadonlyMap<string, Memory>;
  readonly #api: Api;
  readonly #turns = new Map<string, Promise<void>>();
  readonly problems: string[] = [];
  done = 0;
  #count = 0;

  constructor(api: Api) {
    this.#api = api;
    this.memories = new Map(
      SLOTS.map((slot) => [nameOf(slot), { records: new Set(), passwords: new Set(), deletions: [] }]),
    );
  }

  /** In turn with whatever else is done to the same object. */
  does(slot: Slot, act: Act): void {
    const name = nameOf(slot);
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => this.#insist(slot, act));
    this.#turns.set(name, turn);
  }

  async rest(): Promise<void> {
    await Promise.all(this.#turns.values());
  }

  memory(slot: Slot): Memory {
    return this.memories.get(nameOf(slot)) as Memory;
  }

  /** A password that was generated for them. */
  learn(slot: Slot, secret: Live | undefined): void {
    const value = slot.sort === 'made' ? secret?.data?.[KEYS[0]] : undefined;
    if (value !== undefined) this.memory(slot).passwords.add(Buffer.from(value, 'base64').toString());
  }

  find(kind: string, { namespace, name }: Slot): Promise<Live | undefined> {
    return this.#api.get<Live>(kind, namespace, name).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  /** Again and again while the API server is away. What it refuses for good was not to be done. */
  async #insist(slot: Slot, act: Act): Promise<void> {
    for (const deadline = Date.now() + LIMIT_MS; ; await sleep(PAUSE_MS)) {
      try {
        await this.#perform(slot, act);
        this.done += 1;
        return;
      } catch (error) {
        if (error instanceof ApiError && [404, 409].includes(error.status)) return;
        if (Date.now() < deadline && !(error instanceof ApiError && error.status === 422)) continue;
        this.problems.push(`${nameOf(slot)}: nobody could ${act.act}: ${String(error)}`);
        return;
      }
    }
  }

  async #perform(slot: Slot, act: Act): Promise<void> {
    const live = await this.find('ClientCredential', slot);
    if (act.act === 'declare') {
      if (live === undefined) await this.#declare(slot, act);
      return;
    }
    if (live === undefined || live.metadata.deletionTimestamp !== undefined) return;
    switch (act.act) {
      case 'delete':
        return this.#delete(slot, live);
      case 'rotate':
        return slot.sort === 'made' ? this.#annotate(slot, ROTATE) : this.#changePassword(slot, live);
      case 'key':
        return this.#renameKey(slot, live);
      case 'request':
        return this.#annotate(slot, REQUESTED_AT);
      case 'labelObject':
        return this.#patch('ClientCredential', slot, { metadata: { labels: { seen: this.#next() } } });
      case 'labelSecret':
        return this.#patch('Secret', slot, { metadata: { labels: { seen: this.#next() } } });
      case 'replaceSecret':
        return this.#replaceSecret(slot);
      default:
        return this.#edit(slot, live, changeOf(slot, act));
    }
  }

  async #declare(
    slot: Slot,
    { adoption, deletion, validity }: Extract<Act, { act: 'declare' }>,
  ): Promise<void> {
    const { namespace, name, sort } = slot;
    const manifest = credential(namespace, name, { accessTokenValidity: validity });
    const { clientSecretRef, authorisedGrantTypes, ...rest } = manifest['spec'] as Fields;
    if (sort !== 'made') await this.#haveSecret(slot);
    const policy = sort === 'people' || sort === 'made' ? null : adoption;
    const adoptionPolicy = sort === 'people' ? 'IfExists' : policy;
    const spec = {
      ...rest,
      authorisedGrantTypes: sort === 'people' ? ['password', 'refresh_token'] : authorisedGrantTypes,
      ...(sort === 'made' ? { generatedSecret: { name } } : { clientSecretRef }),
      ...(adoptionPolicy !== null && { adoptionPolicy }),
      ...(deletion !== null && { deletionPolicy: deletion }),
    };
    this.memory(slot).records.add(recordText(spec));
    await this.#api.create({ ...manifest, spec });
  }

  async #haveSecret(slot: Slot): Promise<void> {
    const { namespace, name } = slot;
    if ((await this.find('Secret', slot)) !== undefined) return;
    const values = this.#passwords(slot);
    await this.#api.create(secret(namespace, name, values));
  }

  /** One under either key. */
  #passwords(slot: Slot): Readonly<Record<string, string>> {
    const { passwords } = this.memory(slot);
    const made = KEYS.map((key) => [key, secretText(`${slot.clientId}-${key}-${this.#next()}`)] as const);
    for (const [, password] of made) passwords.add(password);
    return Object.fromEntries(made);
  }

  /** Only once ALM has taken a password: whose an unanswered creation was can be told by the very same one alone. */
  async #changePassword(slot: Slot, live: Live): Promise<void> {
    if (live.status?.['applied'] === undefined) return;
    await this.#patch('Secret', slot, { stringData: this.#passwords(slot) });
  }

  async #renameKey(slot: Slot, live: Live): Promise<void> {
    if (slot.sort === 'made' || live.status?.['applied'] === undefined) return;
    const { key = KEYS[0] } = (live.spec?.['clientSecretRef'] ?? {}) as { key?: string };
    await this.#edit(slot, live, {
      clientSecretRef: { name: slot.name, key: KEYS.find((one) => one !== key) },
    });
  }

  /** Within a moment, and with the same passwords; a generated one comes back with another. */
  async #replaceSecret(slot: Slot): Promise<void> {
    const found = await this.find('Secret', slot);
    if (found === undefined) return;
    await this.#api.delete('Secret', slot.namespace, slot.name);
    if (slot.sort === 'made') return;
    const { namespace, name } = slot;
    const again = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data: found.data };
    for (;;) {
      try {
        await this.#api.create(again);
        return;
      } catch (error) {
        if (error instanceof ApiError && error.status === 409) return;
        await sleep(PAUSE_MS);
      }
    }
  }

  async #delete(slot: Slot, live: Live): Promise<void> {
    const { deletions } = this.memory(slot);
    deletions.push({
      policy: live.spec?.['deletionPolicy'],
      applied: live.status?.['applied'] !== undefined,
    });
    await this.#api.delete('ClientCredential', slot.namespace, slot.name);
  }

  async #edit(slot: Slot, { spec }: Live, change: Fields): Promise<void> {
    this.memory(slot).records.add(recordText({ ...spec, ...change }));
    await this.#patch('ClientCredential', slot, { spec: change });
  }

  #annotate(slot: Slot, annotation: string): Promise<void> {
    return this.#patch('ClientCredential', slot, {
      metadata: { annotations: { [annotation]: this.#next() } },
    });
  }

  async #patch(kind: string, { namespace, name }: Slot, body: Fields): Promise<void> {
    await this.#api.patch(kind, namespace, name, { type: 'merge', body });
  }

  #next(): string {
    this.#count += 1;
    return `n${this.#count}`;
  }
}

function changeOf({ sort }: Slot, act: Act): Fields {
  switch (act.act) {
    case 'validity':
      return { accessTokenValidity: act.validity };
    case 'suspend':
      return { suspend: act.on };
    case 'roles':
      return sort === 'people' ? {} : { roles: act.on ? ['Portal', 'ReadOnly'] : null };
    case 'deletion':
      return { deletionPolicy: act.deletion };
    case 'adoption':
      return sort === 'people' || sort === 'made' ? {} : { adoptionPolicy: act.adoption };
    default:
      return {};
  }
}

/** What a spec or ALM says of the client, with what is left out resolved; the order of sets does not count. */
export function recordText(of: Fields): string {
  const { authorisedGrantTypes, roles, accessTokenValidity, refreshTokenValidity } = of;
  const set = (value: unknown) => [...((value as readonly string[] | null | undefined) ?? [])].sort();
  return JSON.stringify([
    set(authorisedGrantTypes),
    set(roles),
    accessTokenValidity ?? 1200,
    refreshTokenValidity ?? 30_600,
  ]);
}
