import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../src/api/crd.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { parseSpec } from '../../src/api/parse.ts';
import { judgeOf } from '../api/admission.ts';

const root = fileURLToPath(new URL('../../deploy/', import.meta.url));

type Sample = Readonly<{ kind: string; spec: unknown }>;

/** Only objects of our kinds: templates of a chart are not YAML yet. */
const samples = globSync('samples/**/*.{yaml,yml}', { cwd: root }).flatMap((file) =>
  parseAllDocuments(readFileSync(root + file, 'utf8'))
    .map((document) => document.toJS() as Sample & { apiVersion: string; metadata: { name: string } })
    .filter((object) => object?.apiVersion === API_VERSION)
    .map((object) => ({ name: `${file} ${object.metadata.name}`, kind: object.kind, spec: object.spec })),
);

describe('deploy/', () => {
  it('has nothing that Flux would substitute', () => {
    const texts = globSync('**/*.{yaml,yml,tpl,txt,json}', { cwd: root });
    expect(texts.filter((file) => readFileSync(root + file, 'utf8').includes('${'))).toEqual([]);
  });

  it('has samples that the API server and the operator admit', () => {
    const refused = samples.flatMap(({ name, kind, spec }) => {
      const definition = KINDS.find(({ resource }) => resource.kind === kind);
      if (definition === undefined) return [`${name} is of kind ${kind}`];
      const problems = judgeOf(definition)(spec).map(({ field, message }) => `${name} ${field}: ${message}`);
      const parsed = parseSpec(definition.spec, spec);
      return parsed.ok ? problems : [...problems, `${name} ${parsed.field}: ${parsed.problem}`];
    });
    expect(samples.length).toBeGreaterThan(0);
    expect(refused).toEqual([]);
  });
});
