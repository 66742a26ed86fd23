/** Namespaces. Their life after a DELETE is in controllers/namespaces.ts. */

import { type ApiObject, at, type Draft } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { labelErrors } from '../schema/names.ts';
import { AGE, NAME, textColumn } from '../table/column.ts';
import { builtIn } from './builtin.ts';
import type { Kind } from './kind.ts';
import { NAMESPACE } from './schemas/core.ts';

const ofCluster = builtIn({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  status: true,
  unconditionalUpdate: true,
  deletesCollections: false,
  unowned: ['spec'],
  columns: [
    NAME,
    textColumn('Status', 'Whether the namespace is in use or on its way out.', 'status', 'phase'),
    AGE,
  ],
  fields: { 'status.phase': (object) => String(at(object, 'status', 'phase') ?? '') },
  description: 'A room of its own for the names of objects.',
  properties: NAMESPACE,
  decode: settle,
  keep: (object, old) => ({ ...object, spec: old['spec'] }),
  markDeleted: (object) => withPhase(object, 'Terminating'),
  check: (object, old) => [...checkName(object.metadata.name ?? ''), ...checkPhase(object, old)],
  held: (object) => (at(object, 'spec', 'finalizers') as readonly string[] | undefined)?.length !== 0,
});

/** Stricter than other names: one label of DNS. */
export const namespaces: Kind = { ...ofCluster, nameErrors: labelErrors };

/** Every namespace carries its own name as a label, a finalizer of the server's, and a phase. */
function settle(object: Draft): Draft {
  const { name } = object.metadata;
  const labels = {
    ...object.metadata.labels,
    ...(name === undefined ? {} : { 'kubernetes.io/metadata.name': name }),
  };
  return {
    ...object,
    metadata: { ...object.metadata, labels },
    spec: { finalizers: at(object, 'spec', 'finalizers') ?? ['kubernetes'] },
    status: object['status'] ?? { phase: 'Active' },
  };
}

function withPhase(object: ApiObject, phase: string): ApiObject {
  return { ...object, status: { ...(object['status'] as object), phase } };
}

export function isTerminating(namespace: ApiObject): boolean {
  return namespace.metadata.deletionTimestamp !== undefined;
}

/** The name is the value of a label as well. */
function checkName(name: string): readonly cause.Cause[] {
  return name.length > 63 ? [cause.invalid('metadata.labels', name, 'must be no more than 63 bytes')] : [];
}

function checkPhase(object: Draft, old: ApiObject | undefined): readonly cause.Cause[] {
  const phase = at(object, 'status', 'phase');
  const [wanted, is] =
    old !== undefined && isTerminating(old) ? ['Terminating', 'not empty'] : ['Active', 'empty'];
  if (phase === wanted) return [];
  return [cause.invalid('status.Phase', phase, `may only be '${wanted}' if \`deletionTimestamp\` is ${is}`)];
}
