/** Which kinds are served, by the words of a path. CRDs come and go while the server runs. */

import type { ApiObject } from '../objects.ts';
import { coreEvents } from './coreevents.ts';
import { definitions } from './crds.ts';
import { customKinds } from './custom.ts';
import { events } from './events.ts';
import { limitRanges, resourceQuotas, services } from './inert.ts';
import { installations } from './installations.ts';
import type { Kind } from './kind.ts';
import { leases } from './leases.ts';
import { namespaces } from './namespaces.ts';
import { policies, policyBindings } from './policies.ts';
import { configMaps, secrets } from './secrets.ts';
import { serviceAccounts } from './serviceaccounts.ts';

const BUILT_IN: readonly Kind[] = [
  namespaces,
  secrets,
  configMaps,
  serviceAccounts,
  leases,
  events,
  coreEvents,
  services,
  resourceQuotas,
  limitRanges,
  definitions,
  policies,
  policyBindings,
  ...installations,
];

/** Whether a group is there without any definition. */
export function isBuiltIn(group: string): boolean {
  return BUILT_IN.some((kind) => kind.group === group);
}

type Path = Readonly<{ group: string; version: string; plural: string }>;

const pathOf = ({ group, version, plural }: Path) => `${group}/${version}/${plural}`;

export class Registry {
  readonly #byPath = new Map(BUILT_IN.map((kind) => [pathOf(kind), kind]));
  readonly #ofDefinition = new Map<string, readonly Kind[]>();
  #revision = 0;

  find(path: Path): Kind | undefined {
    return this.#byPath.get(pathOf(path));
  }

  /** Moves on whenever another set of kinds is served. */
  get revision(): number {
    return this.#revision;
  }

  /** The kind that an ownerReference speaks of; undefined where none is served under that name. */
  named(apiVersion: string, kind: string): Kind | undefined {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return this.all().find((one) => one.group === group && one.kind === kind);
  }

  inBucket(bucket: string): Kind | undefined {
    return this.all().find((kind) => kind.bucket === bucket);
  }

  all(): readonly Kind[] {
    return [...this.#byPath.values()];
  }

  /** Serves what the definition says now, in place of what it said before. */
  serve(definition: ApiObject): void {
    this.withdraw(definition.metadata.name);
    const kinds = customKinds(definition);
    this.#ofDefinition.set(definition.metadata.name, kinds);
    for (const kind of kinds) this.#byPath.set(pathOf(kind), kind);
  }

  withdraw(definition: string): void {
    for (const kind of this.#ofDefinition.get(definition) ?? []) this.#byPath.delete(pathOf(kind));
    this.#ofDefinition.delete(definition);
    this.#revision += 1;
  }
}
