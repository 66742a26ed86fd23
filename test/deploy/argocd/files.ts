/** The files of deploy/gitops/argocd, and the ConfigMap that is made from them. */

import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { GROUP } from '../../../src/api/group.ts';

export const CONFIG_MAP = 'deploy/gitops/argocd/argocd-cm.yaml';

const SCRIPTS = fileURLToPath(
  new URL(`../../../deploy/gitops/argocd/resource_customizations/${GROUP}/`, import.meta.url),
);

/** By the path below the folder of the group. */
export function script(path: string): string {
  return readFileSync(SCRIPTS + path, 'utf8');
}

export function scriptPaths(): readonly string[] {
  return globSync('**/*.lua', { cwd: SCRIPTS }).toSorted();
}

/** Names of the actions of a kind, by the alphabet. */
export function actionsOf(kind: string): readonly string[] {
  return globSync(`${kind}/actions/*/action.lua`, { cwd: SCRIPTS })
    .map((path) => basename(dirname(path)))
    .toSorted();
}

const HEAD = `# Health and actions of this project's kinds in Argo CD. Written by \`npm run docs\` from the files in
# resource_customizations. It goes into a ConfigMap that exists already, so it is merged:
#   kubectl patch configmap argocd-cm -n argocd --patch-file argocd-cm.yaml
`;

/** A patch for Argo CD's own ConfigMap. */
export function configMapText(): string {
  const kinds = scriptPaths()
    .filter((path) => /^\w+\/health\.lua$/.test(path))
    .map((path) => dirname(path));
  const entries = kinds.flatMap((kind) => [
    [`resource.customizations.health.${GROUP}_${kind}`, script(`${kind}/health.lua`)],
    ...(actionsOf(kind).length === 0
      ? []
      : [[`resource.customizations.actions.${GROUP}_${kind}`, actionsText(kind)]]),
  ]);
  const metadata = { name: 'argocd-cm', namespace: 'argocd' };
  return `${HEAD}${yaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: Object.fromEntries(entries) })}`;
}

function actionsText(kind: string): string {
  return yaml({
    'discovery.lua': script(`${kind}/actions/discovery.lua`),
    definitions: actionsOf(kind).map((name) => ({
      name,
      'action.lua': script(`${kind}/actions/${name}/action.lua`),
    })),
  });
}

function yaml(value: unknown): string {
  return stringify(value, { blockQuote: 'literal', lineWidth: 0 });
}
