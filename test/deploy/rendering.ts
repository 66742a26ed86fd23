/** What tests ask of rendered objects. Pure. */

import type { Manifest } from '../support/kubectl/objects.ts';

type Fields = Readonly<Record<string, unknown>>;

export type Container = Readonly<{
  image: string;
  args: readonly string[];
  env: readonly Readonly<{ name: string; value?: string; valueFrom?: unknown }>[];
  ports: readonly Readonly<{ name: string; containerPort: number }>[];
}> &
  Fields;

export type PodSpec = Readonly<{ containers: readonly [Container]; serviceAccountName: string }> & Fields;

export function find(objects: readonly Manifest[], kind: string, name?: string): Manifest | undefined {
  return objects.find(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
}

export function found(objects: readonly Manifest[], kind: string, name?: string): Manifest & Fields {
  const object = find(objects, kind, name);
  if (object === undefined) throw new Error(`There is no ${kind} ${name ?? ''}`);
  return object;
}

/** A field below by its path, such as `spec.template.spec`. */
export function at<T>(object: unknown, path: string): T {
  const value = path.split('.').reduce<unknown>((inner, key) => (inner as Fields | undefined)?.[key], object);
  return value as T;
}

export function podOf(objects: readonly Manifest[]): PodSpec {
  return at(found(objects, 'Deployment'), 'spec.template.spec');
}

/** The flags of a container, `true` for those without a value. */
export function flagsOf({ args }: Container): Readonly<Record<string, string>> {
  return Object.fromEntries(
    args.slice(1).map((word) => {
      const [, name = '', value = 'true'] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? [];
      return [name, value];
    }),
  );
}

type Rule = Readonly<{
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames?: readonly string[];
  verbs: readonly string[];
}>;

/** What a role gives, one `verb resource.group` each, with the name of the object where it is about one. */
export function rightsOf(role: Manifest): readonly string[] {
  const rules = role['rules'] as readonly Rule[];
  return rules.flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        (resourceNames ?? ['']).flatMap((name) =>
          verbs.map((verb) =>
            `${verb} ${[resource, group].filter((part) => part !== '').join('.')} ${name}`.trim(),
          ),
        ),
      ),
    ),
  );
}
