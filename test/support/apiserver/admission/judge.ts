/** Asks every ValidatingAdmissionPolicy that is bound and about the request, once for each of its parameters. */

import { apiVersionOf } from '../kinds/kind.ts';
import { namespaces } from '../kinds/namespaces.ts';
import { policies, policyBindings } from '../kinds/policies.ts';
import { type ApiObject, storedKey } from '../objects.ts';
import type { World } from '../world.ts';
import { denied } from './denied.ts';
import { type Context, contextWith, dynamic, evaluate, requestOf } from './expressions.ts';
import { type Attributes, isAbout } from './match.ts';
import { noSuchKind, paramsOf } from './params.ts';
import { type Binding, bindingOf, type Policy, policyOf, type Validation } from './policies.ts';

const MAX_MESSAGE_BYTES = 5 * 1024;

/** What one policy has against the request. */
type Denial = Readonly<{ message: string; reason: string }>;

/** Throws for the first denial; resolves with the warnings of bindings that only warn. */
export function judge(world: World, attributes: Attributes): readonly string[] {
  const all = world.storage.values(policies.bucket);
  if (all.length === 0) return [];
  const scene = sceneOf(world, attributes);
  const bindings = world.storage.values(policyBindings.bucket).map(bindingOf);
  const warnings: string[] = [];
  for (const policy of all.map(policyOf)) {
    for (const binding of bindings.filter(({ policyName }) => policyName === policy.name)) {
      warnings.push(...judgeBinding(scene, policy, binding));
    }
  }
  return warnings;
}

type Scene = Readonly<{
  world: World;
  attributes: Attributes;
  namespace: ApiObject | undefined;
  context: Context;
}>;

function sceneOf(world: World, attributes: Attributes): Scene {
  const { operation, kind, name, subresource, object, old, dryRun } = attributes;
  const { group, version, plural } = kind;
  const namespace =
    attributes.namespace === undefined
      ? undefined
      : world.storage.get(namespaces.bucket, storedKey(undefined, attributes.namespace));
  const request = {
    ...{ operation, name, namespace: attributes.namespace ?? (kind === namespaces ? name : undefined) },
    kind: { group, version, kind: kind.kind },
    resource: { group, version, resource: plural },
    ...(subresource === '' ? {} : { subResource: subresource }),
    dryRun,
  };
  return {
    world,
    attributes,
    namespace,
    context: {
      object: dynamic(object && typed(object, attributes)),
      oldObject: dynamic(old && typed(old, attributes)),
      request: requestOf(request),
      namespaceObject: dynamic(namespace),
    },
  };
}

/** In the version in which it was asked for. */
function typed(object: object, { kind }: Attributes): object {
  return { ...object, apiVersion: apiVersionOf(kind) };
}

function judgeBinding(scene: Scene, policy: Policy, binding: Binding): readonly string[] {
  const { world, attributes, namespace } = scene;
  const isMeant = [policy.constraints, binding.matchResources].every(
    (resources) => resources === undefined || isAbout(resources, attributes, namespace),
  );
  if (!isMeant) return [];
  const { paramKind } = policy;
  if (paramKind !== undefined && world.registry.named(paramKind.apiVersion, paramKind.kind) === undefined) {
    return refusedBy(scene, policy, undefined, [{ message: noSuchKind(paramKind), reason: 'Invalid' }]);
  }
  const params = paramsOf(world, policy, binding, attributes.namespace);
  if ('error' in params) return refusedBy(scene, policy, binding, failure(policy, params.error));
  return params.found.flatMap((param) => {
    const context =
      policy.paramKind === undefined ? scene.context : { ...scene.context, params: seen(param) };
    return refusedBy(scene, policy, binding, denialsOf(policy, context));
  });
}

const views = new WeakMap<ApiObject, unknown>();

/** Parameters are large, and the same for many requests. */
function seen(param: ApiObject | null): unknown {
  if (param === null) return null;
  const known = views.get(param);
  if (known !== undefined) return known;
  const view = dynamic(param);
  views.set(param, view);
  return view;
}

/** Throws, or resolves with what is only warned of. */
function refusedBy(
  { attributes }: Scene,
  policy: Policy,
  binding: Binding | undefined,
  denials: readonly Denial[],
): readonly string[] {
  const by = `ValidatingAdmissionPolicy '${policy.name}'${binding === undefined ? '' : ` with binding '${binding.name}'`}`;
  const actions = binding?.actions ?? ['Deny'];
  const [first] = denials;
  if (first !== undefined && actions.includes('Deny')) {
    throw denied(attributes.kind, attributes.name, `${by} denied request: ${first.message}`, first.reason);
  }
  if (!actions.includes('Warn')) return [];
  return denials.map(({ message }) => `Validation failed for ${by}: ${message}`);
}

function failure({ ignoresFailures }: Policy, message: string): readonly Denial[] {
  return ignoresFailures ? [] : [{ message, reason: 'Invalid' }];
}

function denialsOf(policy: Policy, context: Context): readonly Denial[] {
  const met = policy.conditions.map((condition) => ({ condition, found: evaluate(condition, context) }));
  if (met.some(({ found }) => 'value' in found && found.value !== true)) return [];
  for (const { condition, found } of met) {
    if ('error' in found) return failure(policy, broken(condition.source, found.error));
  }
  const whole = contextWith(policy.variables, context);
  return policy.validations.flatMap((validation) => denialOf(policy, validation, whole));
}

function denialOf(policy: Policy, validation: Validation, context: Context): readonly Denial[] {
  const { expression, reason } = validation;
  const found = evaluate(expression, context);
  if ('error' in found) return failure(policy, broken(expression.source, found.error));
  return found.value === true ? [] : [{ message: messageOf(validation, context), reason }];
}

const broken = (source: string, error: string) => `expression '${source}' resulted in error: ${error}`;

/** The words of an expression, where they can be told; those of the policy; or the expression that failed. */
function messageOf({ expression, message, messageExpression }: Validation, context: Context): string {
  const found = messageExpression === undefined ? undefined : evaluate(messageExpression, context);
  const told = found !== undefined && 'value' in found ? String(found.value).trim() : '';
  if (told !== '' && !told.includes('\n') && Buffer.byteLength(told) <= MAX_MESSAGE_BYTES) return told;
  return message === '' ? `failed expression: ${expression.source}` : message;
}
