import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { at } from './fixture.ts';
import type { JsonObject } from './json.ts';
import { validateMeta } from './meta.ts';
import { admit, compileSchema } from './schema.ts';

const root = new URL('../../../../', import.meta.url);
const yamlIn = (folder: string) =>
  readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => new URL(`${folder}${name}`, root));

const crds = yamlIn('crds/').map((url) => parse(readFileSync(url, 'utf8')) as JsonObject);
const samples = yamlIn('deploy/samples/')
  .flatMap((url) =>
    parseAllDocuments(readFileSync(url, 'utf8')).map((document) => document.toJS() as JsonObject | null),
  )
  .filter((object) => object !== null && String(object['apiVersion']).startsWith('alm-operator.dev/'))
  .map((object) => object as JsonObject);

const schemaOf = (kind: unknown) => {
  const crd = crds.find((candidate) => at(candidate, 'spec', 'names')['kind'] === kind) ?? {};
  return compileSchema(at(crd, 'spec', 'versions', 0, 'schema', 'openAPIV3Schema'));
};

describe('the definitions that this project ships', () => {
  it.each(crds.map((crd) => [at(crd, 'metadata')['name'], crd] as const))(
    '%s is a good schema',
    (_name, crd) => {
      const versions = at(crd, 'spec')['versions'] as JsonObject[];
      for (const version of versions) {
        expect(() => compileSchema(at(version, 'schema', 'openAPIV3Schema'))).not.toThrow();
      }
    },
  );

  it.each(samples.map((sample) => [`${sample['kind']} ${at(sample, 'metadata')['name']}`, sample] as const))(
    'admit the sample %s',
    (_name, sample) => {
      const answer = admit(schemaOf(sample['kind']), {
        object: sample,
        fieldValidation: 'Strict',
        subresource: '',
      });
      expect(answer).toMatchObject({ ok: true, warnings: [] });
      expect(validateMeta(sample)).toEqual([]);
    },
  );
});
