/** What is written in deploy/ by `npm run manifests`, and held by tests. */

import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { crdFiles } from '../../src/cli/crds.ts';
import type { Manifest } from '../support/kubectl/objects.ts';
import { RELEASE, rendered, type Values } from './helm.ts';
import { chartReadme } from './readme.ts';
import { valueTree } from './values.ts';
import { valuesSchema } from './valuesschema.ts';

export const ROOT = new URL('../../', import.meta.url);

/** `file` is a path from the root of the project. */
export type Written = Readonly<{ file: string; text: string }>;

const CHART_FOLDER = 'deploy/helm/alm-credential-operator';

/** What the chart carries a copy of, because a package holds nothing from outside its folder. */
const COPIES: Readonly<Record<string, string>> = {
  'admission-policy.yaml': 'deploy/admission/policy.yaml',
  'rules.yaml': 'deploy/monitoring/rules.yaml',
  'dashboard.json': 'deploy/monitoring/dashboard.json',
};

/** All that needs no helm. */
export function chartFiles(): readonly Written[] {
  const tree = valueTree();
  return [
    // `helm show crds` puts nothing between them.
    ...crdFiles().map(({ file, text }) => ({ file: `${CHART_FOLDER}/crds/${file}`, text: `---\n${text}` })),
    ...Object.entries(COPIES).map(([name, source]) => ({
      file: `${CHART_FOLDER}/files/${name}`,
      text: readFileSync(new URL(source, ROOT), 'utf8'),
    })),
    {
      file: `${CHART_FOLDER}/values.schema.json`,
      text: `${JSON.stringify(valuesSchema(tree), null, 2)}\n`,
    },
    { file: `${CHART_FOLDER}/README.md`, text: chartReadme(tree) },
  ];
}

const HEAD = `# Everything but the connection to ALM, for one kubectl apply, with or without --server-side:
# the kinds, namespace ${RELEASE.namespace}, and the operator in it. Written by \`npm run manifests\` from the chart.
`;

/** deploy/install.yaml, from the chart with its default values. Needs helm. */
export async function installManifest(): Promise<Written> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: RELEASE.namespace } };
  const documents = [...crdFiles().map(({ text }) => text), ...[namespace, ...(await plain())].map(yaml)];
  return { file: 'deploy/install.yaml', text: HEAD + documents.join('---\n') };
}

/** What the chart renders of these values beside a connection, as kubectl would apply it. Needs helm. */
export async function plain(values: Values = {}): Promise<readonly Manifest[]> {
  return (await rendered({ ...values, connection: { create: false } })).map(withoutHelm);
}

const OF_HELM = new Set(['helm.sh/chart', 'app.kubernetes.io/managed-by']);

/** Helm does not manage what kubectl applies. */
function withoutHelm(object: Manifest): Manifest {
  const labels = Object.entries(object.metadata['labels'] ?? {}).filter(([name]) => !OF_HELM.has(name));
  return { ...object, metadata: { ...object.metadata, labels: Object.fromEntries(labels) } };
}

export function yaml(object: object): string {
  return stringify(object, { lineWidth: 110, aliasDuplicateObjects: false, version: '1.1' });
}
