import { builtIn } from './builtin.ts';
import type { Kind } from './kind.ts';

export const serviceAccounts: Kind = builtIn({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  returnsDeleted: true,
  properties: {
    automountServiceAccountToken: { type: 'boolean' },
    imagePullSecrets: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' } } },
    },
    secrets: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, namespace: { type: 'string' }, kind: { type: 'string' } },
      },
    },
  },
});
