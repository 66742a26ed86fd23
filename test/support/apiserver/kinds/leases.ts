import { at, type Draft } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { AGE, NAME, textColumn } from '../table/column.ts';
import { builtIn, rewrite } from './builtin.ts';
import type { Kind } from './kind.ts';
import { microTime } from './microtime.ts';
import { LEASE } from './schemas/events.ts';

const NAMES = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases' };

export const leases: Kind = builtIn({
  ...NAMES,
  createsOnUpdate: true,
  columns: [NAME, textColumn('Holder', 'Who holds the lease.', 'spec', 'holderIdentity'), AGE],
  description: 'Says who is in charge, and until when.',
  properties: LEASE,
  decode: (object) =>
    ['acquireTime', 'renewTime'].reduce(
      (decoded, field) => rewrite(decoded, ['spec', field], (text) => microTime(NAMES, text)),
      { spec: {}, ...object } as Draft,
    ),
  check,
});

function check(object: Draft): readonly cause.Cause[] {
  const duration = at(object, 'spec', 'leaseDurationSeconds');
  const transitions = at(object, 'spec', 'leaseTransitions');
  return [
    ...(typeof duration === 'number' && duration < 1
      ? [cause.invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
      : []),
    ...(typeof transitions === 'number' && transitions < 0
      ? [cause.invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ];
}
