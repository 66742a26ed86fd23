/** Leases and namespaces: what they ask for themselves. */

import { created, invalid, ok, refused } from '../support/answers.ts';
import { lease, namespace } from '../support/objects.ts';
import { merge, post, put } from '../support/requests.ts';
import type { Row } from '../support/row.ts';

const LEASE = { group: 'coordination.k8s.io', kind: 'Lease', name: 'a' };

export const leases: readonly Row[] = [
  {
    name: 'a time with six digits is kept',
    request: post(
      'leases',
      lease('a', {
        spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.000006Z' },
      }),
    ),
    answer: created({
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.000006Z' },
    }),
  },
  {
    name: 'a time with an offset is kept as UTC',
    request: post('leases', lease('a', { spec: { renewTime: '2026-01-02T03:04:05.000000+01:00' } })),
    answer: created({ spec: { renewTime: '2026-01-02T02:04:05.000000Z' } }),
  },
  {
    name: 'a time with three digits',
    request: post('leases', lease('a', { spec: { renewTime: '2026-01-02T03:04:05.006Z' } })),
    answer: refused(
      400,
      'BadRequest',
      'Lease in version "v1" cannot be handled as a Lease: parsing time "2026-01-02T03:04:05.006Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse ".006Z" as ".000000"',
    ),
  },
  {
    name: 'a duration of nothing',
    request: post('leases', lease('a', { spec: { leaseDurationSeconds: 0 } })),
    answer: invalid(LEASE, [
      'spec.leaseDurationSeconds',
      'FieldValueInvalid',
      'Invalid value: 0: must be greater than 0',
    ]),
  },
  {
    name: 'fewer than no transitions',
    request: post('leases', lease('a', { spec: { leaseTransitions: -1 } })),
    answer: invalid(LEASE, [
      'spec.leaseTransitions',
      'FieldValueInvalid',
      'Invalid value: -1: must be greater than or equal to 0',
    ]),
  },
  {
    name: 'a holder of nothing releases the lease',
    given: [post('leases', lease('a', { spec: { holderIdentity: 'me' } }))],
    request: ({ first }) =>
      put('leases/a', { ...first, spec: { holderIdentity: '', leaseDurationSeconds: 1 } }),
    answer: ok({ spec: { holderIdentity: '', leaseDurationSeconds: 1 } }),
  },
];

const LONG = 'x'.repeat(64);

export const namespaces: readonly Row[] = [
  {
    name: 'a namespace with a dot',
    request: post('namespaces', namespace('a.b')),
    answer: invalid({ kind: 'Namespace', name: 'a.b' }, [
      'metadata.name',
      'FieldValueInvalid',
      'Invalid value: "a.b": must not contain dots',
    ]),
  },
  {
    name: 'a namespace with a capital and a dot',
    request: post('namespaces', namespace('a.B')),
    answer: invalid({ kind: 'Namespace', name: 'a.B' }, [
      'metadata.name',
      'FieldValueInvalid',
      `Invalid value: "a.B": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    ]),
  },
  {
    name: 'a namespace of more than 63 characters',
    request: post('namespaces', namespace(LONG)),
    answer: invalid(
      { kind: 'Namespace', name: LONG },
      ['metadata.name', 'FieldValueInvalid', `Invalid value: "${LONG}": must be no more than 63 characters`],
      [
        'metadata.labels',
        'FieldValueInvalid',
        `Invalid value: "${LONG}": must be no more than 63 bytes`,
        `Invalid value: "${LONG}": must be no more than 63 characters`,
      ],
    ),
  },
  {
    name: 'the label with its name cannot be taken off a namespace',
    request: ({ ns }) =>
      merge(`namespaces/${ns}`, { metadata: { labels: { 'kubernetes.io/metadata.name': null } } }),
    answer: ({ ns }) => ok({ metadata: { labels: { 'kubernetes.io/metadata.name': ns } } }),
  },
];
