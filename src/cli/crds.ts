// alm-operator crds: the CustomResourceDefinitions, for kubectl apply or as files.
import { crdYaml, KINDS } from '../api/crd.ts';

/** What `crds --out <folder>` writes. */
export function crdFiles(): readonly Readonly<{ file: string; text: string }>[] {
  return KINDS.map((kind) => ({
    file: `${kind.resource.plural}.${kind.resource.group}.yaml`,
    text: crdYaml(kind),
  }));
}

/** What `crds` prints: all of them as one stream of YAML documents. */
export function crdStream(): string {
  return crdFiles()
    .map(({ text }) => text)
    .join('---\n');
}
