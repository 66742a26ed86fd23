/** OpenAPI v3: a document for each group and version, made when it is first asked for. */

import { digest } from '../http/tagged.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import type { Registry } from '../kinds/registry.ts';
import type { Json } from '../objects.ts';
import { addKind, type Components } from './components.ts';
import { pathsOf } from './paths.ts';

export type OpenApiDocument = Readonly<{ text: string; hash: string }>;

/** `api/v1`, `apis/coordination.k8s.io/v1`: how a document is asked for. */
export type DocumentPath = string;

export class Documents {
  readonly #registry: Registry;
  #revision = -1;
  #documents: ReadonlyMap<DocumentPath, OpenApiDocument> = new Map();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** As of the kinds that are served now. */
  all(): ReadonlyMap<DocumentPath, OpenApiDocument> {
    const { revision } = this.#registry;
    if (revision !== this.#revision) {
      this.#documents = documentsOf(this.#registry.all());
      this.#revision = revision;
    }
    return this.#documents;
  }
}

function documentsOf(kinds: readonly Kind[]): ReadonlyMap<DocumentPath, OpenApiDocument> {
  const byPath = Map.groupBy(kinds, (kind) => `${kind.group === '' ? 'api' : 'apis'}/${apiVersionOf(kind)}`);
  return new Map([...byPath].map(([path, some]) => [path, documentOf(some)]));
}

function documentOf(kinds: readonly Kind[]): OpenApiDocument {
  const components: Components = new Map();
  for (const kind of kinds) addKind(components, kind);
  const document: Json = {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.34.2+embedded' },
    paths: Object.assign({}, ...kinds.map(pathsOf)),
    components: { schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
  const text = JSON.stringify(document);
  return { text, hash: digest(text) };
}
