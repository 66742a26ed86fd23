/**
 * What a client may ask about itself: who it is, whether it may do something, what it may do. Nothing of it is stored.
 */

import type { Resource } from '../discovery/resources.ts';
import { jsonBody, parsed } from '../http/body.ts';
import type { Answer, Request } from '../http/message.ts';
import type { ResourcePath } from '../http/route.ts';
import { DISCOVERY_PATHS, isDiscovery, mayDoEverything, type User } from '../http/users.ts';
import { at, isRecord, type Json, timestamp } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { badRequest, invalid, methodNotAllowed } from '../status.ts';

type Review = Readonly<{
  group: string;
  kind: string;
  /** The fields of the answer beside apiVersion and kind; throws for a question that makes no sense. */
  answer: (question: Json, user: User, now: number) => Json;
}>;

const AUTHENTICATION = 'authentication.k8s.io';
const AUTHORISATION = 'authorization.k8s.io';
const VERSION = 'v1';
const REVIEWS: readonly Review[] = [
  { group: AUTHENTICATION, kind: 'SelfSubjectReview', answer: whoAmI },
  { group: AUTHORISATION, kind: 'SelfSubjectAccessReview', answer: mayI },
  { group: AUTHORISATION, kind: 'SelfSubjectRulesReview', answer: whatMayI },
];

/** As discovery tells of them. */
export const REVIEW_RESOURCES: readonly Resource[] = REVIEWS.map(({ group, kind }) => ({
  ...{ group, version: VERSION, kind, plural: pluralOf(kind), singular: kind.toLowerCase() },
  ...{ namespaced: false, builtIn: true, verbs: ['create'] },
  ...{ shortNames: [], categories: [], subresources: [] },
}));

function pluralOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

/** Undefined for a path that is no review's. */
export async function serveReview(
  path: ResourcePath,
  request: Request,
  user: User,
  now: number,
): Promise<Answer | undefined> {
  const review = REVIEWS.find(({ group, kind }) => path.group === group && path.plural === pluralOf(kind));
  if (review === undefined || path.version !== VERSION || path.namespace !== undefined) return undefined;
  if (path.name !== undefined || request.method !== 'POST') throw methodNotAllowed();
  const question = parsed(await jsonBody(request), '');
  if (!isRecord(question)) throw badRequest('the body of the request is not an object');
  const { group, kind } = review;
  const answer = review.answer(question, user, now);
  return { status: 201, json: { kind, apiVersion: `${group}/${VERSION}`, ...answer } };
}

function whoAmI(_question: Json, userInfo: User, now: number): Json {
  return { metadata: { creationTimestamp: timestamp(now) }, status: { userInfo } };
}

function mayI({ spec }: Json, user: User): Json {
  const asked = ['resourceAttributes', 'nonResourceAttributes'].filter((field) => isRecord(at(spec, field)));
  if (asked.length === 1) return { metadata: {}, spec, status: { allowed: isAllowed(spec, user) } };
  const why =
    asked.length === 0
      ? 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
      : 'cannot be specified in combination with resourceAttributes';
  const field = asked.length === 0 ? 'spec.resourceAttributes' : 'spec.nonResourceAttributes';
  const value = at(spec, field.replace('spec.', '')) ?? null;
  throw invalid({ group: AUTHORISATION, kind: '' }, '', [cause.invalid(field, value, why)]);
}

function isAllowed(spec: unknown, user: User): boolean {
  if (mayDoEverything(user)) return true;
  const { verb, path } = (at(spec, 'nonResourceAttributes') ?? {}) as Json;
  if (verb === 'get') return isDiscovery(String(path));
  const { verb: wished, group, resource } = (at(spec, 'resourceAttributes') ?? {}) as Json;
  const isReview = (review: Review) => review.group === group && pluralOf(review.kind) === resource;
  return wished === 'create' && REVIEWS.some(isReview);
}

function whatMayI({ spec }: Json, user: User): Json {
  if ((at(spec, 'namespace') ?? '') === '') throw badRequest('no namespace on request');
  const everybody = (group: string) => ({
    verbs: ['create'],
    apiGroups: [group],
    resources: REVIEWS.filter((review) => review.group === group).map(({ kind }) => pluralOf(kind)),
  });
  const isAdministrator = mayDoEverything(user);
  const status = {
    resourceRules: [
      everybody(AUTHORISATION),
      everybody(AUTHENTICATION),
      ...(isAdministrator ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] : []),
    ],
    nonResourceRules: [
      { verbs: ['get'], nonResourceURLs: DISCOVERY_PATHS },
      ...(isAdministrator ? [{ verbs: ['*'], nonResourceURLs: ['*'] }] : []),
    ],
    incomplete: false,
  };
  return { metadata: {}, spec: {}, status };
}
