/** Query parameters of writes. */

import * as cause from '../schema/causes.ts';
import type { FieldValidation } from '../schema/schema.ts';
import { invalid } from '../status.ts';

export type WriteOptions = Readonly<{
  fieldValidation: FieldValidation;
  dryRun: boolean;
  /** What strict decoding holds against the text of the body itself. */
  strictErrors: readonly string[];
}>;

/** `verb` names the options in a refusal: CreateOptions, UpdateOptions, PatchOptions. */
export function writeOptions(verb: 'Create' | 'Update' | 'Patch', query: URLSearchParams): WriteOptions {
  const asked = query.get('fieldValidation') ?? '';
  const dryRun = query.getAll('dryRun');
  const causes = [
    ...(['', 'Strict', 'Warn', 'Ignore'].includes(asked)
      ? []
      : [cause.notSupported('fieldValidation', asked, ['', 'Ignore', 'Strict', 'Warn'])]),
    ...(dryRun.every((value) => value === 'All') ? [] : [cause.notSupported('dryRun', dryRun, ['All'])]),
  ];
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: `${verb}Options` }, '', causes);
  return {
    fieldValidation: (asked || 'Warn') as FieldValidation,
    dryRun: dryRun.length > 0,
    strictErrors: [],
  };
}
