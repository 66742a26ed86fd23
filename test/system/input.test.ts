import { describe, expect, it } from 'vitest';
import { CONNECTION_ROWS, CREDENTIAL_ROWS, type Row } from '../api/rows.ts';
import { findCanary, secretText } from '../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { ApiError } from '../support/kubectl/http.ts';
import { conditionOf, hasCondition, type Live, type Manifest } from '../support/kubectl/objects.ts';
import { credential, secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { isReady } from './clients.ts';
import { loosen } from './loosen.ts';

/** What a spec gets that breaks a rule, at the API server and from the operator. */

const GROUP = 'alm-operator.dev';
const broken = (rows: readonly Row[]) => rows.filter(({ says }) => says !== undefined);

function specs(kind: 'ClientCredential' | 'AlmConnection', rows: readonly Row[], namespace: string) {
  return broken(rows).map(({ spec, says, name: what }, at) => {
    const apiVersion = `${GROUP}/v1beta1`;
    const manifest: Manifest = { apiVersion, kind, metadata: { namespace, name: `row-${at}` }, spec };
    return { manifest, what, field: says?.field ?? '', message: says?.message ?? '' };
  });
}

type Refusal = Readonly<{
  status: number;
  causes: readonly Readonly<{ field: string; message: string }>[];
  text: string;
}>;

async function refusal(attempt: Promise<unknown>): Promise<Refusal> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error('The API server did not refuse it', { cause: error });
  const { causes = [] } = (error.details ?? {}) as { causes?: Refusal['causes'] };
  return { status: error.status, causes, text: error.message };
}

describe('a spec that breaks a rule', () => {
  const scenario = useScenario({ launch: false });
  const admitted = (manifest: Manifest) =>
    scenario()
      .api.create(manifest)
      .then(
        () => true,
        () => false,
      );

  it('is refused by the API server with field and rule, whatever the rule', async () => {
    const { api } = scenario();
    const rows = [
      ...specs('ClientCredential', CREDENTIAL_ROWS, await scenario().namespace('specs')),
      ...specs('AlmConnection', CONNECTION_ROWS, OPERATOR_NAMESPACE),
    ];
    const told = await Promise.all(
      rows.map(async ({ manifest, what, field, message }) => {
        const { status, causes } = await refusal(api.create(manifest));
        const named = causes.some((cause) => cause.field === field && cause.message.includes(message));
        return { what, status, named };
      }),
    );
    expect(told).toEqual(rows.map(({ what }) => ({ what, status: 422, named: true })));
  });

  it.each([
    ['a client id with a dot', { clientId: 'a.b' }, 'spec.clientId'],
    ['no grant', { authorisedGrantTypes: [] }, 'spec.authorisedGrantTypes'],
    ['an unknown grant', { authorisedGrantTypes: ['implicit'] }, 'spec.authorisedGrantTypes[0]'],
    ['a validity of nothing', { accessTokenValidity: 0 }, 'spec.accessTokenValidity'],
    ['a role with a comma', { roles: ['a,b'] }, 'spec.roles[0]'],
    ['a role twice', { roles: ['a', 'a'] }, 'spec.roles[1]'],
    ['an unknown policy', { adoptionPolicy: 'Always' }, 'spec.adoptionPolicy'],
    ['a long connection name', { connectionRef: { name: 'a'.repeat(64) } }, 'spec.connectionRef.name'],
  ])('is refused by the API server with its field: %s', async (_what, spec, field) => {
    const namespace = await scenario().namespace('fields');
    const { status, causes } = await refusal(scenario().api.create(credential(namespace, 'bad', spec)));
    expect(status).toBe(422);
    expect(causes.map((cause) => cause.field)).toContain(field);
  });

  it('is refused by the API server for a field that does not exist, and for a changed identity', async () => {
    const { api } = scenario();
    const namespace = await scenario().namespace('fixed');
    const unknown = await refusal(api.apply(credential(namespace, 'typo', { adoptionpolicy: 'Never' })));
    expect(unknown.text).toContain('unknown field "spec.adoptionpolicy"');
    await api.apply(credential(namespace, 'fixed'));
    const renamed = await refusal(api.apply(credential(namespace, 'fixed', { clientId: 'other' })));
    expect(renamed.text).toContain('clientId is immutable; delete this object and create another');
    const moved = await refusal(
      api.apply(credential(namespace, 'fixed', { connectionRef: { name: 'default' } })),
    );
    expect(moved.text).toContain('connectionRef is immutable, its absence included');
  });

  it('and got in under a laxer definition is Stalled with the field and the rule, until it is mended', async () => {
    const { api } = scenario();
    const namespace = await scenario().namespace('lax');
    // A canary in a spec is the user's own doing; the rule that it breaks has other rows.
    const rows = [
      ...specs('ClientCredential', CREDENTIAL_ROWS, namespace),
      ...specs('AlmConnection', CONNECTION_ROWS, OPERATOR_NAMESPACE),
    ].filter(({ manifest }) => findCanary(manifest) === undefined);
    const strict = await loosen(api, ['clientcredentials', 'almconnections']);
    const types = credential(namespace, 'types', { accessTokenValidity: 'soon' });
    for (const manifest of [...rows.map((row) => row.manifest), types]) {
      await expect.poll(() => admitted(manifest)).toBe(true);
    }
    await strict();
    const bad = (n: number) => credential(namespace, `strict-${n}`, { authorisedGrantTypes: [] });
    let tries = 0;
    await expect.poll(() => admitted(bad(tries++))).toBe(false);
    await scenario().launch();
    await Promise.all(
      rows.map(async ({ manifest: { kind, metadata }, field, message }) => {
        const stalled = hasCondition('Stalled', 'True', 'InvalidSpec');
        const place = [kind, metadata.namespace ?? '', metadata.name] as const;
        const object = await api.waitFor<Live>(...place, stalled, { what: 'InvalidSpec', timeoutMs: 20_000 });
        expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'False', reason: 'InvalidSpec' });
        expect(conditionOf(object, 'Ready')?.message).toContain(`${field} ${message}`);
      }),
    );
    const invalid = hasCondition('Ready', 'False', 'InvalidSpec');
    const mistyped = await api.waitFor('ClientCredential', namespace, 'types', invalid, {
      what: 'InvalidSpec',
    });
    expect(conditionOf(mistyped, 'Ready')?.message).toBe(
      'spec.accessTokenValidity must be a whole number; correct the spec',
    );
    await api.apply(secret(namespace, 'types', { clientSecret: secretText('types') }));
    await api.patch('ClientCredential', namespace, 'types', {
      type: 'merge',
      body: { spec: { accessTokenValidity: 60 } },
    });
    await api.waitFor('ClientCredential', namespace, 'types', isReady, { what: 'Ready' });
  });
});
