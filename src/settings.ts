import { z } from 'zod';
import { parseDuration } from './api/duration.ts';
import { FLAGS, type FlagName, variableOf } from './flags.ts';
import { type Timing, timingProblems } from './kube/election.ts';
import { parseSelector } from './kube/selector.ts';

/** What `alm-operator run` was started with. A flag wins over its variable; every problem is reported at once. */

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

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

const timingFields = {
  'leader-elect-lease-duration': z
    .string()
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms >= 1000 && ms % 1000 === 0, 'must be a duration of whole seconds, such as 15s'),
  'leader-elect-renew-deadline': shortDuration('10s'),
  'leader-elect-retry-period': shortDuration('2s'),
};

function shortDuration(example: string) {
  return z
    .string()
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms >= 100, `must be a duration of at least 100ms, such as ${example}`);
}

/** Judged apart from the rest, so that it is told together with the problems of other flags. */
const timingSchema = z
  .object(timingFields)
  .transform(timingOf)
  .superRefine((timing, context) => {
    for (const { of, problem } of timingProblems(timing))
      context.addIssue({ code: 'custom', path: [TIMING_FLAGS[of]], message: problem });
  });

const TIMING_FLAGS = {
  leaseMs: 'leader-elect-lease-duration',
  renewMs: 'leader-elect-renew-deadline',
  retryMs: 'leader-elect-retry-period',
} as const satisfies Readonly<Record<keyof Timing, FlagName>>;

function timingOf(fields: Readonly<Record<(typeof TIMING_FLAGS)[keyof Timing], number>>): Timing {
  return {
    leaseMs: fields[TIMING_FLAGS.leaseMs],
    renewMs: fields[TIMING_FLAGS.renewMs],
    retryMs: fields[TIMING_FLAGS.retryMs],
  };
}

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
  'leader-elect': flag.optional(),
  ...timingFields,
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
  /** Undefined: this is the only replica. */
  leaderElection: Timing | undefined;
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
  const timing = timingSchema.safeParse(Object.fromEntries(given));
  if (!parsed.success || !timing.success) return { ok: false, problems: problemsOf(parsed, timing) };
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
      leaderElection: value['leader-elect'] === true ? timing.data : undefined,
      healthAddress: value['health-address'],
      metricsAddress: value['metrics-address'],
      logLevel: value['log-level'],
      logFormat: value['log-format'],
    }),
  };
}

/** Each once, in the order of the flags. */
function problemsOf(...parsed: readonly Readonly<{ error?: z.ZodError | undefined }>[]): readonly string[] {
  const position = ({ path }: { readonly path: readonly PropertyKey[] }) =>
    FLAGS.findIndex(({ name }) => name === path[0]);
  const issues = parsed.flatMap(({ error }) => error?.issues ?? []);
  return [...new Set(issues.toSorted((a, b) => position(a) - position(b)).map(problemOf))];
}

function problemOf(issue: Readonly<{ path: readonly PropertyKey[]; message: string }>): string {
  const name = String(issue.path[0]);
  return `--${name} (${variableOf(name)}) ${issue.message}`;
}
