/** `npm run docs`: writes anew the reference pages of the kinds and of the metrics, and Argo CD's ConfigMap. */

import { writeFileSync } from 'node:fs';
import { CONFIG_MAP, configMapText } from '../deploy/argocd/files.ts';
import { metricsPage } from './metrics.ts';
import { referencePages } from './pages.ts';

for (const { file, text } of [...referencePages(), { file: 'metrics.md', text: await metricsPage() }]) {
  writeFileSync(new URL(`../../docs/reference/${file}`, import.meta.url), text);
}

writeFileSync(new URL(`../../${CONFIG_MAP}`, import.meta.url), configMapText());
