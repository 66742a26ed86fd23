import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectlVersion } from '../guides/kubectl.ts';
import { OPERATOR_LOGIN } from '../support/alm/defaults.ts';
import { secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { kstatusOf } from '../support/kstatus.ts';
import { hasCondition, type Live, type Manifest } from '../support/kubectl/objects.ts';
import { secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { makeTree, moreClients, ORDERS, type Tree } from './gitops/tree.ts';

/** What a GitOps tool sees of an operator at work on the tree that it applied: nothing. */

const LIMIT_MS = 180_000;
const FLAGS = ['--resync-interval', '5s', '--generated-secrets', 'true'];
const BILLING = 'team-billing';
const OPERATOR = 'alm-operator';
const ARGO = ['--server-side', '--field-manager=argocd-controller'];
const FLUX = ['--server-side', '--field-manager=kustomize-controller'];

const kubectl = kubectlVersion();
if (kubectl === undefined)
  console.warn('SKIPPED: nothing is applied as GitOps tools do, for want of kubectl 1.30 or newer.');

describe.skipIf(kubectl === undefined).each([
  { how: 'client-side', apply: [] as readonly string[], resyncs: 10 },
  { how: 'server-side', apply: ARGO, resyncs: 2 },
])('a tree that is applied $how', { timeout: LIMIT_MS }, ({ apply, resyncs }) => {
  const scenario = useScenario({ operator: { flags: FLAGS } });
  let tree: Tree | undefined;
  const git = () => {
    if (tree === undefined) throw new Error('There is no tree yet');
    return tree;
  };

  beforeAll(async () => {
    const { cluster, api, alm } = scenario();
    tree = await makeTree(await cluster.kubeconfigFor('gitops'), alm);
    // The connection of the scenario is not of the tree's making.
    await api.delete('AlmConnection', OPERATOR_NAMESPACE, 'default');
    await api.apply(secret(OPERATOR_NAMESPACE, 'alm-login', { clientSecret: OPERATOR_LOGIN.clientSecret }));
  });
  afterAll(() => tree?.remove());

  const live = async (): Promise<readonly Live[]> => {
    const objects = await git().objects();
    return Promise.all(
      objects.map(({ kind, metadata: { namespace = '', name } }) =>
        scenario().api.get(kind, namespace, name),
      ),
    );
  };
  const versions = async () =>
    (await live()).map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`);
  const looksAt = (clientId: string) =>
    scenario().alm.log.filter(({ path }) => path === `/api/credentials/${clientId}`).length;
  const settled = async () => {
    const { api } = scenario();
    const states: Readonly<Record<string, (object: Live) => boolean>> = {
      // The first client that ALM takes shows it, and is the last news of the connection.
      default: hasCondition('Authorised', 'True'),
      suspended: hasCondition('Ready', 'False', 'Suspended'),
      stalled: hasCondition('Stalled', 'True', 'AccessDenied'),
    };
    for (const { kind, metadata } of await git().objects()) {
      const { name, namespace = '' } = metadata;
      const holds = states[name] ?? hasCondition('Ready', 'True');
      await api.waitFor(kind, namespace, name, holds, { what: `${kind} ${name}`, timeoutMs: 60_000 });
    }
  };
  const diff = async () => {
    const { code, stdout, stderr } = await git().kubectl('diff', ...apply);
    return { code, stdout, stderr };
  };
  const NONE = { code: 0, stdout: '', stderr: '' };

  it('comes to its end although Secrets come late', async () => {
    const { api } = scenario();
    expect(await git().kubectl('apply', ...apply)).toMatchObject({ code: 0 });
    for (const name of ['orders-alm', 'annotated', 'suspended', 'stalled']) {
      await api.apply(secret(ORDERS, name, { clientSecret: secretText(name) }));
    }
    await api.apply(secret(BILLING, 'billing-alm', { password: secretText('billing') }));
    await settled();
    const verdicts = (await live()).map((object) => [object.metadata.name, kstatusOf(object as never)]);
    expect(Object.fromEntries(verdicts)).toEqual({
      annotated: 'Current',
      'billing-ui': 'Current',
      default: 'Current',
      'defaults-spelled-out': 'Current',
      generated: 'Current',
      orders: 'Current',
      stalled: 'Failed',
      suspended: 'InProgress',
    });
  });

  it('shows no difference afterwards, and is applied again without a change', async () => {
    expect(await diff()).toEqual(NONE);
    const before = await versions();
    const { code, stdout } = await git().kubectl('apply', ...apply);
    expect(code).toBe(0);
    const changed = stdout
      .trim()
      .split('\n')
      .filter((line) => !/ (unchanged|serverside-applied)$/.test(line));
    expect(changed).toEqual([]);
    expect(await versions()).toEqual(before);
    expect(await diff()).toEqual(NONE);
  });

  it(`shows no difference after ${resyncs} resyncs, which wrote nothing to any object`, async () => {
    const before = await versions();
    const clients = ['orders', 'annotated', 'defaults-spelled-out', 'generated'].map(
      (name) => `${ORDERS}_${name}`,
    );
    const due = clients.map((clientId) => looksAt(clientId) + resyncs);
    await expect
      .poll(() => clients.every((clientId, index) => looksAt(clientId) >= (due[index] ?? 0)), {
        timeout: 120_000,
        interval: 200,
      })
      .toBe(true);
    expect(await diff()).toEqual(NONE);
    expect(await versions()).toEqual(before);
  });

  it('keeps its fields: the operator has those of its finalizer and of status', async () => {
    const own = (await live()).flatMap(({ metadata }) => fieldsOf(metadata, OPERATOR));
    expect(new Set(own)).toEqual(new Set(['status f:status', ' f:metadata f:finalizers']));
    for (const [index, object] of (await git().objects()).entries()) {
      const { metadata } = (await live())[index] ?? object;
      const others = managersOf(metadata).filter(({ manager }) => manager !== OPERATOR);
      expect(others.map(({ subresource }) => subresource)).toEqual([undefined]);
      const { 'f:spec': spec = {}, 'f:metadata': own = {} } = others[0]?.fieldsV1 ?? {};
      expect(Object.keys(spec).filter(isField).toSorted()).toEqual(specFields(object, spec));
      expect(Object.keys(own)).not.toContain('f:finalizers');
    }
  });

  it('is taken over by another tool without a conflict', async () => {
    const { code, stderr } = await git().kubectl('apply', ...FLUX);
    expect({ code, conflicts: /conflict/i.test(stderr) }).toEqual({ code: 0, conflicts: false });
    expect(await diff()).toEqual(NONE);
    expect(await git().kubectl('diff', ...FLUX)).toEqual(NONE);
  });

  it('is followed where Git moves on, and shows no difference then', async () => {
    const { api, alm } = scenario();
    await git().commit(moreClients(777));
    // The other tool still owns the field.
    expect((await git().kubectl('diff', ...FLUX, '--force-conflicts')).stdout).toContain('777');
    expect(await git().kubectl('apply', ...FLUX, '--force-conflicts')).toMatchObject({ code: 0 });
    const asked = (object: Live) =>
      object.spec?.['accessTokenValidity'] === 777 && hasCondition('Ready', 'True')(object);
    await api.waitFor('ClientCredential', ORDERS, 'annotated', asked, {
      what: 'the new spec',
      timeoutMs: 30_000,
    });
    expect(alm.state.get(`${ORDERS}_annotated`)).toMatchObject({ accessTokenValidity: 777 });
    expect(await git().kubectl('diff', ...FLUX)).toEqual(NONE);
  });
});

type Fields = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
type Manager = Readonly<{ manager?: string; subresource?: string; fieldsV1?: Fields }>;

function managersOf(metadata: object): readonly Manager[] {
  return (metadata as Readonly<{ managedFields?: readonly Manager[] }>).managedFields ?? [];
}

/** `subresource path`, two deep below metadata and one elsewhere. */
function fieldsOf(metadata: object, of: string): readonly string[] {
  return managersOf(metadata)
    .filter(({ manager }) => manager === of)
    .flatMap(({ subresource = '', fieldsV1 = {} }) =>
      Object.entries(fieldsV1).flatMap(([field, inner = {}]) =>
        field === 'f:metadata'
          ? Object.keys(inner).map((name) => `${subresource} ${field} ${name}`)
          : [`${subresource} ${field}`],
      ),
    );
}

/** Some servers note the parent of the fields, too. */
const isField = (name: string) => name.startsWith('f:');

/** An empty list may be nobody's. */
function specFields(manifest: Manifest, owned: object): readonly string[] {
  return Object.entries((manifest['spec'] ?? {}) as object)
    .map(([field, value]) => ({ field: `f:${field}`, isEmpty: Array.isArray(value) && value.length === 0 }))
    .filter(({ field, isEmpty }) => !isEmpty || field in owned)
    .map(({ field }) => field)
    .toSorted();
}
