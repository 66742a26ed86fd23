/** The command line of `run`, for its help, its parser and its reader. */

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
    description: 'work only while holding the Lease, so that several replicas may run',
  },
  {
    name: 'leader-elect-lease-duration',
    value: 'duration',
    description: 'how long others wait for a holder that renews no more',
    fallback: '15s',
  },
  {
    name: 'leader-elect-renew-deadline',
    value: 'duration',
    description: 'how long a holder works on without a renewal',
    fallback: '10s',
  },
  {
    name: 'leader-elect-retry-period',
    value: 'duration',
    description: 'how often the holder renews',
    fallback: '2s',
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

export function variableOf(name: string): string {
  return `ALM_OPERATOR_${name.toUpperCase().replaceAll('-', '_')}`;
}
