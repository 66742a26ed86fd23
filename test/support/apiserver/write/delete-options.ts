/** What a DELETE asks for: in its body, or, where it has none, in the query. */

import { at, isRecord } from '../objects.ts';
import { parsedNumber } from '../read/options.ts';
import * as cause from '../schema/causes.ts';
import { badRequest, invalid } from '../status.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export type DeleteOptions = Readonly<{
  uid?: string;
  resourceVersion?: string;
  /** Absent: what the object says itself, else in the background. */
  propagation?: Propagation;
  dryRun: boolean;
}>;

const POLICIES = ['Foreground', 'Background', 'Orphan'];
const NAMED = { group: 'meta.k8s.io', kind: 'DeleteOptions' };
/** What the decoder expects under a path, and how it calls it. */
const TYPES = [
  ['gracePeriodSeconds', 'number', 'DeleteOptions', 'int64'],
  ['propagationPolicy', 'string', 'DeleteOptions', 'v1.DeletionPropagation'],
  ['orphanDependents', 'boolean', 'DeleteOptions', 'bool'],
  ['dryRun', 'object', 'DeleteOptions', '[]string'],
  ['preconditions', 'object', 'DeleteOptions', 'v1.Preconditions'],
  ['preconditions.uid', 'string', 'Preconditions', 'types.UID'],
  ['preconditions.resourceVersion', 'string', 'Preconditions', 'string'],
] as const;

/** Throws 400 for a body that cannot be decoded, 422 for options that contradict each other or are none. */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  if (body !== undefined) checkTypes(body);
  parsedNumber(query.get('gracePeriodSeconds') ?? '');
  const source = body ?? { ...Object.fromEntries(query), dryRun: query.getAll('dryRun') };
  const text = (...path: readonly string[]) => at(source, ...path) as string | undefined;
  const dryRun = (at(source, 'dryRun') ?? []) as readonly string[];
  const orphans = at(source, 'orphanDependents');
  const policy = text('propagationPolicy');
  checkOptions(dryRun, policy, orphans);
  const uid = text('preconditions', 'uid');
  const resourceVersion = text('preconditions', 'resourceVersion');
  const propagation =
    policy ?? (orphans === undefined ? undefined : orphans === true ? 'Orphan' : 'Background');
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(propagation === undefined ? {} : { propagation: propagation as Propagation }),
    dryRun: dryRun.length > 0,
  };
}

function checkTypes(body: unknown): void {
  if (!isRecord(body)) throw badRequest('the body of the request is not DeleteOptions');
  for (const [path, wanted, struct, goType] of TYPES) {
    const value = at(body, ...path.split('.'));
    if (value === undefined || value === null || typeof value === wanted) continue;
    const got = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    throw badRequest(
      `json: cannot unmarshal ${got} into Go struct field ${struct}.${path} of type ${goType}`,
    );
  }
}

function checkOptions(dryRun: readonly string[], policy: string | undefined, orphans: unknown): void {
  const both = 'orphanDependents and deletionPropagation cannot be both set';
  const causes = [
    ...(policy !== undefined && orphans !== undefined
      ? [cause.invalid('propagationPolicy', policy, both)]
      : []),
    ...(policy === undefined || POLICIES.includes(policy)
      ? []
      : [cause.notSupported('propagationPolicy', policy, [...POLICIES, 'nil'])]),
    ...(dryRun.every((value) => value === 'All') ? [] : [cause.notSupported('dryRun', dryRun, ['All'])]),
  ];
  if (causes.length > 0) throw invalid(NAMED, '', causes);
}
