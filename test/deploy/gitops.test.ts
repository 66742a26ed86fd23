import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../src/api/crd.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { parseSpec } from '../../src/api/parse.ts';
import { judgeOf } from '../api/admission.ts';

/** The examples for Argo CD and Flux: what they name is there, and what they hold is valid. */

const root = fileURLToPath(new URL('../../deploy/gitops/', import.meta.url));

type Fields = Readonly<Record<string, unknown>>;
type Example = Readonly<{ apiVersion: string; kind: string; metadata: { name: string }; spec: Fields }>;
type Check = Readonly<{ apiVersion: string; kind: string; name: string; namespace: string }>;

function documents<T = Example>(file: string): readonly T[] {
  return parseAllDocuments(readFileSync(root + file, 'utf8')).map((document) => document.toJS() as T);
}

const folders = globSync('example/**/kustomization.yaml', { cwd: root }).map(dirname).toSorted();
const examples = globSync('example/**/*.yaml', { cwd: root }).flatMap((file) =>
  documents(file).map((object) => ({ file, object })),
);
const own = examples.filter(({ object }) => object.apiVersion === API_VERSION);
const namespaceOf = (folder: string) =>
  documents<{ namespace: string }>(`${folder}/kustomization.yaml`)[0]?.namespace;

describe('the example of a repository', () => {
  it.each(folders)('names every file of %s in its kustomization, and no other', (folder) => {
    const [kustomization] = documents<{ resources: readonly string[] }>(`${folder}/kustomization.yaml`);
    const files = globSync('*.yaml', { cwd: root + folder }).filter((file) => file !== 'kustomization.yaml');
    expect(kustomization?.resources.toSorted()).toEqual(files.toSorted());
  });

  it('has a connection, and clients that the API server and the operator admit', () => {
    expect(own.map(({ object }) => object.kind).toSorted()).toEqual([
      'AlmConnection',
      'ClientCredential',
      'ClientCredential',
    ]);
    const refused = own.flatMap(({ file, object: { kind, spec } }) => {
      const definition = KINDS.find(({ resource }) => resource.kind === kind);
      if (definition === undefined) return [`${file} is of kind ${kind}`];
      const parsed = parseSpec(definition.spec, spec);
      const problems = judgeOf(definition)(spec).map(({ field, message }) => `${file} ${field}: ${message}`);
      return parsed.ok ? problems : [...problems, `${file} ${parsed.field}: ${parsed.problem}`];
    });
    expect(refused).toEqual([]);
  });

  it('has the Secret that each of its objects names made by a tool, with the key that is read', () => {
    const named = own.map(({ file, object: { kind, spec } }) => {
      const auth = (spec['auth'] ?? {}) as Readonly<Record<string, Fields | undefined>>;
      const holder = kind === 'AlmConnection' ? auth['clientCredentials'] : spec;
      const { name, key = 'clientSecret' } = (holder?.['clientSecretRef'] ?? {}) as Fields;
      return `${dirname(file)} ${name} ${key}`;
    });
    const made = examples.flatMap(({ file, object: { kind, metadata, spec } }) => {
      const data = spec?.['data'] as readonly { secretKey: string }[] | undefined;
      const sealed = Object.keys((spec?.['encryptedData'] as Fields | undefined) ?? {});
      const keys = kind === 'ExternalSecret' ? (data ?? []).map(({ secretKey }) => secretKey) : sealed;
      return keys.map((key) => `${dirname(file)} ${metadata.name} ${key}`);
    });
    expect(named.toSorted()).toEqual(made.toSorted());
  });
});

describe('the example for Flux', () => {
  const kustomizations = documents('flux/kustomizations.yaml');

  it('has every folder, prunes, and waits for what is in it', () => {
    const paths = kustomizations.map(({ spec }) => String(spec['path']).replace('./', 'example/'));
    expect(paths.toSorted()).toEqual(folders);
    for (const { spec } of kustomizations) {
      expect(spec).toMatchObject({ prune: true, timeout: '3m' });
      // Flux takes no notice of health checks beside wait.
      expect(spec['wait'] === true).toBe(spec['healthChecks'] === undefined);
    }
  });

  it('checks the health of objects that are in the folder', () => {
    const checks = kustomizations.flatMap(({ spec }) => (spec['healthChecks'] ?? []) as readonly Check[]);
    const there = own.map(({ file, object: { apiVersion, kind, metadata } }) => ({
      apiVersion,
      kind,
      name: metadata.name,
      namespace: namespaceOf(dirname(file)),
    }));
    expect(checks.length).toBeGreaterThan(0);
    for (const check of checks) expect(there).toContainEqual(check);
  });

  it('depends on what it has itself', () => {
    const names = kustomizations.map(({ metadata }) => metadata.name);
    const needed = kustomizations.flatMap(
      ({ spec }) => (spec['dependsOn'] ?? []) as readonly { name: string }[],
    );
    expect(needed.length).toBeGreaterThan(0);
    for (const { name } of needed) expect(names).toContain(name);
  });
});

describe('the example for Argo CD', () => {
  const text = readFileSync(`${root}argocd/applications.yaml`, 'utf8');

  it('leads to folders that there are', () => {
    const paths = [...text.matchAll(/path: ([\w/]+)(\/\*)?$/gm)].map(([, path = '']) => path);
    expect(paths).toEqual(['platform', 'teams']);
    for (const path of paths) expect(existsSync(`${root}example/${path}`)).toBe(true);
  });

  it('gives each team the namespace that its folder has', () => {
    for (const folder of folders.filter((path) => path.startsWith('example/teams/'))) {
      expect(namespaceOf(folder)).toBe(`team-${folder.split('/').at(-1)}`);
    }
  });

  it('ignores no differences', () => {
    expect(text).not.toContain('ignoreDifferences');
  });
});
