/** Sets of values as platform teams would write them; each has to render, to be admitted and to be applied. */

import type { Values } from './helm.ts';

export const ENDPOINT = 'https://app.lm:32443';

const connection = { endpoint: ENDPOINT };

/** Namespaces that have to exist for the sets that name them. */
export const WATCHED = ['team-orders', 'team-billing'] as const;

const SETS = {
  'an endpoint alone': { connection },
  'no connection': { connection: { create: false } },
  'a login as a user': {
    connection: {
      ...connection,
      ...{ login: 'password', existingSecret: 'people', clientId: 'alm.ui@corp', username: 'anna: admin' },
      ...{ secretKey: 'client.secret', passwordKey: 'anna' },
    },
  },
  'http, with consent, and no login': {
    connection: { endpoint: 'http://alm.lm:8080/ishtar', allowHttp: true, login: 'none' },
  },
  'all of a connection': {
    defaultConnection: 'main',
    connection: {
      ...connection,
      ...{ name: 'main', scope: 'all of it' },
      tls: {
        caRef: { kind: 'ConfigMap', name: 'alm-ca', key: 'roots.pem' },
        serverName: 'alm.example',
        clientCertificateRef: { name: 'alm-client' },
      },
      access: [
        { namespaces: { names: ['team-ui'] }, clientIds: ['NimrodClient'], allowAdoption: true },
        {
          namespaces: { selector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['a'] }] } },
          clientIds: ['$(namespace)_*'],
          ...{ roles: ['Portal', 'Read*'], grantTypes: ['client_credentials'], maxAccessTokenValidity: 900 },
        },
      ],
      spec: {
        protectedClientIds: [],
        api: { read: 'Disabled', delete: 'Enabled' },
        limits: { requestsPerSecond: 5, burst: 10, concurrency: 2, timeout: '3s' },
        verification: 'EachResync',
      },
    },
  },
  'certificates in the values': {
    connection: {
      ...connection,
      tls: { caBundle: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
    },
  },
  'one replica that is never doubled': { connection, replicas: 1, leaderElection: { enabled: false } },
  'no replica': { connection, replicas: 0 },
  'named namespaces': { connection, watchNamespaces: [...WATCHED] },
  'named namespaces, generated secrets and the policy': {
    connection,
    watchNamespaces: ['team-orders', 'alm-operator'],
    generatedSecrets: { enabled: true },
    admissionPolicy: { enabled: true },
    defaultConnection: 'blue',
  },
  'generated secrets in every namespace': { connection, generatedSecrets: { enabled: true } },
  'the admission policy': { connection, admissionPolicy: { enabled: true } },
  'all of monitoring': {
    connection,
    metrics: {
      port: 9090,
      serviceMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
      dashboard: { enabled: true, annotations: { grafana_folder: 'ALM' } },
    },
  },
  'no metrics': { connection, metrics: { enabled: false } },
  'a network policy': { connection, networkPolicy: { enabled: true } },
  'a narrow network policy': {
    connection: { endpoint: 'https://alm.example' },
    proxy: { httpsProxy: 'http://proxy.corp:3128' },
    networkPolicy: {
      enabled: true,
      apiServer: { cidrs: ['10.96.0.1/32', '192.168.1.10/32'], ports: [6443] },
      alm: { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.96.0.0/12'] } }] },
      dns: {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
        ports: [53, 5353],
      },
      metrics: { from: [{ podSelector: { matchLabels: { app: 'prometheus' } }, namespaceSelector: {} }] },
    },
  },
  'a company’s proxy and authority': {
    connection,
    proxy: {
      httpsProxy: 'http://proxy:3128',
      httpProxy: 'http://proxy:3128',
      noProxy: '10.0.0.0/8,.svc,{{ x }}',
    },
    extraCA: { configMap: 'corp-roots', key: 'bundle.pem' },
    extraEnv: [
      { name: 'NODE_OPTIONS', value: '--max-old-space-size=300' },
      { name: 'PROXY_PASSWORD', valueFrom: { secretKeyRef: { name: 'proxy', key: 'password' } } },
    ],
  },
  'all about the pods': {
    connection,
    leaderElection: { leaseDuration: '60s', renewDeadline: '40s', retryPeriod: '5s' },
    ...{
      replicas: 3,
      logLevel: 'debug',
      logFormat: 'auto',
      concurrency: 16,
      resyncInterval: '1h30m',
      bindAddress: '[::]',
    },
    secretLabelSelector: 'alm-operator.dev/use=true,tier in (a,b)',
    extraArgs: ['--log-level=trace'],
    image: {
      ...{ repository: 'registry.corp:5000/mirror/alm-operator', pullPolicy: 'Always' },
      digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
    },
    imagePullSecrets: [{ name: 'registry' }],
    serviceAccount: { name: 'alm', annotations: { 'example.org/role': 'alm' } },
    podDisruptionBudget: { enabled: false },
    topologySpreadConstraints: [
      {
        ...{ maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' },
        labelSelector: { matchLabels: { a: 'b' } },
      },
    ],
    resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: '1500m', memory: '2Gi' } },
    priorityClassName: 'system-cluster-critical',
    nodeSelector: { 'kubernetes.io/arch': 'arm64' },
    tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'alm', effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Exists' }] }],
        },
      },
    },
    terminationGracePeriodSeconds: 60,
    podLabels: { team: 'platform' },
    podAnnotations: { 'example.org/note': 'yes' },
    commonLabels: { 'example.org/cost': '12' },
  },
  'rights given elsewhere': {
    connection,
    rbac: { aggregate: false },
    serviceAccount: { create: false, name: 'existing' },
  },
} as const satisfies Readonly<Record<string, Values>>;

export const VALUE_SETS: readonly (readonly [name: string, values: Values])[] = Object.entries(SETS);

export function valueSet(name: keyof typeof SETS): Values {
  return SETS[name];
}
