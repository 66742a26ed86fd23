/**
 * What the chart's values may be, where their default does not say it: by path. Objects of this project's kinds have the
 * schemas of the kinds; those of Kubernetes are closed as far as the chart's users reach into them.
 */

import { connectionSpec } from '../../src/api/almconnection.ts';
import { type Json, structuralSchema } from '../../src/api/crd.ts';
import { DURATION_PATTERN } from '../../src/api/duration.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../../src/settings.ts';

const text: Json = { type: 'string' };
const flag: Json = { type: 'boolean' };
const whole: Json = { type: 'integer' };
const port: Json = { type: 'integer', minimum: 1, maximum: 65535 };
const texts: Json = { type: 'object', additionalProperties: text };

const like = (pattern: string): Json => ({ type: 'string', pattern });
const oneOf = (...words: readonly string[]): Json => ({ type: 'string', enum: words });
const listOf = (items: Json): Json => ({ type: 'array', items });
const setOf = (items: Json): Json => ({ type: 'array', items, uniqueItems: true });

function closed(properties: Readonly<Record<string, Json>>, ...required: readonly string[]): Json {
  const needs = required.length === 0 ? {} : { required };
  return { type: 'object', ...needs, properties, additionalProperties: false };
}

const OBJECT_NAME = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';
const NAMESPACE = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';

const expression = closed({ key: text, operator: text, values: listOf(text) }, 'key', 'operator');
const selector = closed({ matchLabels: texts, matchExpressions: listOf(expression) });
const ipBlock = closed({ cidr: text, except: listOf(text) }, 'cidr');
const peer = closed({ ipBlock, namespaceSelector: selector, podSelector: selector });
const quantities: Json = { type: 'object', additionalProperties: { type: ['string', 'number'] } };
const seccompProfile = closed({ type: text, localhostProfile: text }, 'type');
const seLinuxOptions = closed({ level: text, role: text, type: text, user: text });
const user = { runAsNonRoot: flag, runAsUser: whole, runAsGroup: whole, seccompProfile, seLinuxOptions };

/** A schema of a kind as draft-07 has it: closed, without the API server's keywords. */
function closedAsDraft07(schema: Json): Json {
  const known = Object.entries(schema).filter(([key]) => !key.startsWith('x-') && key !== 'format');
  const inner = known.map(([key, value]): [string, unknown] => {
    if (key === 'items' || key === 'additionalProperties') return [key, closedAsDraft07(value as Json)];
    if (key !== 'properties') return [key, value];
    const children = Object.entries(value as Readonly<Record<string, Json>>);
    return [key, Object.fromEntries(children.map(([name, child]) => [name, closedAsDraft07(child)]))];
  });
  const isOpen = schema['type'] === 'object' && schema['additionalProperties'] === undefined;
  return { ...Object.fromEntries(inner), ...(isOpen && { additionalProperties: false }) };
}

const connection = closedAsDraft07(structuralSchema(connectionSpec))['properties'] as Record<string, Json>;
const { protectedClientIds = {}, api = {}, limits = {}, verification = {} } = connection;

export const TYPES: Readonly<Record<string, Json>> = {
  fullnameOverride: like('^([a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?)?$'),
  'image.repository': { type: 'string', minLength: 1 },
  'image.digest': like('^(sha256:[0-9a-f]{64})?$'),
  'image.pullPolicy': oneOf('Always', 'IfNotPresent', 'Never'),
  imagePullSecrets: listOf(closed({ name: text }, 'name')),
  'leaderElection.leaseDuration': like(DURATION_PATTERN),
  'leaderElection.renewDeadline': like(DURATION_PATTERN),
  'leaderElection.retryPeriod': like(DURATION_PATTERN),
  'connection.name': like(`^(${OBJECT_NAME})?$`),
  'connection.endpoint': { type: 'string', maxLength: 1024 },
  'connection.existingSecret': like(`^(${OBJECT_NAME})?$`),
  'connection.login': oneOf('clientCredentials', 'password', 'none'),
  'connection.secretKey': like('^[-._a-zA-Z0-9]+$'),
  'connection.passwordKey': like('^[-._a-zA-Z0-9]+$'),
  'connection.tls': { ...connection['tls'] },
  'connection.access': { ...connection['access'] },
  'connection.spec': closed({ protectedClientIds, api, limits, verification }),
  watchNamespaces: setOf(like(NAMESPACE)),
  defaultConnection: like('^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$'),
  resyncInterval: like(DURATION_PATTERN),
  concurrency: { type: 'integer', minimum: 1, maximum: 999 },
  logLevel: oneOf(...LOG_LEVELS),
  logFormat: oneOf(...LOG_FORMATS),
  extraArgs: listOf(like('^--[a-z][-a-z0-9]*(=|$)')),
  extraEnv: listOf(
    closed({ name: text, value: text, valueFrom: { type: 'object', maxProperties: 1 } }, 'name'),
  ),
  'serviceAccount.annotations': texts,
  'metrics.port': port,
  'metrics.serviceMonitor.interval': like('^[0-9]+(ms|s|m|h)$'),
  'metrics.serviceMonitor.labels': texts,
  'metrics.prometheusRule.labels': texts,
  'metrics.dashboard.labels': texts,
  'metrics.dashboard.annotations': texts,
  healthPort: port,
  'networkPolicy.apiServer.cidrs': setOf(text),
  'networkPolicy.apiServer.ports': { ...setOf(port), minItems: 1 },
  'networkPolicy.alm.to': listOf(peer),
  'networkPolicy.alm.ports': setOf(port),
  'networkPolicy.dns.to': listOf(peer),
  'networkPolicy.dns.ports': { ...setOf(port), minItems: 1 },
  'networkPolicy.metrics.from': listOf(peer),
  topologySpreadConstraints: listOf(
    closed(
      {
        maxSkew: { type: 'integer', minimum: 1 },
        topologyKey: text,
        whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
        minDomains: { type: 'integer', minimum: 1 },
        nodeAffinityPolicy: oneOf('Honor', 'Ignore'),
        nodeTaintsPolicy: oneOf('Honor', 'Ignore'),
        matchLabelKeys: listOf(text),
        labelSelector: selector,
      },
      'maxSkew',
      'topologyKey',
      'whenUnsatisfiable',
    ),
  ),
  resources: closed({
    requests: quantities,
    limits: quantities,
    claims: listOf(closed({ name: text, request: text }, 'name')),
  }),
  nodeSelector: texts,
  tolerations: listOf(
    closed({ key: text, operator: text, value: text, effect: text, tolerationSeconds: whole }),
  ),
  affinity: closed({
    nodeAffinity: { type: 'object' },
    podAffinity: { type: 'object' },
    podAntiAffinity: { type: 'object' },
  }),
  terminationGracePeriodSeconds: { type: 'integer', minimum: 1 },
  podLabels: texts,
  podAnnotations: texts,
  commonLabels: texts,
  podSecurityContext: closed({
    ...user,
    fsGroup: whole,
    fsGroupChangePolicy: text,
    supplementalGroups: listOf(whole),
  }),
  securityContext: closed({
    ...user,
    allowPrivilegeEscalation: flag,
    readOnlyRootFilesystem: flag,
    capabilities: closed({ drop: listOf(text), add: listOf(text) }),
  }),
};
