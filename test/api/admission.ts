// Judges specs by the written CustomResourceDefinition alone, as an API server does. It knows nothing of zod, so that
// the two sides of a rule can be held against each other.
import { customResourceDefinition } from '../../src/api/crd.ts';
import { API_VERSION } from '../../src/api/group.ts';
import type { KindDefinition } from '../../src/api/kind.ts';
import type { JsonObject } from '../support/apiserver/schema/json.ts';
import {
  type Admitted,
  admit,
  type CompiledSchema,
  compileSchema,
  type Refused,
} from '../support/apiserver/schema/schema.ts';

export type Cause = Readonly<{ field: string; message: string }>;

/** What an API server says against a spec: of a new object, or of one that replaces `old`. Nothing: it is admitted. */
export type Judge = (spec: unknown, old?: unknown) => readonly Cause[];

type Definition = Readonly<{ spec: { versions: readonly { schema: { openAPIV3Schema: unknown } }[] } }>;

/** Throws where an API server would refuse the definition itself, a rule that may cost too much among others. */
export function compiledSchemaOf(kind: KindDefinition): CompiledSchema {
  const { spec } = customResourceDefinition(kind) as Definition;
  return compileSchema(spec.versions[0]?.schema.openAPIV3Schema);
}

export function judgeOf(kind: KindDefinition): Judge {
  const compiled = compiledSchemaOf(kind);
  const objectWith = (inner: unknown) =>
    ({
      apiVersion: API_VERSION,
      kind: kind.resource.kind,
      metadata: { name: 'x', namespace: 'y' },
      spec: inner,
    }) as JsonObject;
  return (inner, old) =>
    causesOf(
      admit(compiled, {
        object: objectWith(inner),
        old: old === undefined ? undefined : objectWith(old),
        fieldValidation: 'Strict',
        subresource: '',
      }),
    );
}

/** The words of a rule come after its reason: `Forbidden: roles need …`. */
function causesOf(answer: Admitted | Refused): readonly Cause[] {
  if (answer.ok) return [];
  if (answer.causes.length === 0) return [{ field: '', message: answer.message }];
  return answer.causes.map(({ field, message }) => ({
    field,
    message: message.replace(/^(Forbidden|Required value): /, ''),
  }));
}
