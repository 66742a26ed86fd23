/**
 * What a client may ask about itself: who it is, whether it may do something, what it may do. Whoever is known here is
 * an administrator, so that the answers are those that a cluster-admin gets. Nothing of it is stored.
 */

import type { Resource } from '../discovery/resources.ts';
import { jsonBody, parsed } from '../http/body.ts';
import type { Answer, Request } from '../http/message.ts';
import type { ResourcePath } from '../http/route.ts';
import { at, isRecord, type Json } from '../objects.ts';
import * as cause from '../schema/causes.ts';
import { badRequest, invalid, methodNotAllowed } from '../status.ts';

type Review = Readonly<{
  group: string;
  kind: string;
  /** The fields of the answer beside apiVersion and kind; throws for a question that makes no sense. */
  answer: (question: Json, user: string) => Json;
}>;

const AUTHENTICATION = 'authentication.k8s.io';
const AUTHORISATION = 'authorization.k8s.io';
const VERSION = 'v1';
const DISCOVERY_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
];

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
  user: string,
): Promise<Answer | undefined> {
  const review = REVIEWS.find(({ group, kind }) => path.group === group && path.plural === pluralOf(kind));
  if (review === undefined || path.version !== VERSION || path.namespace !== undefined) return undefined;
  if (path.name !== undefined || request.method !== 'POST') throw methodNotAllowed();
  const question = parsed(await jsonBody(request), '');
  if (!isRecord(question)) throw badRequest('the body of the request is not an object');
  const { group, kind } = review;
  return { status: 201, json: { kind, apiVersion: `${group}/${VERSION}`, ...review.answer(question, user) } };
}

function whoAmI(_question: Json, username: string): Json {
  const userInfo = { username, groups: ['system:masters', 'system:authenticated'] };
  return { metadata: {}, status: { userInfo } };
}

function mayI({ spec }: Json): Json {
  const asked = ['resourceAttributes', 'nonResourceAttributes'].filter((field) => isRecord(at(spec, field)));
  if (asked.length === 1) return { metadata: {}, spec, status: { allowed: true } };
  const why =
    asked.length === 0
      ? 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
      : 'cannot be specified in combination with resourceAttributes';
  const field = asked.length === 0 ? 'spec.resourceAttributes' : 'spec.nonResourceAttributes';
  const value = at(spec, field.replace('spec.', '')) ?? null;
  throw invalid({ group: AUTHORISATION, kind: '' }, '', [cause.invalid(field, value, why)]);
}

function whatMayI({ spec }: Json): Json {
  if ((at(spec, 'namespace') ?? '') === '') throw badRequest('no namespace on request');
  const everybody = (group: string) => ({
    verbs: ['create'],
    apiGroups: [group],
    resources: REVIEWS.filter((review) => review.group === group).map(({ kind }) => pluralOf(kind)),
  });
  const status = {
    resourceRules: [
      everybody(AUTHORISATION),
      everybody(AUTHENTICATION),
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    ],
    nonResourceRules: [
      { verbs: ['get'], nonResourceURLs: [...DISCOVERY_PATHS, '/readyz', '/version', '/version/'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
    incomplete: false,
  };
  return { metadata: {}, spec: {}, status };
}
