import { it } from 'vitest';
import { credential, SECRET } from './objects.ts';
import { describeSessions } from './terminals.ts';

describeSessions('kubectl apply', ({ apply, plays, terminal }) => {
  it('creates, changes, and knows what did not change', async () => {
    await plays(`
$ apply -f orders.yaml
clientcredential.alm-operator.dev/orders created
$ apply -f orders.yaml
clientcredential.alm-operator.dev/orders unchanged
$ apply -f more.yaml --dry-run=server
clientcredential.alm-operator.dev/orders configured (server dry run)
$ get ccred orders -o jsonpath={.spec.roles}
["Portal"]
$ apply -f more.yaml
clientcredential.alm-operator.dev/orders configured
$ get ccred orders -o jsonpath={.spec.roles}
["Portal","Viewer"]
$ apply -f orders.yaml
clientcredential.alm-operator.dev/orders configured
$ get ccred orders -o jsonpath={.spec}
{"authorisedGrantTypes":["client_credentials"],"clientId":"orders","clientSecretRef":{"name":"orders-alm"},"roles":["Portal"]}
$ apply view-last-applied ccred orders -o json
{
"apiVersion": "alm-operator.dev/v1beta1",
"kind": "ClientCredential",
"metadata": {
"annotations": {},
"name": "orders",
"namespace": "<ns>"
},
"spec": {
"authorisedGrantTypes": [
"client_credentials"
],
"clientId": "orders",
"clientSecretRef": {
"name": "orders-alm"
},
"roles": [
"Portal"
]
}
}
`);
  });

  it('takes several objects, and a List of them', async () => {
    const item = (name: string) =>
      `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}, data: {a: b}}`;
    await terminal().file(
      'list.yaml',
      `apiVersion: v1\nkind: List\nitems:\n- ${item('one')}\n- ${item('two')}\n`,
    );
    await terminal().file('many.yaml', `${SECRET}---${credential('orders')}`);
    await plays(`
$ apply -f list.yaml
configmap/one created
configmap/two created
$ apply -f list.yaml
configmap/one unchanged
configmap/two unchanged
$ apply -f many.yaml
secret/orders-alm created
clientcredential.alm-operator.dev/orders created
$ delete -f list.yaml --dry-run=server -o name
configmap/one
configmap/two
`);
  });

  it('shows the difference before it makes one', async () => {
    await apply('orders.yaml');
    await plays(`
$ diff -f orders.yaml
$ diff -f more.yaml
diff -u -N LIVE/alm-operator.dev.v1beta1.ClientCredential.<ns>.orders MERGED/alm-operator.dev.v1beta1.ClientCredential.<ns>.orders
--- LIVE/alm-operator.dev.v1beta1.ClientCredential.<ns>.orders <time>
+++ MERGED/alm-operator.dev.v1beta1.ClientCredential.<ns>.orders <time>
@@ -5,12 +5,13 @@
kubectl.kubernetes.io/last-applied-configuration: |
{"apiVersion":"alm-operator.dev/v1beta1","kind":"ClientCredential","metadata":{"annotations":{},"name":"orders","namespace":"<ns>"},"spec":{"authorisedGrantTypes":["client_credentials"],"clientId":"orders","clientSecretRef":{"name":"orders-alm"},"roles":["Portal"]}}
creationTimestamp: "<time>"
- generation: 1
+ generation: 2
name: orders
namespace: <ns>
resourceVersion: "<version>"
uid: <uid>
spec:
+ accessTokenValidity: 600
authorisedGrantTypes:
- client_credentials
clientId: orders
@@ -18,5 +19,6 @@
name: orders-alm
roles:
- Portal
+ - Viewer
status:
observedGeneration: -1
[1]
`);
  });

  it('on the server side finds conflicts, and takes over by force', async () => {
    await plays(`
$ apply --server-side -f orders.yaml
clientcredential.alm-operator.dev/orders serverside-applied
$ apply --server-side -f more.yaml
clientcredential.alm-operator.dev/orders serverside-applied
$ patch ccred orders --type=merge -p {"spec":{"accessTokenValidity":900}} --field-manager=somebody
clientcredential.alm-operator.dev/orders patched
$ apply --server-side -f orders.yaml --field-manager=other
clientcredential.alm-operator.dev/orders serverside-applied
$ apply --server-side -f more.yaml
! error: Apply failed with 1 conflict: conflict with "somebody" using alm-operator.dev/v1beta1: .spec.accessTokenValidity
! Please review the fields above--they currently have other managers. Here
! are the ways you can resolve this warning:
! * If you intend to manage all of these fields, please re-run the apply
! command with the \`--force-conflicts\` flag.
! * If you do not intend to manage all of the fields, please edit your
! manifest to remove references to the fields that should keep their
! current managers.
! * You may co-own fields by updating your manifest to match the existing
! value; in this case, you'll become the manager if the other manager(s)
! stop managing the field (remove it from their configuration).
! See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
[1]
$ apply --server-side -f more.yaml --force-conflicts
clientcredential.alm-operator.dev/orders serverside-applied
$ get ccred orders --show-managed-fields -o 'jsonpath={.metadata.managedFields[?(@.manager=="kubectl")].fieldsV1}'
{"f:spec":{"f:accessTokenValidity":{},"f:authorisedGrantTypes":{"v:\\"client_credentials\\"":{}},"f:clientId":{},"f:clientSecretRef":{"f:name":{}},"f:roles":{"v:\\"Portal\\"":{},"v:\\"Viewer\\"":{}}}}
$ get ccred orders --show-managed-fields -o 'jsonpath={.metadata.managedFields[?(@.manager=="somebody")].manager}'
$ apply --server-side -f orders.yaml
clientcredential.alm-operator.dev/orders serverside-applied
$ get ccred orders -o jsonpath={.spec.roles}{.spec.accessTokenValidity}
["Portal"]
`);
  });

  it('goes over from the client side to the server side', async () => {
    await apply('more.yaml');
    await plays(`
$ apply --server-side -f orders.yaml
clientcredential.alm-operator.dev/orders serverside-applied
$ get ccred orders -o jsonpath={.spec.roles}{.spec.accessTokenValidity}
["Portal"]
`);
  });
});
