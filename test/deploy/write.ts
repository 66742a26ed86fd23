/** `npm run manifests`: writes what the chart carries of other files anew, and deploy/install.yaml from the chart. */

import { writeFileSync } from 'node:fs';
import { helmVersion } from './helm.ts';
import { chartFiles, installManifest, ROOT, type Written } from './manifests.ts';

const write = ({ file, text }: Written) => writeFileSync(new URL(file, ROOT), text);

for (const written of chartFiles()) write(written);
if (helmVersion() === undefined) {
  console.error('deploy/install.yaml stays as it is: it is rendered by helm 3, which is not on the path');
  process.exitCode = 1;
} else {
  write(await installManifest());
}
