import { expect, it } from 'vitest';
import { customResourceDefinition, KINDS } from '../../src/api/crd.ts';
import { type KubeClient, KubeError } from '../../src/kube/client.ts';
import { editionsReconciler } from '../../src/reconcile/editions.ts';

type Said = Readonly<{ fields: Readonly<Record<string, unknown>>; message: string }>;
type Stored = { metadata: { name: string; annotations: Record<string, string> } };

const current = () => KINDS.map((kind) => structuredClone(customResourceDefinition(kind)) as Stored);

/** A pass over definitions that are served like this; `failing` is the status that every read is answered with. */
async function pass(definitions: readonly Stored[], failing?: number) {
  const warned: Said[] = [];
  const quiet = () => undefined;
  const warn = (fields: Said['fields'], message: string) => void warned.push({ fields, message });
  const get = async (_: unknown, { name }: Readonly<{ name: string }>) => {
    const found = definitions.find(({ metadata }) => metadata.name === name);
    const status = failing ?? (found === undefined ? 404 : undefined);
    if (status !== undefined) throw new KubeError({ status, reason: 'x', message: 'x' });
    return found;
  };
  const reconcile = editionsReconciler({
    kube: { get: get as KubeClient['get'] },
    log: { debug: quiet, info: quiet, warn, error: quiet },
  });
  return { outcome: await reconcile('definitions', new AbortController().signal), warned };
}

it('says nothing of definitions that are its own', async () => {
  expect(await pass(current())).toEqual({ outcome: { then: 'settle' }, warned: [] });
});

it('says once which are older, of which release, and what upgrades them', async () => {
  const definitions = current();
  const [one, two] = definitions.map(({ metadata }) => metadata);
  one!.annotations = { 'alm-operator.dev/version': '0.0.9', 'alm-operator.dev/schema': 'other' };
  two!.annotations = {};
  const { warned } = await pass(definitions);
  expect(warned).toEqual([
    {
      message: 'definitions are older than this operator',
      fields: {
        definitions: [
          { name: one!.name, release: '0.0.9' },
          { name: two!.name, release: undefined },
        ],
        command: 'alm-operator crds | kubectl apply --server-side --force-conflicts -f -',
      },
    },
  ]);
});

it('says that it may not look, and goes on', async () => {
  const { outcome, warned } = await pass(current(), 403);
  expect(outcome).toEqual({ then: 'settle' });
  expect(warned.map(({ message }) => message)).toEqual([
    'whether definitions are older than this operator is not known',
  ]);
});

it.each([0, 404, 429, 500])('looks again later where the answer was %i', async (status) => {
  await expect(pass(current(), status)).rejects.toThrow(KubeError);
});
