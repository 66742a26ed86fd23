/** The rights that an installation gives the operator which runs with certain flags, as deploy/kustomize has them. */

import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { OPERATOR_NAMESPACE } from '../install.ts';
import type { Manifest } from '../kubectl/objects.ts';
import type { Account } from './grants.ts';

const FOLDER = new URL('../../../deploy/kustomize/', import.meta.url);

/** The operator's, in every installation with the names that deploy/ gives. */
export const ACCOUNT: Account = { namespace: OPERATOR_NAMESPACE, name: 'alm-operator' };

/** What the rights depend on. */
export type Features = Readonly<{
  generatedSecrets: boolean;
  /** Beside the operator's own; none means all. */
  watchNamespaces: readonly string[];
}>;

export function featuresOf(flags: readonly string[]): Features {
  const watched = lastOf(flags, 'watch-namespaces')?.split(',') ?? [];
  return {
    generatedSecrets: ['', 'true'].includes(lastOf(flags, 'generated-secrets') ?? 'false'),
    watchNamespaces: watched.filter((name) => name !== OPERATOR_NAMESPACE),
  };
}

/** The last one counts; '' where it has none. */
function lastOf(flags: readonly string[], name: string): string | undefined {
  const at = flags.findLastIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const word = flags[at];
  if (word === undefined) return undefined;
  const [, inner] = /=(.*)$/.exec(word) ?? [];
  const next = flags[at + 1] ?? '';
  return inner ?? (next.startsWith('--') ? '' : next);
}

/** Service account, roles and bindings. */
export function installedRights({ generatedSecrets, watchNamespaces }: Features): readonly Manifest[] {
  const base = objectsIn('base/rbac.yaml');
  if (watchNamespaces.length === 0) {
    return generatedSecrets
      ? replaced(base, objectsIn('components/generated-secrets/clusterrole.yaml'))
      : base;
  }
  const one = objectsIn('overlays/namespaced/secrets/role.yaml');
  const role = generatedSecrets
    ? replaced(one, objectsIn('overlays/namespaced/generated-secrets/role.yaml'))
    : one;
  const named = [OPERATOR_NAMESPACE, ...watchNamespaces].flatMap((namespace) =>
    role.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })),
  );
  return [...replaced(base, objectsIn('overlays/namespaced/clusterrole.yaml')), ...named];
}

function replaced(objects: readonly Manifest[], others: readonly Manifest[]): readonly Manifest[] {
  return objects.map(
    (object) =>
      others.find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name) ??
      object,
  );
}

function objectsIn(file: string): readonly Manifest[] {
  return parseAllDocuments(readFileSync(new URL(file, FOLDER), 'utf8')).map(
    (document) => document.toJS() as Manifest,
  );
}
