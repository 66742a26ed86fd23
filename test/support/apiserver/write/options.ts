/** Query parameters of writes. */

import type { Entry } from '../fields/managers.ts';
import * as cause from '../schema/causes.ts';
import type { FieldValidation } from '../schema/schema.ts';
import { invalid } from '../status.ts';

export type WriteOptions = Readonly<{
  fieldValidation: FieldValidation;
  dryRun: boolean;
  /** What strict decoding holds against the text of the body itself. */
  strictErrors: readonly string[];
  /** Who is named as the owner of what the write changes. */
  manager: string;
  /** Whether an apply takes fields from others. */
  force: boolean;
  /** Who owns what afterwards, where that is decided already. */
  owners?: readonly Entry[];
}>;

export type WriteVerb = 'Create' | 'Update' | 'Patch' | 'Apply';

const MAX_MANAGER = 128;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** One who gives no name is known by the program's: the user agent up to the slash. */
export function writeOptions(verb: WriteVerb, query: URLSearchParams, userAgent = ''): WriteOptions {
  const asked = query.get('fieldValidation') ?? '';
  const dryRun = query.getAll('dryRun');
  const manager = query.get('fieldManager') ?? '';
  const causes = [
    ...(dryRun.every((value) => value === 'All') ? [] : [cause.notSupported('dryRun', dryRun, ['All'])]),
    ...managerCauses(verb, manager),
    ...(query.has('force') && verb === 'Patch'
      ? [cause.forbidden('force', 'may not be specified for non-apply patch')]
      : []),
    ...(['', 'Strict', 'Warn', 'Ignore'].includes(asked)
      ? []
      : [cause.notSupported('fieldValidation', asked, ['', 'Ignore', 'Strict', 'Warn'])]),
  ];
  const kind = `${verb === 'Apply' ? 'Patch' : verb}Options`;
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', causes);
  return {
    fieldValidation: (asked || 'Warn') as FieldValidation,
    dryRun: dryRun.length > 0,
    strictErrors: [],
    manager: manager === '' ? programOf(userAgent) : manager,
    force: query.get('force') === 'true',
  };
}

function managerCauses(verb: WriteVerb, manager: string): readonly cause.Cause[] {
  if (verb === 'Apply' && manager === '') {
    return [cause.required('fieldManager', 'is required for apply patch')];
  }
  return [
    ...(Buffer.byteLength(manager) > MAX_MANAGER ? [cause.tooLong('fieldManager', MAX_MANAGER)] : []),
    ...(UNPRINTABLE.test(manager)
      ? [cause.invalid('fieldManager', manager, 'should only contain printable characters')]
      : []),
  ];
}

function programOf(userAgent: string): string {
  const program = userAgent.split('/')[0]?.slice(0, MAX_MANAGER) ?? '';
  return program === '' ? 'unknown' : program;
}
