/** `npm run docs`: writes the reference pages of the kinds and of the metrics anew. */

import { writeFileSync } from 'node:fs';
import { metricsPage } from './metrics.ts';
import { referencePages } from './pages.ts';

for (const { file, text } of [...referencePages(), { file: 'metrics.md', text: await metricsPage() }]) {
  writeFileSync(new URL(`../../docs/reference/${file}`, import.meta.url), text);
}
