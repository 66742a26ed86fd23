/** What schemas are called in OpenAPI. */

import type { Kind } from '../kinds/kind.ts';

const GROUPS: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'coordination.k8s.io': 'io.k8s.api.coordination',
  'events.k8s.io': 'io.k8s.api.events',
};

const PREFIX = '#/components/schemas/';

export function componentName({ group, version, kind }: Pick<Kind, 'group' | 'version' | 'kind'>): string {
  const place = Object.hasOwn(GROUPS, group) ? GROUPS[group] : group.split('.').reverse().join('.');
  return `${place}.${version}.${kind}`;
}

export function reference(name: string): Readonly<{ $ref: string }> {
  return { $ref: `${PREFIX}${name}` };
}
