import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { credential } from './objects.ts';
import { describeSessions } from './terminals.ts';

const POLICY = new URL('../../../deploy/admission/policy.yaml', import.meta.url);
const NAME = 'clientcredential-access.alm-operator.dev';
const IN_FORCE_LIMIT_MS = 25_000;

const CONNECTION = `
apiVersion: alm-operator.dev/v1beta1
kind: AlmConnection
metadata: {name: default, namespace: ${OPERATOR_NAMESPACE}}
spec:
  endpoint: https://alm.example
  auth: {clientCredentials: {clientId: operator-login, clientSecretRef: {name: alm-login}}}
  access:
    - {namespaces: {all: true}, clientIds: [orders, "$(namespace)_*"], maxAccessTokenValidity: 600}
`;

describeSessions('kubectl and the admission policy', ({ plays, terminal, namespace, cluster }) => {
  /** Until a request that it refuses is refused. */
  async function inForce(): Promise<void> {
    const refused = () =>
      cluster()
        .api.raw({
          method: 'POST',
          path: `/apis/alm-operator.dev/v1beta1/namespaces/${namespace()}/clientcredentials`,
          query: { dryRun: 'All' },
          body: {
            apiVersion: 'alm-operator.dev/v1beta1',
            kind: 'ClientCredential',
            metadata: { name: 'probe' },
            spec: {
              clientId: 'operator-login',
              clientSecretRef: { name: 'x' },
              authorisedGrantTypes: ['password'],
            },
          },
        })
        .then(
          () => false,
          () => true,
        );
    for (const deadline = Date.now() + IN_FORCE_LIMIT_MS; !(await refused()); await sleep(50)) {
      expect(Date.now(), 'the policy is in force').toBeLessThan(deadline);
    }
  }

  it('tells what is refused, as the operator would', async () => {
    await terminal().file('policy.yaml', await readFile(POLICY, 'utf8'));
    await terminal().file('short.yaml', credential('orders', 'accessTokenValidity: 600'));
    await terminal().file('admin.yaml', credential('orders', 'accessTokenValidity: 600\nroles: [Admin]'));
    const by = `ValidatingAdmissionPolicy '${NAME}' with binding '${NAME}' denied request`;
    const ask = `ask whoever keeps AlmConnection default in namespace ${OPERATOR_NAMESPACE} for`;
    await plays(`
$ apply -f policy.yaml
validatingadmissionpolicy.admissionregistration.k8s.io/${NAME} created
validatingadmissionpolicybinding.admissionregistration.k8s.io/${NAME} created
`);
    await cluster().api.apply(CONNECTION);
    await inForce();
    await plays(`
$ apply -f orders.yaml
! Error from server (Forbidden): error when creating "orders.yaml": clientcredentials.alm-operator.dev "orders" is forbidden: ${by}: roles: connection default does not allow role Portal here; leave it out or ${ask} it
[1]
$ apply -f short.yaml
clientcredential.alm-operator.dev/orders created
$ apply -f admin.yaml --server-side --force-conflicts
! Error from server (Forbidden): clientcredentials.alm-operator.dev "orders" is forbidden: ${by}: roles: connection default does not allow role Admin here; leave it out or ${ask} it
[1]
$ patch clientcredential orders --type merge -p {"spec":{"accessTokenValidity":601}}
! Error from server (Forbidden): clientcredentials.alm-operator.dev "orders" is forbidden: ${by}: accessTokenValidity: connection default allows at most 600 s here, and this is 601 s; lower it or ${ask} more
[1]
$ label clientcredential orders team=a
clientcredential.alm-operator.dev/orders labeled
$ get validatingadmissionpolicybindings ${NAME} -o jsonpath={.spec.paramRef.namespace}
${OPERATOR_NAMESPACE}
$ delete -f short.yaml
clientcredential.alm-operator.dev "orders" deleted
`);
  });
});
