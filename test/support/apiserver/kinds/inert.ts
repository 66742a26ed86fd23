/**
 * Kinds that kubectl looks for in every cluster, to tell where it runs and what limits a namespace. They are stored as
 * they are sent, and do nothing.
 */

import { at } from '../objects.ts';
import { AGE, NAME, textColumn } from '../table/column.ts';
import { type BuiltIn, builtIn } from './builtin.ts';
import type { Kind } from './kind.ts';
import type { Schema } from './schemas/fields.ts';

const open = (description: string): Schema => ({
  ...{ type: 'object', description },
  'x-kubernetes-preserve-unknown-fields': true,
});

function inert(spec: Pick<BuiltIn, 'kind' | 'plural' | 'description'> & Partial<BuiltIn>): Kind {
  return builtIn({
    ...{ group: '', version: 'v1', unconditionalUpdate: true, status: true },
    properties: {
      spec: open('What is wished for; nothing here acts on it.'),
      status: open('What came of it.'),
    },
    ...spec,
  });
}

export const services: Kind = inert({
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  description: 'A name for programs of a cluster; there are none here.',
  columns: [
    NAME,
    textColumn('Type', 'How it is reached.', 'spec', 'type'),
    { ...textColumn('Cluster-IP', 'Where it is reached.', 'spec', 'clusterIP') },
    {
      ...textColumn('Port(s)', 'At which ports.'),
      cell: (service) => {
        const ports = at(service, 'spec', 'ports');
        return Array.isArray(ports) ? ports.map((port) => at(port, 'port')).join(',') : '<none>';
      },
    },
    AGE,
  ],
});

export const resourceQuotas: Kind = inert({
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  description: 'What a namespace may use; nothing here is counted.',
});

export const limitRanges: Kind = inert({
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  description: 'What programs of a namespace may use; there are none here.',
});
