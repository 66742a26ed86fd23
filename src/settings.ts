import { z } from 'zod';
import { parseDuration } from './api/duration.ts';
import { parseSelector } from './kube/selector.ts';

/** What `alm-operator run` was started with. A flag wins over its variable; every problem is reported at once. */

export type Flag = Readonly<{
  name: string;
  value: string | undefined;
  description: string;
  fallback?: string;
}>;

/** The flags of `run`. Each has a variable: `--log-level` is `ALM_OPERATOR_LOG_LEVEL`. */
export const FLAGS = [
  {
    name: 'kubeconfig',
    value: 'file',
    description: 'kubeconfig file; else KUBECONFIG, the service account, ~/.kube/config',
  },
  {
    name: 'operator-namespace',
    value: 'namespace',
    description: 'namespace of connections and claims; else the service account’s',
  },
  {
    name: 'watch-namespaces',
    value: 'list',
    description: 'comma-separated namespaces to serve; all when absent',
  },
  {
    name: 'secret-label-selector',
    value: 'selector',
    description: 'only Secrets with these labels may be used',
  },
  {
    name: 'generated-secrets',
    value: undefined,
    description: 'allow spec.generatedSecret, for which the operator writes Secrets',
  },
  { name: 'concurrency', value: 'number', description: 'objects worked on at the same time', fallback: '8' },
  {
    name: 'resync-interval',
    value: 'duration',
    description: 'how often ALM is compared or re-asserted; 0s: on change only',
    fallback: '30m',
  },
  {
    name: 'default-connection',
    value: 'name',
    description: 'the AlmConnection of objects that name none',
    fallback: 'default',
  },
  {
    name: 'leader-elect',
    value: undefined,
    description: 'run several replicas (refused until a later release)',
  },
  {
    name: 'health-address',
    value: 'host:port',
    description: 'where /livez and /readyz answer',
    fallback: '0.0.0.0:8081',
  },
  {
    name: 'metrics-address',
    value: 'host:port',
    description: 'where /metrics answers; 0 or empty: nowhere',
    fallback: '0.0.0.0:8080',
  },
  { name: 'log-level', value: 'level', description: 'trace, debug, info, warn or error', fallback: 'info' },
  {
    name: 'log-format',
    value: 'format',
    description: 'json, pretty, or auto: pretty on a terminal, json elsewhere',
    fallback: 'auto',
  },
] as const satisfies readonly Flag[];

export type FlagName = (typeof FLAGS)[number]['name'];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

const namespace = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a namespace');

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s[\]]*):\d{1,5}$/, 'must be host:port, such as 0.0.0.0:8081')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65535, 'must have a port of at most 65535');

/** `0` or empty turns the page off; an empty variable counts as none. */
const addressOrOff = z.string().transform((text, context) => {
  if (text === '' || text === '0') return undefined;
  const parsed = address.safeParse(text);
  if (parsed.success) return parsed.data;
  for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

const schema = z.object({
  kubeconfig: z.string().min(1, 'must name a file').optional(),
  'operator-namespace': namespace.optional(),
  'watch-namespaces': z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(namespace))
    .optional(),
  'secret-label-selector': z
    .string()
    .refine(
      (text) => parseSelector(text) !== undefined,
      'must be a label selector, such as team=a,tier in (x,y)',
    )
    .optional(),
  'generated-secrets': flag.optional(),
  concurrency: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'must be a whole number from 1 to 999')
    .transform(Number),
  'resync-interval': z
    .string()
    .transform((text) => parseDuration(text))
    .refine(
      (ms) => ms !== undefined && (ms === 0 || ms >= 5000),
      'must be 0s (on change only) or a duration of at least 5s, such as 30m',
    )
    .transform((ms) => ms ?? 0),
  'default-connection': z
    .string()
    .regex(
      /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/,
      'must be the name of an AlmConnection, at most 63 characters',
    ),
  'leader-elect': flag
    .refine((on) => !on, 'is not available in this release: run one replica without it')
    .optional(),
  'health-address': address,
  'metrics-address': addressOrOff,
  'log-level': z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
  'log-format': z.enum(LOG_FORMATS, `must be one of ${LOG_FORMATS.join(', ')}`),
});

export type Address = Readonly<{ host: string; port: number }>;

export type Settings = Readonly<{
  kubeconfig: string | undefined;
  operatorNamespace: string | undefined;
  watchNamespaces: readonly string[] | undefined;
  secretLabelSelector: string | undefined;
  generatedSecrets: boolean;
  concurrency: number;
  /** 0: on change only. */
  resyncIntervalMs: number;
  defaultConnection: string;
  healthAddress: Address;
  /** Undefined: metrics are not served. */
  metricsAddress: Address | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
  /** auto: pretty on a terminal. */
  logFormat: (typeof LOG_FORMATS)[number];
}>;

export type SettingsResult =
  | Readonly<{ ok: true; settings: Settings }>
  | Readonly<{ ok: false; problems: readonly string[] }>;

export function readSettings(
  flags: Readonly<Partial<Record<FlagName, string>>>,
  environment: Readonly<Record<string, string | undefined>>,
): SettingsResult {
  const given = FLAGS.map((known) => {
    const fallback = 'fallback' in known ? known.fallback : undefined;
    return [known.name, flags[known.name] ?? (environment[variableOf(known.name)] || undefined) ?? fallback];
  });
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (!parsed.success) return { ok: false, problems: [...new Set(parsed.error.issues.map(problemOf))] };
  const value = parsed.data;
  return {
    ok: true,
    settings: Object.freeze({
      kubeconfig: value.kubeconfig,
      operatorNamespace: value['operator-namespace'],
      watchNamespaces: value['watch-namespaces'],
      secretLabelSelector: value['secret-label-selector'],
      generatedSecrets: value['generated-secrets'] ?? false,
      concurrency: value.concurrency,
      resyncIntervalMs: value['resync-interval'],
      defaultConnection: value['default-connection'],
      healthAddress: value['health-address'],
      metricsAddress: value['metrics-address'],
      logLevel: value['log-level'],
      logFormat: value['log-format'],
    }),
  };
}

export function variableOf(name: string): string {
  return `ALM_OPERATOR_${name.toUpperCase().replaceAll('-', '_')}`;
}

function problemOf(issue: Readonly<{ path: readonly PropertyKey[]; message: string }>): string {
  const name = String(issue.path[0]);
  return `--${name} (${variableOf(name)}) ${issue.message}`;
}
