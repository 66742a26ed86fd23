import { expect, it } from 'vitest';
import { credential, owned } from './objects.ts';
import { describeSessions } from './terminals.ts';

describeSessions('kubectl delete and wait', ({ apply, namespace, plays, terminal }) => {
  const uidOf = (name: string) => terminal().value(`get ccred ${name} -o jsonpath={.metadata.uid}`);
  const own = async (owner: string, ...names: readonly string[]) => {
    const uid = await uidOf(owner);
    for (const name of names) {
      await terminal().file(`${name}.yaml`, owned(name, { name: owner, uid }));
      await apply(`${name}.yaml`);
    }
  };

  it('deletes what there is, and says what there is not', async () => {
    await apply('orders.yaml');
    await plays(`
$ delete ccred orders --dry-run=server
clientcredential.alm-operator.dev "orders" deleted (server dry run)
$ delete ccred nope
! Error from server (NotFound): clientcredentials.alm-operator.dev "nope" not found
[1]
$ delete ccred nope --ignore-not-found
$ delete -f orders.yaml
clientcredential.alm-operator.dev "orders" deleted
$ get ccred
! No resources found in <ns> namespace.
`);
  });

  it('deletes by label, and all', async () => {
    await terminal().file('labelled.yaml', credential('labelled', '', 'labels: {tier: gold}'));
    await apply('orders.yaml', 'labelled.yaml');
    await plays(`
$ delete ccred -l tier=gold
clientcredential.alm-operator.dev "labelled" deleted
$ delete ccred --all
clientcredential.alm-operator.dev "orders" deleted
`);
  });

  it('in the background takes dependents afterwards', async () => {
    await apply('orders.yaml');
    await own('orders', 'dependent');
    await plays(`
$ delete ccred orders
clientcredential.alm-operator.dev "orders" deleted
$ wait configmap/dependent --for=delete --timeout=60s
`);
  });

  it('in the foreground takes dependents first', async () => {
    await apply('orders.yaml');
    await own('orders', 'dependent');
    await plays(`
$ delete ccred orders --cascade=foreground
clientcredential.alm-operator.dev "orders" deleted
$ get configmap dependent
! Error from server (NotFound): configmaps "dependent" not found
[1]
`);
  });

  it('lets orphans live', async () => {
    await apply('orders.yaml');
    await own('orders', 'orphan');
    await plays(`
$ delete ccred orders --cascade=orphan
clientcredential.alm-operator.dev "orders" deleted
$ get configmap orphan -o jsonpath={.metadata.name}{.metadata.ownerReferences}
orphan
`);
  });

  it('waits for whoever has to finish first', async () => {
    await terminal().file('held.yaml', credential('held', '', 'finalizers: [alm-operator.dev/release]'));
    await apply('held.yaml');
    await plays(`
$ delete ccred held --wait=false
clientcredential.alm-operator.dev "held" deleted
$ wait ccred/held --for=delete --timeout=1s
! error: timed out waiting for the condition on clientcredentials/held
[1]
$ get ccred held -o jsonpath={.metadata.finalizers}{.metadata.generation}
["alm-operator.dev/release"]2
$ patch ccred held --type=merge -p {"metadata":{"finalizers":["other.dev/x"]}}
! The ClientCredential "held" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"other.dev/x"}
[1]
$ patch ccred held --type=merge -p {"metadata":{"finalizers":null}}
clientcredential.alm-operator.dev/held patched
$ get ccred held
! Error from server (NotFound): clientcredentials.alm-operator.dev "held" not found
[1]
`);
  });

  it('waits for conditions and values, and not for ever', async () => {
    await apply('orders.yaml');
    const waiting = terminal().run('wait ccred/orders --for=condition=Ready --timeout=60s');
    const ready =
      '{"status":{"observedGeneration":1,"conditions":[{"type":"Ready","status":"True","reason":"Applied","message":"m","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}';
    await terminal().value(`patch ccred orders --subresource=status --type=merge -p ${ready}`);
    expect(await waiting).toMatchObject({
      stdout: 'clientcredential.alm-operator.dev/orders condition met\n',
      code: 0,
    });
    await plays(`
$ wait ccred/orders --for=jsonpath={.status.conditions[0].reason}=Applied --timeout=60s
clientcredential.alm-operator.dev/orders condition met
$ wait ccred/orders --for=condition=Stalled --timeout=1s
! error: timed out waiting for the condition on clientcredentials/orders
[1]
$ wait ccred/nope --for=condition=Ready --timeout=1s
! Error from server (NotFound): clientcredentials.alm-operator.dev "nope" not found
[1]
`);
  });

  it('ends a namespace with all that is in it', async () => {
    await apply('secret.yaml', 'orders.yaml');
    await plays(`
$ delete namespace ${namespace()} --wait=false
namespace "<ns>" deleted
! Warning: deleting cluster-scoped resources, not scoped to the provided namespace
$ get namespace ${namespace()}
NAME   STATUS        AGE
<ns>   Terminating   <age>
$ create configmap late --from-literal=a=b
! error: failed to create configmap: configmaps "late" is forbidden: unable to create new content in namespace <ns> because it is being terminated
[1]
$ wait namespace/${namespace()} --for=delete --timeout=60s
namespace/<ns> condition met
$ get ccred,secret
! No resources found in <ns> namespace.
`);
  });
});
