import { expect, it } from 'vitest';
import { describeSessions } from './terminals.ts';

describeSessions(
  'kubectl describe, events, explain and the like',
  ({ apply, namespace, plays, terminal }) => {
    const event = (uid: string) => `
apiVersion: events.k8s.io/v1
kind: Event
metadata: {name: orders.1}
eventTime: "2026-11-23T20:00:00.123456Z"
reportingController: alm-operator.dev/operator
reportingInstance: operator-1
action: Apply
reason: Applied
type: Normal
note: ALM holds this spec and this Secret
regarding: {kind: ClientCredential, apiVersion: alm-operator.dev/v1beta1, name: orders, namespace: ${namespace()}, uid: ${uid}}
`;

    it('tell what the operator told', async () => {
      await apply('orders.yaml');
      await terminal().file(
        'event.yaml',
        event(await terminal().value('get ccred orders -o jsonpath={.metadata.uid}')),
      );
      await plays(`
$ create -f event.yaml
event.events.k8s.io/orders.1 created
$ describe ccred orders
Name:         orders
Namespace:    <ns>
Labels:       <none>
Annotations:  <none>
API Version:  alm-operator.dev/v1beta1
Kind:         ClientCredential
Metadata:
  Creation Timestamp:  <time>
  Generation:          1
  Resource Version:    <version>
  UID:                 <uid>
Spec:
  Authorised Grant Types:
    client_credentials
  Client Id:  orders
  Client Secret Ref:
    Name:  orders-alm
  Roles:
    Portal
Status:
  Observed Generation:  -1
Events:
  Type    Reason   Age    From                       Message
  ----    ------   ----   ----                       -------
  Normal  Applied  <age>  alm-operator.dev/operator  ALM holds this spec and this Secret
$ events
LAST SEEN   TYPE     REASON    OBJECT                    MESSAGE
<age>       Normal   Applied   ClientCredential/orders   ALM holds this spec and this Secret
$ events --for ccred/orders --types=Warning
! No events found in <ns> namespace.
$ get events
LAST SEEN   TYPE     REASON    OBJECT                    MESSAGE
<age>       Normal   Applied   clientcredential/orders   ALM holds this spec and this Secret
$ get events.events.k8s.io -o jsonpath={.items[*].regarding.name}
orders
`);
    });

    it('show a Secret without its values, and a namespace with what limits it', async () => {
      await apply('secret.yaml');
      await plays(`
$ describe secret orders-alm
Name:         orders-alm
Namespace:    <ns>
Labels:       <none>
Annotations:  <none>
Type:  Opaque
Data
====
clientSecret:  12 bytes
$ describe namespace ${namespace()}
Name:         <ns>
Labels:       kubernetes.io/metadata.name=<ns>
Annotations:  <none>
Status:       Active
No resource quota.
No LimitRange resource.
`);
    });

    it('explain every field of our kinds', async () => {
      await plays(`
$ explain ccred.spec.clientSecretRef
GROUP: alm-operator.dev
KIND: ClientCredential
VERSION: v1beta1
FIELD: clientSecretRef <Object>
DESCRIPTION:
The Secret, in the same namespace, that holds the password of the client. A
change of the Secret is sent to ALM at once. Exactly one of this and
generatedSecret is required.
FIELDS:
key <string>
Key in the Secret's data; clientSecret when absent.
name <string> -required-
Name of the Secret.
$ explain ccred.nope
GROUP: alm-operator.dev
KIND: ClientCredential
VERSION: v1beta1
! error: field "nope" does not exist
[1]
`);
      for (const kind of ['ccred', 'almconn', 'almclaim']) {
        const { stdout } = await terminal().run(`explain ${kind} --recursive`);
        expect(stdout).toMatch(/^ {2}metadata\t<ObjectMeta>$/m);
        expect(stdout).toMatch(/^ {2}spec\t<Object> -required-$/m);
        expect(stdout).not.toContain('<no description>');
      }
    });

    it('list what can be asked for', async () => {
      await plays(`
$ api-resources --api-group=alm-operator.dev
NAME SHORTNAMES APIVERSION NAMESPACED KIND
almclientclaims almclaim alm-operator.dev/v1beta1 true AlmClientClaim
almconnections almconn alm-operator.dev/v1beta1 true AlmConnection
clientcredentials ccred alm-operator.dev/v1beta1 true ClientCredential
$ api-resources --categories=alm -o name
almclientclaims.alm-operator.dev
almconnections.alm-operator.dev
clientcredentials.alm-operator.dev
$ get --raw /readyz
ok
`);
      const versions = (await terminal().value('api-versions')).split('\n');
      expect(versions).toEqual(
        expect.arrayContaining([
          'alm-operator.dev/v1beta1',
          'apiextensions.k8s.io/v1',
          'events.k8s.io/v1',
          'v1',
        ]),
      );
    });

    it('say that an administrator may do everything', async () => {
      await plays(`
$ auth can-i delete ccred
yes
$ auth can-i '*' '*' --all-namespaces
yes
$ auth can-i get /metrics
yes
$ auth can-i get ccred --as=somebody
no
[1]
$ get ccred --as=somebody
! Error from server (Forbidden): clientcredentials.alm-operator.dev is forbidden: User "somebody" cannot list resource "clientcredentials" in API group "alm-operator.dev" in the namespace "<ns>"
[1]
`);
      expect(await terminal().value('auth can-i --list')).toMatch(/^\*\.\* +\[\] +\[\] +\[\*\]$/m);
      expect(await terminal().value('auth whoami')).toMatch(
        /^Groups +\[system:masters system:authenticated\]$/m,
      );
    });
  },
);
