import { builtIn } from './builtin.ts';
import type { Kind } from './kind.ts';
import { SERVICE_ACCOUNT } from './schemas/core.ts';

export const serviceAccounts: Kind = builtIn({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  returnsDeleted: true,
  description: 'An identity for programs.',
  properties: SERVICE_ACCOUNT,
});
