import { describe, expect, it } from 'vitest';
import { secretText } from '../support/canary.ts';
import type { Live, Manifest } from '../support/kubectl/objects.ts';
import { secret } from '../support/samples.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf, type Place } from './clients.ts';

/** Secrets as other tools make and keep them: late, replaced as a whole, relabelled, large. */

const flags = ['--secret-label-selector', 'alm-client=yes', '--resync-interval', '1000h'];
const scenario = useScenario({ operator: { flags } });
const { place, change, held, until } = clientsOf(scenario);

const LABELS = { 'alm-client': 'yes' };
const writes = ({ clientId }: Place) =>
  scenario().alm.log.filter((request) => request.wrote !== undefined && request.clientId === clientId);

function manifest(
  { namespace, name }: Place,
  data: Readonly<Record<string, string>>,
  labels = LABELS,
): Manifest {
  const plain = secret(namespace, name, data);
  return { ...plain, metadata: { ...plain.metadata, labels } };
}

async function write(of: Place, password: string): Promise<void> {
  await scenario().api.apply(manifest(of, { clientSecret: password }));
}

async function settled(of: Place): Promise<Live> {
  const { metadata } = await scenario().api.get('Secret', of.namespace, of.name);
  return until(of, 'Ready with the present Secret', ({ status }) => {
    const { secret: sent } = (status?.['applied'] ?? {}) as {
      secret?: { uid?: string; resourceVersion?: string };
    };
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return (
      ready?.status === 'True' &&
      sent?.uid === metadata.uid &&
      sent.resourceVersion === metadata.resourceVersion
    );
  });
}

async function made(name: string): Promise<Place> {
  const of = await place(name);
  await write(of, secretText(name));
  await change(of, {});
  await settled(of);
  return of;
}

const opens = ({ clientId }: Place, password: string) =>
  scenario().alm.matches(clientId, secretText(password));

describe('a referenced Secret', () => {
  it('may come after the object', async () => {
    const of = await place('late');
    await change(of, {});
    await held(of, 'SecretNotFound');
    await write(of, secretText('late'));
    await settled(of);
    expect(opens(of, 'late')).toBe(true);
  });

  it('may be deleted and made again within a second', async () => {
    const of = await made('remade');
    await scenario().api.delete('Secret', of.namespace, of.name);
    await write(of, secretText('second-life'));
    await settled(of);
    expect(opens(of, 'second-life')).toBe(true);
    expect(writes(of)).toHaveLength(2);
  });

  it('may be replaced as a whole', async () => {
    const of = await made('replaced');
    const live = await scenario().api.get<Live>('Secret', of.namespace, of.name);
    const data = { clientSecret: Buffer.from(secretText('replacement')).toString('base64') };
    const metadata = { name: of.name, namespace: of.namespace, labels: LABELS };
    await scenario().api.replace({
      apiVersion: live.apiVersion,
      kind: live.kind,
      metadata,
      type: 'Opaque',
      data,
    });
    await settled(of);
    expect(opens(of, 'replacement')).toBe(true);
  });

  it('whose key was renamed is waited for, until the object names the new one', async () => {
    const of = await made('renamed');
    const password = Buffer.from(secretText('renamed-key')).toString('base64');
    const body = { data: { clientSecret: null, password } };
    await scenario().api.patch('Secret', of.namespace, of.name, { type: 'merge', body });
    await held(of, 'SecretKeyNotFound');
    expect(opens(of, 'renamed')).toBe(true);
    await change(of, { clientSecretRef: { name: of.name, key: 'password' } });
    await settled(of);
    expect(opens(of, 'renamed-key')).toBe(true);
  });

  it('whose labels alone change costs one write at most, then quiet', async () => {
    const of = await made('relabelled');
    const before = writes(of).length;
    const body = { metadata: { labels: { 'example.com/synced': 'now' } } };
    await scenario().api.patch('Secret', of.namespace, of.name, { type: 'merge', body });
    await settled(of);
    const after = writes(of).length;
    expect(after - before).toBeLessThanOrEqual(1);
    // A pass for an object that comes last ends after all that were due before it.
    await made('marker');
    expect(writes(of)).toHaveLength(after);
  });

  it('of 1 MiB with one small key is as good as any', async () => {
    const of = await place('large');
    const ballast = 'x'.repeat(1_000_000);
    const data = { clientSecret: secretText('large'), ballast };
    // Too large for the annotation of kubectl apply; such Secrets are created.
    await scenario().api.create(manifest(of, data));
    await change(of, {});
    await settled(of);
    expect(opens(of, 'large')).toBe(true);
  });

  it('without the label is refused, and used once it has it', async () => {
    const of = await place('unlabelled');
    await scenario().api.apply(
      manifest(of, { clientSecret: secretText('unlabelled') }, { 'alm-client': 'no' }),
    );
    await change(of, {});
    await held(of, 'SecretNotAllowed');
    expect(scenario().alm.log.filter(({ clientId }) => clientId === of.clientId)).toEqual([]);
    await write(of, secretText('unlabelled'));
    await settled(of);
    expect(opens(of, 'unlabelled')).toBe(true);
  });

  it('of a refused type is refused, and one of another type takes its place', async () => {
    const of = await place('typed');
    const typed = manifest(of, { '.dockerconfigjson': '{}', clientSecret: secretText('typed') });
    await scenario().api.apply({ ...typed, type: 'kubernetes.io/dockerconfigjson' });
    await change(of, {});
    await held(of, 'SecretNotAllowed');
    await scenario().api.delete('Secret', of.namespace, of.name);
    await write(of, secretText('opaque'));
    await settled(of);
    expect(opens(of, 'opaque')).toBe(true);
  });
});
