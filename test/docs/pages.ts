/** All reference pages, as files below docs/reference. */

import { KINDS } from '../../src/api/crd.ts';
import { CONDITIONS } from './conditions.ts';
import { exampleOf } from './examples.ts';
import { referencePage } from './page.ts';

export function referencePages(): readonly Readonly<{ file: string; text: string }>[] {
  return KINDS.map((kind) => {
    const name = kind.resource.kind;
    const text = referencePage(kind, CONDITIONS[name] ?? [], exampleOf(name));
    return { file: `${name.toLowerCase()}.md`, text };
  });
}
