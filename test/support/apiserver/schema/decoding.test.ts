import { describe, expect, it } from 'vitest';
import { at, compiledCredential, credential, tell, UNCHECKED } from './fixture.ts';
import { admit, applyDefaults, compileSchema } from './schema.ts';

const compiled = compiledCredential();

describe('unknown fields', () => {
  const object = credential(
    { accesTokenValidity: 600, clientSecretRef: { name: 's', nope: 1 } },
    { extra: true },
  );

  it('are all named in a 400 under Strict', () => {
    const answer = admit(compiled, { object, fieldValidation: 'Strict', subresource: '' });
    expect(answer).toMatchObject({ ok: false, status: 400, causes: [] });
    expect(answer.ok ? '' : answer.message).toBe(
      'ClientCredential in version "v1beta1" cannot be handled as a ClientCredential: strict decoding error: unknown field "extra", unknown field "spec.accesTokenValidity", unknown field "spec.clientSecretRef.nope"',
    );
  });

  it('come after the duplicates that the decoder found', () => {
    const strictErrors = ['duplicate field "spec.clientId"'];
    const { message } = tell(compiled, { object: credential({ nope: 1 }), strictErrors });
    expect(message).toMatch(/error: duplicate field "spec.clientId", unknown field "spec.nope"$/);
  });

  it('are warned about and dropped under Warn, dropped in silence under Ignore', () => {
    const warned = admit(compiled, { object, fieldValidation: 'Warn', subresource: '' });
    expect(warned).toMatchObject({
      ok: true,
      warnings: [
        'unknown field "extra"',
        'unknown field "spec.accesTokenValidity"',
        'unknown field "spec.clientSecretRef.nope"',
      ],
    });
    const ignored = admit(compiled, { object, fieldValidation: 'Ignore', subresource: '' });
    expect(ignored).toMatchObject({ ok: true, warnings: [] });
    expect(ignored.ok && at(ignored.object, 'spec')).toEqual(at(credential(), 'spec'));
  });

  it('of metadata count too', () => {
    const { message } = tell(compiled, { object: credential({}, { metadata: { name: 'x', lables: {} } }) });
    expect(message).toMatch(/unknown field "metadata.lables"$/);
  });

  it('are refused before anything is validated', () => {
    expect(tell(compiled, { object: credential({ nope: 1, clientId: 1 }) }).told).toHaveLength(1);
  });
});

describe('metadata that cannot be decoded', () => {
  it('is a 400 whatever the field validation', () => {
    const object = credential({}, { metadata: { name: 'x', labels: { version: 1 } } });
    const answer = admit(compiled, { object, fieldValidation: 'Ignore', subresource: '' });
    expect(answer).toMatchObject({ ok: false, status: 400 });
    expect(answer.ok ? '' : answer.message).toMatch(/cannot unmarshal number into .*labels of type string$/);
  });
});

describe('causes of metadata', () => {
  it('stand first and keep the rules from running when one is blocking', () => {
    const metaCauses = [{ reason: 'FieldValueRequired', message: 'Required value', field: 'metadata.name' }];
    const { told } = tell(compiled, { object: credential({ clientSecretRef: null }), metaCauses });
    expect(told).toEqual(['metadata.name: Required value', UNCHECKED]);
  });
});

describe('defaults', () => {
  it('appear inside defaults, in list items and in map values, but not under absent parents', () => {
    const schema = compileSchema({
      type: 'object',
      properties: {
        a: { type: 'object', default: {}, properties: { b: { type: 'integer', default: 1 } } },
        c: { type: 'object', properties: { d: { type: 'integer', default: 2 } } },
        l: { type: 'array', items: { type: 'object', properties: { e: { type: 'string', default: 'x' } } } },
        m: {
          type: 'object',
          additionalProperties: { type: 'object', properties: { f: { type: 'boolean', default: true } } },
        },
        n: { type: 'string', nullable: true, default: 'y' },
        o: { type: 'string', default: 'z' },
      },
    });
    expect(applyDefaults(schema, { l: [{}, { e: 'k' }], m: { p: {} }, n: null, o: null })).toEqual({
      a: { b: 1 },
      l: [{ e: 'x' }, { e: 'k' }],
      m: { p: { f: true } },
      n: null,
      o: 'z',
    });
  });
});
