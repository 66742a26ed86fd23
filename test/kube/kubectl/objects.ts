/** What the sessions apply. The canary stands for every password. */

export const SECRET = `
apiVersion: v1
kind: Secret
metadata: {name: orders-alm}
stringData: {clientSecret: canary-7f3a9}
`;

/** A credential that is called `name`; `spec` goes in front of what every credential here has. */
export function credential(name: string, spec = '', metadata = ''): string {
  return `
apiVersion: alm-operator.dev/v1beta1
kind: ClientCredential
metadata:
  name: ${name}
${indented(metadata)}
spec:
${indented(spec)}
  clientId: orders
  clientSecretRef: {name: orders-alm}
  authorisedGrantTypes: [client_credentials]
`;
}

function indented(yaml: string): string {
  return yaml
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `  ${line}`)
    .join('\n');
}

export function owned(name: string, owner: Readonly<{ name: string; uid: string }>): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  ownerReferences:
  - {apiVersion: alm-operator.dev/v1beta1, kind: ClientCredential, name: ${owner.name}, uid: ${owner.uid}, blockOwnerDeletion: true}
`;
}
