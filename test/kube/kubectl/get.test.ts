import { expect, it } from 'vitest';
import { credential } from './objects.ts';
import { describeSessions } from './terminals.ts';

describeSessions('kubectl get', ({ apply, namespace, plays, terminal }) => {
  it('prints the columns of the kind, and all in wide', async () => {
    await apply('secret.yaml', 'orders.yaml');
    await plays(`
$ get ccred
NAME     READY   REASON   CLIENT ID   CONNECTION   AGE
orders                    orders                   <age>
$ get ccred -o wide
NAME   READY REASON CLIENT ID CONNECTION GRANTS                 ROLES      ACCESS REFRESH APPLIED MESSAGE AGE
orders              orders               ["client_credentials"] ["Portal"]                                <age>
$ get ccred orders --show-labels
NAME     READY   REASON   CLIENT ID   CONNECTION   AGE   LABELS
orders                    orders                   <age> <none>
$ get ccred,secret
NAME                                       READY   REASON   CLIENT ID   CONNECTION   AGE
clientcredential.alm-operator.dev/orders                    orders                   <age>
NAME                TYPE     DATA   AGE
secret/orders-alm   Opaque   1      <age>
$ get alm
NAME                                       READY   REASON   CLIENT ID   CONNECTION   AGE
clientcredential.alm-operator.dev/orders                    orders                   <age>
$ get ccred -A --field-selector metadata.namespace=${namespace()}
NAMESPACE NAME   READY REASON CLIENT ID CONNECTION AGE
<ns>      orders              orders               <age>
`);
  });

  it('prints objects in each other form', async () => {
    await apply('orders.yaml');
    await plays(`
$ get ccred orders -o yaml
apiVersion: alm-operator.dev/v1beta1
kind: ClientCredential
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"apiVersion":"alm-operator.dev/v1beta1","kind":"ClientCredential","metadata":{"annotations":{},"name":"orders","namespace":"<ns>"},"spec":{"authorisedGrantTypes":["client_credentials"],"clientId":"orders","clientSecretRef":{"name":"orders-alm"},"roles":["Portal"]}}
  creationTimestamp: "<time>"
  generation: 1
  name: orders
  namespace: <ns>
  resourceVersion: "<version>"
  uid: <uid>
spec:
  authorisedGrantTypes:
  - client_credentials
  clientId: orders
  clientSecretRef:
    name: orders-alm
  roles:
  - Portal
status:
  observedGeneration: -1
$ get ccred orders -o jsonpath={.spec.roles}{.status}
["Portal"]{"observedGeneration":-1}
$ get ccred -o custom-columns=WHO:.metadata.name,CLIENT:.spec.clientId,NONE:.spec.suspend
WHO      CLIENT   NONE
orders   orders   <none>
$ get ccred -o name
clientcredential.alm-operator.dev/orders
`);
    const { items } = JSON.parse(await terminal().value('get ccred -o json')) as {
      items: { kind: string }[];
    };
    expect(items.map(({ kind }) => kind)).toEqual(['ClientCredential']);
  });

  it('selects by labels and by the fields that the kind offers', async () => {
    await terminal().file('labelled.yaml', credential('labelled', '', 'labels: {tier: gold}'));
    await apply('orders.yaml', 'labelled.yaml');
    await plays(`
$ get ccred -l tier=gold -o name
clientcredential.alm-operator.dev/labelled
$ get ccred -l '!tier' -o name
clientcredential.alm-operator.dev/orders
$ get ccred -l 'tier in (silver,gold)' -o name
clientcredential.alm-operator.dev/labelled
$ get ccred --field-selector spec.clientId=orders,metadata.name!=orders -o name
clientcredential.alm-operator.dev/labelled
$ get ccred -l tier=silver
! No resources found in <ns> namespace.
$ get ccred --field-selector spec.suspend=true
! Error from server (BadRequest): Unable to find "alm-operator.dev/v1beta1, Resource=clientcredentials" that match label selector "", field selector "spec.suspend=true": field label not supported: spec.suspend
[1]
`);
  });

  it('says what there is not', async () => {
    await plays(`
$ get ccred nope
! Error from server (NotFound): clientcredentials.alm-operator.dev "nope" not found
[1]
$ get nopes
! error: the server doesn't have a resource type "nopes"
[1]
$ get ccred
! No resources found in <ns> namespace.
`);
  });

  it('pages, and sorts what it pages', async () => {
    for (const name of ['c', 'a', 'b']) {
      await terminal().value(`create configmap ${name} --from-literal=order=${name}`);
    }
    await plays(`
$ get cm --chunk-size=1 -o name --field-selector metadata.name!=kube-root-ca.crt
configmap/a
configmap/b
configmap/c
$ get cm --sort-by=.data.order --field-selector metadata.name!=kube-root-ca.crt
NAME   DATA   AGE
a      1      <age>
b      1      <age>
c      1      <age>
`);
  });

  it('watches', async () => {
    await apply('orders.yaml');
    await using watch = terminal().follow('get ccred -w');
    expect(await watch.next()).toBe('NAME READY REASON CLIENT ID CONNECTION AGE');
    expect(await watch.next()).toBe('orders orders <age>');
    const ready =
      '{"status":{"conditions":[{"type":"Ready","status":"True","reason":"Applied","message":"m","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}';
    await terminal().value(`patch ccred orders --subresource=status --type=merge -p ${ready}`);
    expect(await watch.next()).toBe('orders True Applied orders <age>');
    await terminal().value('delete ccred orders');
    expect(await watch.next()).toBe('orders True Applied orders <age>');
  });
});
