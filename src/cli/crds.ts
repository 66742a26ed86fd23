import { crdYaml, KINDS } from '../api/crd.ts';

/** The CustomResourceDefinitions as files, each one YAML document. */
export function crdFiles(): readonly Readonly<{ file: string; text: string }>[] {
  return KINDS.map((kind) => ({
    file: `${kind.resource.plural}.${kind.resource.group}.yaml`,
    text: crdYaml(kind),
  }));
}
