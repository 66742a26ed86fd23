import { expect, it } from 'vitest';
import { firstSteps, playGuide, readGuide } from './play.ts';

const LIMIT_MS = 60_000;

const guide = readGuide('uninstall-and-move');
const strip = guide.steps.find(({ commands }) => commands.includes('/metadata/finalizers/'))?.commands;

/** As other operators and backup tools leave them. */
const FINALIZERS: Readonly<Record<string, readonly string[]>> = {
  amid: ['example.com/before', 'alm-operator.dev/release', 'example.com/after'],
  foreign: ['alm-operator.dev/released', 'example.com/release'],
  last: ['example.com/before', 'alm-operator.dev/release'],
  none: [],
};

function manifests(): string {
  const items = Object.entries(FINALIZERS).map(([name, finalizers]) => ({
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    metadata: { name, namespace: 'team-orders', finalizers },
    spec: { clientId: name, clientSecretRef: { name }, authorisedGrantTypes: ['client_credentials'] },
  }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

playGuide(guide, {
  before: firstSteps(),
  after: (played) => {
    it(
      "takes the operator's finalizer off wherever it stands, and nobody else's",
      async () => {
        const terminal = played.terminal('kubectl');
        await terminal.run(`export KUBECONFIG=$PWD/cluster.kubeconfig`, LIMIT_MS);
        await terminal.run(`kubectl create -f - <<'EOF'\n${manifests()}\nEOF`, LIMIT_MS);
        await terminal.run(strip ?? '', LIMIT_MS);
        const listed = await terminal.run('kubectl get ccred -n team-orders -o json', LIMIT_MS);
        const { items } = JSON.parse(listed) as {
          items: readonly { metadata: { name: string; finalizers?: readonly string[] } }[];
        };
        const left = Object.fromEntries(
          items.map(({ metadata }) => [metadata.name, metadata.finalizers ?? []]),
        );
        expect(left).toEqual({
          amid: ['example.com/before', 'example.com/after'],
          foreign: FINALIZERS['foreign'],
          last: ['example.com/before'],
          none: [],
        });
      },
      4 * LIMIT_MS,
    );
  },
});
