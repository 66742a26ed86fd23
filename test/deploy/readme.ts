/** The chart's README.md, whose table of values comes from values.yaml. Pure. */

import { leavesOf, type Value, type ValueNode } from './values.ts';
import { inferred } from './valuesschema.ts';
import { TYPES } from './valuetypes.ts';

const HEAD = `# alm-credential-operator

<!-- Written by \`npm run manifests\` from values.yaml. Change it there. -->

Keeps the OAuth clients of ALM (Agile Lifecycle Manager; also Stratoss LM, TNC-O, CP4NA orchestration) equal to
\`ClientCredential\` objects. Kubernetes 1.30 or newer, Helm 3.

\`\`\`sh
kubectl create namespace alm-operator
kubectl create secret generic alm-login -n alm-operator --from-file=clientSecret=/dev/stdin
helm install alm-operator deploy/helm/alm-credential-operator -n alm-operator --values values.yaml
\`\`\`

with the Secret's value typed or piped in, and a values.yaml such as

\`\`\`yaml
connection:
  endpoint: https://app.lm:32443
  clientId: operator-login
  tls:
    caRef: {kind: ConfigMap, name: alm-ca}
  access:
    - namespaces: {all: true}
      clientIds: ["$(namespace)_*"]
      roles: [Portal, ReadOnly]
\`\`\`

- **The kinds** are in \`crds/\`. Helm installs them and never changes or removes them: before an upgrade,
  \`helm show crds deploy/helm/alm-credential-operator | kubectl apply --server-side --force-conflicts -f -\`.
- **One operator a namespace.** The connection, the Secret of its login and the claims are in the namespace of the release.
- **An uninstallation** keeps the kinds, ClientCredentials, claims and everything in ALM; a new installation in the same
  namespace goes on from there. ClientCredentials that are deleted while no operator runs wait for one.
- **Trust.** \`connection.tls\` says which authority ALM's certificate comes from, and is read anew when it changes.
  \`extraCA\` is for the authorities of a whole company, proxies included, and is read when the operator starts.
- **A proxy's password** does not belong into values: set \`HTTPS_PROXY\` by \`extraEnv\`, with \`valueFrom.secretKeyRef\`.
- **Rights.** The operator reads Secrets in all namespaces, or in \`watchNamespaces\` alone, and writes them only with
  \`generatedSecrets.enabled\`.

## Values

| value | type | default | meaning |
| --- | --- | --- | --- |
`;

export function chartReadme(tree: readonly ValueNode[]): string {
  return `${HEAD}${leavesOf(tree).map(rowOf).join('\n')}\n`;
}

function rowOf(value: Value): string {
  const cells = [`\`${value.path}\``, typeOf(value), `\`${JSON.stringify(value.fallback)}\``, value.meaning];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function typeOf(value: Value): string {
  const { type, enum: words } = TYPES[value.path] ?? inferred(value);
  if (Array.isArray(words)) return words.map((word) => `\`${word}\``).join(', ');
  return type === 'array' ? 'list' : String(type);
}
