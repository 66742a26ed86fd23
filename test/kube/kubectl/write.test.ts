import { it } from 'vitest';
import { credential } from './objects.ts';
import { describeSessions } from './terminals.ts';

describeSessions('kubectl create and change', ({ apply, plays, terminal }) => {
  it('makes what is named on the command line', async () => {
    await plays(`
$ create secret generic keys --from-literal=clientSecret=canary-7f3a9
secret/keys created
$ create secret generic keys --from-literal=clientSecret=canary-7f3a9
! error: failed to create secret secrets "keys" already exists
[1]
$ create configmap settings --from-literal=a=1 --dry-run=server -o jsonpath={.data}
{"a":"1"}
$ create configmap settings --from-literal=a=1
configmap/settings created
$ create serviceaccount robot
serviceaccount/robot created
$ get secret keys -o jsonpath={.type}
Opaque
$ get secret/keys serviceaccount/robot -o name
secret/keys
serviceaccount/robot
`);
  });

  it('refuses what breaks a rule, in the words of the rule', async () => {
    await terminal().file('enum.yaml', credential('bad').replace('[client_credentials]', '[implicit]'));
    await terminal().file('both.yaml', credential('bad', 'generatedSecret: {name: x}'));
    await terminal().file('type.yaml', credential('bad', 'accessTokenValidity: "600"'));
    await terminal().file('missing.yaml', credential('bad').replace('clientId: orders', 'suspend: false'));
    await plays(`
$ create -f enum.yaml
! The ClientCredential "bad" is invalid:
! * spec.authorisedGrantTypes[0]: Unsupported value: "implicit": supported values: "client_credentials", "password", "refresh_token"
! * <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation
[1]
$ create -f both.yaml
! The ClientCredential "bad" is invalid: spec: Required value: exactly one of clientSecretRef and generatedSecret is required
[1]
$ create -f type.yaml
! The ClientCredential "bad" is invalid:
! * spec.accessTokenValidity: Invalid value: "string": spec.accessTokenValidity in body must be of type integer: "string"
! * <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation
[1]
$ create -f missing.yaml
! The ClientCredential "bad" is invalid:
! * spec.clientId: Required value
! * <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation
[1]
`);
  });

  it('finds a field that is misspelt, as strictly as it is asked to', async () => {
    await terminal().file('typo.yaml', credential('typo', 'accesTokenValidity: 600'));
    await plays(`
$ create -f typo.yaml
! Error from server (BadRequest): error when creating "typo.yaml": ClientCredential in version "v1beta1" cannot be handled as a ClientCredential: strict decoding error: unknown field "spec.accesTokenValidity"
[1]
$ create -f typo.yaml --validate=strict --dry-run=server
! Error from server (BadRequest): error when creating "typo.yaml": ClientCredential in version "v1beta1" cannot be handled as a ClientCredential: strict decoding error: unknown field "spec.accesTokenValidity"
[1]
$ create -f typo.yaml --validate=warn
clientcredential.alm-operator.dev/typo created
! Warning: unknown field "spec.accesTokenValidity"
$ get ccred typo -o jsonpath={.spec}
{"authorisedGrantTypes":["client_credentials"],"clientId":"orders","clientSecretRef":{"name":"orders-alm"}}
`);
  });

  it('tells of a misspelt field together with what is wrong without it', async () => {
    await terminal().file(
      'american.yaml',
      credential('typo').replace('authorisedGrantTypes', 'authorizedGrantTypes'),
    );
    await plays(`
$ create -f american.yaml --validate=warn
! Warning: unknown field "spec.authorizedGrantTypes"
! The ClientCredential "typo" is invalid:
! * spec.authorisedGrantTypes: Required value
! * <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation
[1]
`);
  });

  it('repeats no other value of a Secret that a patch forgets to encode', async () => {
    await apply('secret.yaml');
    await plays(`
$ patch secret orders-alm -p {"data":{"clientSecret":"canary-7f3a9"}}
! The request is invalid: patch: Invalid value: "map[data:map[clientSecret:canary-7f3a9]]": error decoding from json: illegal base64 data at input byte 6
[1]
`);
  });

  it('patches in each of three ways', async () => {
    await apply('secret.yaml', 'orders.yaml');
    await plays(`
$ patch ccred orders --type=merge -p {"spec":{"suspend":true}}
clientcredential.alm-operator.dev/orders patched
$ patch ccred orders --type=merge -p {"spec":{"suspend":true}}
clientcredential.alm-operator.dev/orders patched (no change)
$ patch ccred orders --type=json -p [{"op":"replace","path":"/spec/suspend","value":false}]
clientcredential.alm-operator.dev/orders patched
$ patch ccred orders --type=json -p [{"op":"test","path":"/spec/suspend","value":true}]
! The request is invalid: the server rejected our request due to an error in our request
[1]
$ patch ccred orders -p {"spec":{"suspend":true}}
! error: application/strategic-merge-patch+json is not supported by alm-operator.dev/v1beta1, Kind=ClientCredential: the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml
[1]
$ patch ccred orders --type=merge -p {"spec":{"clientId":"other"}}
! The ClientCredential "orders" is invalid: spec.clientId: Forbidden: clientId is immutable; delete this object and create another
[1]
$ patch ccred orders --subresource=status --type=merge -p {"status":{"connection":"default"},"spec":{"suspend":true}}
clientcredential.alm-operator.dev/orders patched
$ get ccred orders -o jsonpath={.status.connection}{.spec.suspend}
defaultfalse
$ patch secret orders-alm -p {"stringData":{"more":"canary-7f3a9"}}
secret/orders-alm patched
$ patch secret orders-alm -p {"data":{"clientSecret":null}}
secret/orders-alm patched
$ get secret orders-alm -o jsonpath={.data}
{"more":"Y2FuYXJ5LTdmM2E5"}
`);
  });

  it('labels and annotates', async () => {
    await apply('orders.yaml');
    await plays(`
$ label ccred orders tier=gold
clientcredential.alm-operator.dev/orders labeled
$ label ccred orders tier=silver
! error: 'tier' already has a value (gold), and --overwrite is false
[1]
$ label ccred orders tier=silver --overwrite
clientcredential.alm-operator.dev/orders labeled
$ label ccred --all team=a
clientcredential.alm-operator.dev/orders labeled
$ annotate ccred -l team=a note=hello
clientcredential.alm-operator.dev/orders annotated
$ get ccred orders -o jsonpath={.metadata.labels}{.metadata.annotations.note}{.metadata.generation}
{"team":"a","tier":"silver"}hello1
$ label ccred orders tier- team-
clientcredential.alm-operator.dev/orders unlabeled
$ annotate ccred orders note-
clientcredential.alm-operator.dev/orders annotated
$ annotate ccred orders 'not a name=x'
! The ClientCredential "orders" is invalid: metadata.annotations: Invalid value: "not a name": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
[1]
`);
  });

  it('replaces, and edits', async () => {
    await apply('orders.yaml');
    await terminal().file('absent.yaml', credential('absent'));
    await terminal().file('editor', '#!/bin/sh\nsed -i "s/- Portal/- Viewer/" "$1"\n');
    await plays(`
$ replace -f more.yaml
clientcredential.alm-operator.dev/orders replaced
$ replace -f absent.yaml
! Error from server (NotFound): error when replacing "absent.yaml": clientcredentials.alm-operator.dev "absent" not found
[1]
$ replace -f orders.yaml
clientcredential.alm-operator.dev/orders replaced
$ edit ccred orders
clientcredential.alm-operator.dev/orders edited
$ get ccred orders -o jsonpath={.spec.roles}
["Viewer"]
$ edit ccred orders
! Edit cancelled, no changes made.
`);
  });
});
