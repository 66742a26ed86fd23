/** What `npm run manifests` writes in deploy/kustomize, from the chart; the kustomizations themselves are written by hand. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { crdFiles } from '../../src/cli/crds.ts';
import type { Manifest } from '../support/kubectl/objects.ts';
import { documentsOf } from './helm.ts';
import { plain, type Written, yaml } from './manifests.ts';
import { found } from './rendering.ts';

export const KUSTOMIZE = 'deploy/kustomize';

const LIMIT_MS = 60_000;
const RIGHTS = new Set(['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']);

/** Stands for any namespace that is named. */
const NAMED = 'team-orders';
const generatedSecrets = { enabled: true };

/** All that needs no helm. */
export function kustomizeKinds(): readonly Written[] {
  return crdFiles().map(({ file, text }) => ({ file: `${KUSTOMIZE}/base/crds/${file}`, text }));
}

export async function kustomizeFiles(): Promise<readonly Written[]> {
  const [base, generating] = [await plain(), await plain({ generatedSecrets })];
  const named = await plain({ watchNamespaces: [NAMED] });
  const both = await plain({ watchNamespaces: [NAMED], generatedSecrets });
  const isRight = ({ kind }: Manifest) => RIGHTS.has(kind);
  const bases = { 'rbac.yaml': base.filter(isRight), 'operator.yaml': base.filter((one) => !isRight(one)) };
  const objects: Readonly<Record<string, readonly object[]>> = {
    'base/rbac.yaml': bases['rbac.yaml'],
    'base/operator.yaml': bases['operator.yaml'],
    'components/generated-secrets/clusterrole.yaml': [found(generating, 'ClusterRole', 'alm-operator')],
    'overlays/namespaced/clusterrole.yaml': [found(named, 'ClusterRole', 'alm-operator')],
    'overlays/namespaced/secrets/role.yaml': ofTheNamed(named).map(anywhere),
    'overlays/namespaced/generated-secrets/role.yaml': [found(ofTheNamed(both), 'Role')].map(anywhere),
  };
  return Object.entries(objects).map(([file, some]) => ({
    file: `${KUSTOMIZE}/${file}`,
    text: `# Written by \`npm run manifests\` from the chart.\n${some.map(yaml).join('---\n')}`,
  }));
}

function ofTheNamed(objects: readonly Manifest[]): readonly Manifest[] {
  return objects.filter(({ metadata }) => metadata.namespace === NAMED);
}

function anywhere({ metadata: { namespace: _named, ...metadata }, ...object }: Manifest): object {
  const { apiVersion, kind, ...rest } = object;
  return { apiVersion, kind, metadata, ...rest };
}

/** What kubectl's own kustomize makes of a folder, given from the root of the project or from the top. */
export async function kustomized(folder: string): Promise<readonly Manifest[]> {
  const options = { timeout: LIMIT_MS, maxBuffer: 1 << 24 };
  const { stdout } = await promisify(execFile)('kubectl', ['kustomize', folder], options);
  return documentsOf(stdout);
}
