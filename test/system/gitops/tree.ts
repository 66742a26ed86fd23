/**
 * deploy/gitops/example as a GitOps tool applies it, with what it leaves open: the address of an ALM, and a client of
 * every form. What External Secrets and Sealed Secrets would make is left to the test.
 */

import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import type { AlmSim } from '../../support/alm/server.ts';
import type { Manifest } from '../../support/kubectl/objects.ts';
import { credential } from '../../support/samples.ts';

const EXAMPLE = fileURLToPath(new URL('../../../deploy/gitops/example', import.meta.url));
const LIMIT_MS = 60_000;

export const ORDERS = 'team-orders';

export type Output = Readonly<{ code: number; stdout: string; stderr: string }>;

export type Tree = Readonly<{
  /** `kubectl <words> -k` this tree; 1 is kubectl's word for a difference. */
  kubectl(...words: readonly string[]): Promise<Output>;
  /** As kustomize makes it, the objects of this project alone. */
  objects(): Promise<readonly Manifest[]>;
  /** Git moves on. */
  commit(more: readonly Manifest[]): Promise<void>;
  remove(): Promise<void>;
}>;

/** Clients whose fields a tool could take for drift. */
export function moreClients(accessTokenValidity = 300): readonly Manifest[] {
  const { clientSecretRef: _, ...generated } = credential(ORDERS, 'generated')['spec'] as Manifest;
  const annotated = credential(ORDERS, 'annotated', { accessTokenValidity, roles: [] });
  const annotations = { 'reconcile.fluxcd.io/requestedAt': 'in-git', 'alm-operator.dev/rotate': 'in-git' };
  return [
    { ...annotated, metadata: { ...annotated.metadata, annotations, labels: { team: 'orders' } } },
    credential(ORDERS, 'defaults-spelled-out', {
      accessTokenValidity: 1200,
      refreshTokenValidity: 30600,
      connectionRef: { name: 'default' },
      clientSecretRef: { name: 'annotated', key: 'clientSecret' },
      adoptionPolicy: 'Never',
      deletionPolicy: 'Revoke',
      resyncInterval: '5s',
      suspend: false,
    }),
    credential(ORDERS, 'suspended', { suspend: true }),
    credential(ORDERS, 'stalled', { clientId: 'of-nobody' }),
    {
      ...credential(ORDERS, 'generated'),
      spec: { ...generated, generatedSecret: { name: 'generated', clientIdKey: 'id', rotateEvery: '720h' } },
    },
  ];
}

export async function makeTree(kubeconfig: string, alm: Pick<AlmSim, 'url' | 'caPem'>): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), 'gitops-'));
  await cp(EXAMPLE, folder, { recursive: true });
  const commit = (more: readonly Manifest[]) =>
    writeFile(join(folder, 'more.yaml'), more.map((manifest) => stringify(manifest)).join('---\n'));
  await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization(alm)));
  await commit(moreClients());
  const kubectl = (...words: readonly string[]) => run([...words, folder], kubeconfig, folder);
  return {
    kubectl: (...words) => kubectl(...words, '-k'),
    objects: async () => {
      const { stdout } = await kubectl('kustomize');
      return parseAllDocuments(stdout)
        .map((document) => document.toJS() as Manifest)
        .filter(({ apiVersion }) => apiVersion.startsWith('alm-operator.dev/'));
    },
    commit,
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function kustomization({ url, caPem }: Pick<AlmSim, 'url' | 'caPem'>) {
  const place = [
    { op: 'replace', path: '/spec/endpoint', value: url },
    { op: 'add', path: '/spec/tls', value: { caBundle: caPem } },
    { op: 'add', path: '/spec/limits', value: { requestsPerSecond: 50, timeout: '10s' } },
    { op: 'add', path: '/spec/verification', value: 'OnChange' },
  ];
  const without = (kind: string) => ({
    target: { kind },
    patch: stringify({ apiVersion: 'any/v1', kind, metadata: { name: 'any' }, $patch: 'delete' }),
  });
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['platform', 'teams/orders', 'teams/billing', 'more.yaml'],
    patches: [
      { target: { kind: 'AlmConnection' }, patch: stringify(place) },
      without('ExternalSecret'),
      without('SealedSecret'),
    ],
  };
}

/** Rejects where kubectl could not be run, or said that something is wrong. */
function run(words: readonly string[], kubeconfig: string, home: string): Promise<Output> {
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig };
  return new Promise((resolve, reject) => {
    execFile('kubectl', words, { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (code === 0 || code === 1) resolve({ code, stdout, stderr });
      else reject(new Error(`kubectl ${words.join(' ')}: ${stderr || error?.message}`));
    });
  });
}
