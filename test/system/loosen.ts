/** Definitions without any rule about specs, as an older or newer release may have had them. */

import type { Api } from '../support/kubectl/client.ts';

type Version = Readonly<{
  selectableFields?: unknown;
  schema: Readonly<{
    openAPIV3Schema: Readonly<{ properties: Readonly<Record<string, unknown>> }> &
      Readonly<Record<string, unknown>>;
  }>;
}>;
type Definition = Readonly<{ metadata: { name: string }; spec: { versions: readonly [Version] } }>;

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Resolves with what puts the rules back. Servers heed either change only after a moment. */
export async function loosen(api: Api, plurals: readonly string[]): Promise<() => Promise<void>> {
  const before = await Promise.all(
    plurals.map((plural) =>
      api.get<Definition>('CustomResourceDefinition', '', `${plural}.alm-operator.dev`),
    ),
  );
  const put = async (name: string, value: unknown) => {
    const body = [{ op: 'replace', path: '/spec/versions/0', value }];
    await api.patch('CustomResourceDefinition', '', name, { type: 'json', body });
  };
  await Promise.all(before.map(({ metadata, spec }) => put(metadata.name, lax(spec.versions[0]))));
  return async () => {
    await Promise.all(before.map(({ metadata, spec }) => put(metadata.name, spec.versions[0])));
  };
}

/** Fields can be selected only where the schema knows them. */
function lax({ selectableFields: _, ...version }: Version): unknown {
  const { openAPIV3Schema: root } = version.schema;
  return {
    ...version,
    schema: { openAPIV3Schema: { ...root, properties: { ...root.properties, spec: ANYTHING } } },
  };
}
