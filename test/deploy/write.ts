/**
 * `npm run manifests`: writes what the chart carries of other files anew, and from the chart deploy/install.yaml and what
 * deploy/kustomize is made of.
 */

import { writeFileSync } from 'node:fs';
import { helmVersion } from './helm.ts';
import { kustomizeFiles, kustomizeKinds } from './kustomize.ts';
import { chartFiles, installManifest, ROOT, type Written } from './manifests.ts';

const write = ({ file, text }: Written) => writeFileSync(new URL(file, ROOT), text);

for (const written of [...chartFiles(), ...kustomizeKinds()]) write(written);
if (helmVersion() === undefined) {
  console.error(
    'deploy/install.yaml and deploy/kustomize stay as they are: helm 3 renders them, and is not on the path',
  );
  process.exitCode = 1;
} else {
  for (const written of [await installManifest(), ...(await kustomizeFiles())]) write(written);
}
