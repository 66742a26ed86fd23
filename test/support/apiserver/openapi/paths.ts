/** What can be asked of a kind, path by path: operations, their parameters, what is sent and what comes back. */

import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { Json } from '../objects.ts';
import { componentName, reference } from './names.ts';

type Parameter = Readonly<{ name: string; in: 'query' | 'path'; schema: Json; description: string }>;

const query = (name: string, description: string, type = 'string'): Parameter => ({
  ...{ name, in: 'query', description },
  schema: { type, uniqueItems: true },
});
const inPath = (name: string, description: string) => ({
  ...{ name, in: 'path', description, required: true },
  schema: { type: 'string', uniqueItems: true },
});

const DRY_RUN = query('dryRun', 'All: judge the request, and store nothing.');
const MANAGER = query('fieldManager', 'Who is named as the one who set the fields.');
const VALIDATION = query(
  'fieldValidation',
  'What unknown and doubled fields lead to: Strict, Warn or Ignore.',
);
const FORCE = query('force', 'Whether an apply takes fields from others.', 'boolean');
const WRITE = [DRY_RUN, MANAGER, VALIDATION];
const PROPAGATION = query(
  'propagationPolicy',
  'What becomes of dependents: Background, Foreground or Orphan.',
);
const LIST = [
  query('allowWatchBookmarks', 'Whether a watch tells versions without events.', 'boolean'),
  query('continue', 'Where the page begins.'),
  query('fieldSelector', 'Fields to select by.'),
  query('labelSelector', 'Labels to select by.'),
  query('limit', 'How many items a page has.', 'integer'),
  query('resourceVersion', 'The version to list or watch from.'),
  query('resourceVersionMatch', 'How the version is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'Whether a watch begins with the state.', 'boolean'),
  query('timeoutSeconds', 'How long a watch lasts.', 'integer'),
  query('watch', 'Whether changes are asked for.', 'boolean'),
];
const NAMESPACE = inPath('namespace', 'The namespace of the object.');

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
];
const STRATEGIC = 'application/strategic-merge-patch+json';

const content = (types: readonly string[], schema: unknown) =>
  Object.fromEntries(types.map((type) => [type, { schema }]));

/** Every path of a kind. */
export function pathsOf(kind: Kind): Readonly<Record<string, Json>> {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${apiVersionOf(kind)}`;
  const home = `${root}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const item = `${home}/{name}`;
  const everywhere = kind.namespaced ? { [`${root}/${kind.plural}`]: { get: listing(kind) } } : {};
  const status = kind.status ? { [`${item}/status`]: within(kind, true, writing(kind)) } : {};
  return {
    ...everywhere,
    [home]: within(kind, false, { get: listing(kind), post: creating(kind) }),
    [item]: within(kind, true, { ...writing(kind), delete: deleting(kind) }),
    ...status,
  };
}

function within(kind: Kind, named: boolean, operations: Json): Json {
  const parameters = [
    ...(named ? [inPath('name', `The name of the ${kind.kind}.`)] : []),
    ...(kind.namespaced ? [NAMESPACE] : []),
  ];
  return { ...operations, ...(parameters.length === 0 ? {} : { parameters }) };
}

function operation(kind: Kind, action: string, parameters: readonly Parameter[], answer: string): Json {
  const { group, version } = kind;
  const told = content(['application/json'], reference(answer));
  return {
    parameters,
    responses: { 200: { description: 'OK', content: told }, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind: kind.kind },
  };
}

function listing(kind: Kind): Json {
  return operation(kind, 'list', LIST, `${componentName(kind)}List`);
}

function sent(kind: Kind, types: readonly string[] = ['application/json']): Json {
  return { requestBody: { content: content(types, reference(componentName(kind))), required: true } };
}

function creating(kind: Kind): Json {
  return { ...operation(kind, 'post', WRITE, componentName(kind)), ...sent(kind) };
}

function writing(kind: Kind): Json {
  const name = componentName(kind);
  const patches = [...PATCH_TYPES, ...(kind.builtIn ? [STRATEGIC] : [])];
  return {
    get: operation(kind, 'get', [], name),
    put: { ...operation(kind, 'put', WRITE, name), ...sent(kind) },
    patch: {
      ...operation(kind, 'patch', [...WRITE, FORCE], name),
      requestBody: { content: content(patches, { type: 'object' }), required: true },
    },
  };
}

function deleting(kind: Kind): Json {
  return operation(kind, 'delete', [DRY_RUN, PROPAGATION], componentName(kind));
}
