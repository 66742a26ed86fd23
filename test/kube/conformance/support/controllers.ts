/** Whether the server of this run can be given controllers: not every folder of binaries has a controller manager. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Says so loudly where it is not, for the tests that are skipped then. */
export function controllersMissing(): boolean {
  const assets = process.env['KUBEBUILDER_ASSETS'] ?? '';
  const missing = assets !== '' && !existsSync(join(assets, 'kube-controller-manager'));
  if (missing)
    console.warn('SKIPPED: there is no kube-controller-manager in the folder of KUBEBUILDER_ASSETS');
  return missing;
}
