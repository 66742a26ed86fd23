import { describe, expect, it } from 'vitest';
import { CANARY, secretText } from '../support/canary.ts';
import { conditionOf } from '../support/kubectl/objects.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, isReady, type Place } from './clients.ts';

/** What bad Secrets get: a sentence with the remedy and without the value, nothing sent to ALM, and a way back. */

type Bad = Readonly<{
  name: string;
  data?: Readonly<Record<string, string | Buffer>>;
  type?: string;
  reason: string;
  flag: 'Reconciling' | 'Stalled';
  says: string;
}>;

const BAD: readonly Bad[] = [
  {
    name: 'missing',
    reason: 'SecretNotFound',
    flag: 'Reconciling',
    says: 'Secret missing does not exist in namespace NAMESPACE; create it',
  },
  {
    name: 'keyless',
    data: { password: CANARY },
    reason: 'SecretKeyNotFound',
    flag: 'Reconciling',
    says: 'Secret keyless has no key clientSecret; add it or name another key',
  },
  ...[
    { name: 'empty', value: '' },
    { name: 'blank', value: ' \t\r\n' },
  ].map(({ name, value }) => ({
    name,
    data: { clientSecret: value },
    reason: 'SecretEmpty',
    flag: 'Reconciling' as const,
    says: `key clientSecret of Secret ${name} is empty or only white space; put the password there`,
  })),
  {
    name: 'binary',
    data: { clientSecret: Buffer.concat([Buffer.from(CANARY), Buffer.from([0xff, 0xfe])]) },
    reason: 'SecretInvalid',
    flag: 'Stalled',
    says: 'key clientSecret of Secret binary is not UTF-8 text; store the password as text',
  },
  ...[
    { name: 'release', type: 'helm.sh/release.v1', data: { clientSecret: CANARY } },
    {
      name: 'tls',
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': 'x', 'tls.key': CANARY, clientSecret: CANARY },
    },
    {
      name: 'registry',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': '{}', clientSecret: CANARY },
    },
  ].map(({ name, type, data }) => ({
    name,
    type,
    data,
    reason: 'SecretNotAllowed',
    flag: 'Stalled' as const,
    says: `Secret ${name} is of type ${type}; use a Secret of type Opaque`,
  })),
];

describe('a Secret', () => {
  const scenario = useScenario();
  const { place, created, change, rotate, patch, held, settled, until } = clientsOf(scenario);
  const asked = ({ clientId }: Place) =>
    scenario().alm.log.filter((request) => request.clientId === clientId && request.path !== '/oauth/token');

  async function put({ namespace, name }: Place, { type = 'Opaque', data }: Pick<Bad, 'type' | 'data'>) {
    await scenario().api.delete('Secret', namespace, name);
    if (data === undefined) return;
    const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    await scenario().api.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name },
      type,
      data: Object.fromEntries(encoded),
    });
  }

  it.each(BAD)('that is bad ($name) is named, nothing is sent, and mending it is enough', async (bad) => {
    const [fresh, old] = [await place(bad.name), await created(bad.name)];
    await put(fresh, bad);
    await change(fresh, {});
    await put(old, bad);
    for (const of of [fresh, old]) {
      const object = await held(of, bad.reason);
      const says = bad.says.replace('NAMESPACE', of.namespace);
      for (const type of ['Ready', 'ResolvedRefs']) {
        expect(conditionOf(object, type)).toMatchObject({
          status: 'False',
          reason: bad.reason,
          message: says,
        });
      }
      expect(conditionOf(object, bad.flag)).toMatchObject({ status: 'True', reason: bad.reason });
    }
    expect(asked(fresh)).toEqual([]);
    expect(asked(old)).toHaveLength(1);
    expect(scenario().alm.matches(old.clientId, secretText(bad.name))).toBe(true);
    for (const of of [fresh, old]) {
      await put(of, { data: { clientSecret: secretText('mended') } });
      await settled(of);
      expect(scenario().alm.matches(of.clientId, secretText('mended'))).toBe(true);
    }
  });

  it.each([
    {
      name: 'newline',
      value: `${CANARY}\n`,
      warning: 'ends with a newline, which is sent as part of the password',
    },
    {
      name: 'long',
      value: `${CANARY}${'x'.repeat(72)}`,
      warning: 'has more than 72 bytes, of which ALM may ignore the rest',
    },
  ])('that looks like a mistake ($name) is sent as it is, with a warning until it is mended', async (row) => {
    const of = await place(row.name);
    await rotate(of, row.value);
    await change(of, {});
    const object = await settled(of);
    expect(conditionOf(object, 'ResolvedRefs')).toMatchObject({
      status: 'True',
      message: `connection and Secret are usable; warning: key clientSecret of Secret ${row.name} ${row.warning}`,
    });
    expect(scenario().alm.matches(of.clientId, row.value)).toBe(true);
    await rotate(of, secretText('mended'));
    expect(conditionOf(await settled(of), 'ResolvedRefs')?.message).toBe('connection and Secret are usable');
  });

  it('may hold the password under another key', async () => {
    const of = await place('other-key');
    await put(of, { data: { password: secretText('other-key') } });
    await change(of, { clientSecretRef: { name: 'other-key', key: 'password' } });
    await settled(of);
    expect(scenario().alm.matches(of.clientId, secretText('other-key'))).toBe(true);
  });

  it('that ALM repeats in its refusal is not quoted; other words of ALM are', async () => {
    const quoted = await place('quoted');
    scenario().alm.knobs.unknownRole = '400';
    await rotate(quoted, secretText('quoted'));
    await change(quoted, { roles: ['Unheard'] });
    expect(conditionOf(await held(quoted, 'RejectedByAlm'), 'Stalled')?.message).toBe(
      "ALM refused the creation with 400: Role Unheard does not exist; correct the spec or ask ALM's administrator",
    );
    scenario().alm.knobs.refusalEcho = 'on';
    const echoed = await place('echoed');
    await rotate(echoed, secretText('echoed'));
    await change(echoed, { roles: ['Unheard'] });
    expect(conditionOf(await held(echoed, 'RejectedByAlm'), 'Stalled')?.message).toBe(
      "ALM refused the creation with 400; correct the spec or ask ALM's administrator",
    );
    await change(quoted, { roles: ['Portal'] });
    await settled(quoted);
    scenario().alm.knobs.unknownRole = 'accept';
    await patch(echoed, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'the role is known' } });
    await until(echoed, 'Ready', isReady);
    expect(asked(echoed)).toHaveLength(2);
  });
});
