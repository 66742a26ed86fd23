import { describe, expect, it } from 'vitest';
import { FLAGS, type FlagName, variableOf } from '../src/flags.ts';
import { readSettings, type Settings } from '../src/settings.ts';

type Given = Partial<Record<FlagName, string>>;
type Environment = Record<string, string | undefined>;

const defaults: Settings = {
  kubeconfig: undefined,
  operatorNamespace: undefined,
  watchNamespaces: undefined,
  secretLabelSelector: undefined,
  generatedSecrets: false,
  concurrency: 8,
  resyncIntervalMs: 1_800_000,
  defaultConnection: 'default',
  leaderElection: undefined,
  healthAddress: { host: '0.0.0.0', port: 8081 },
  metricsAddress: { host: '0.0.0.0', port: 8080 },
  logLevel: 'info',
  logFormat: 'auto',
};

function settings(flags: Given, environment: Environment = {}): Settings | readonly string[] {
  const result = readSettings(flags, environment);
  return result.ok ? result.settings : result.problems;
}

describe('readSettings', () => {
  it('resolves everything where nothing is given', () => {
    expect(settings({})).toEqual(defaults);
  });

  it.each<[Given, Partial<Settings>]>([
    [{ kubeconfig: '/etc/kubeconfig' }, { kubeconfig: '/etc/kubeconfig' }],
    [{ 'operator-namespace': 'alm-operator' }, { operatorNamespace: 'alm-operator' }],
    [{ 'operator-namespace': '0' }, { operatorNamespace: '0' }],
    [{ 'watch-namespaces': 'team-a' }, { watchNamespaces: ['team-a'] }],
    [{ 'watch-namespaces': 'team-a, team-b,team-c' }, { watchNamespaces: ['team-a', 'team-b', 'team-c'] }],
    [{ 'secret-label-selector': 'team=a,tier in (x,y)' }, { secretLabelSelector: 'team=a,tier in (x,y)' }],
    [{ concurrency: '1' }, { concurrency: 1 }],
    [{ concurrency: '999' }, { concurrency: 999 }],
    [{ 'resync-interval': '0s' }, { resyncIntervalMs: 0 }],
    [{ 'resync-interval': '5s' }, { resyncIntervalMs: 5000 }],
    [{ 'resync-interval': '1h30m' }, { resyncIntervalMs: 5_400_000 }],
    [{ 'default-connection': 'main.alm' }, { defaultConnection: 'main.alm' }],
    [{ 'default-connection': 'a'.repeat(63) }, { defaultConnection: 'a'.repeat(63) }],
    [{ 'health-address': '127.0.0.1:0' }, { healthAddress: { host: '127.0.0.1', port: 0 } }],
    [{ 'health-address': ':65535' }, { healthAddress: { host: '', port: 65535 } }],
    [{ 'health-address': '[::1]:8081' }, { healthAddress: { host: '::1', port: 8081 } }],
    [{ 'log-level': 'trace' }, { logLevel: 'trace' }],
    [{ 'log-level': 'error' }, { logLevel: 'error' }],
    [{ 'log-format': 'json' }, { logFormat: 'json' }],
    [{ 'log-format': 'pretty' }, { logFormat: 'pretty' }],
    [{ 'leader-elect': 'false' }, {}],
    [{ 'leader-elect': 'true' }, { leaderElection: { leaseMs: 15_000, renewMs: 10_000, retryMs: 2000 } }],
    [
      {
        'leader-elect': 'true',
        'leader-elect-lease-duration': '2m',
        'leader-elect-renew-deadline': '1m59s',
        'leader-elect-retry-period': '100ms',
      },
      { leaderElection: { leaseMs: 120_000, renewMs: 119_000, retryMs: 100 } },
    ],
    [{ 'leader-elect-lease-duration': '30s' }, {}],
    [{ 'generated-secrets': 'true' }, { generatedSecrets: true }],
    [{ 'metrics-address': '0.0.0.0:9090' }, { metricsAddress: { host: '0.0.0.0', port: 9090 } }],
    [{ 'metrics-address': '[::1]:0' }, { metricsAddress: { host: '::1', port: 0 } }],
    [{ 'metrics-address': '0' }, { metricsAddress: undefined }],
    [{ 'metrics-address': '' }, { metricsAddress: undefined }],
  ])('takes %j', (flags, expected) => {
    expect(settings(flags)).toEqual({ ...defaults, ...expected });
  });

  it.each<[FlagName, string, string]>([
    ['kubeconfig', '', 'must name a file'],
    ['operator-namespace', 'Upper', 'must be the name of a namespace'],
    ['operator-namespace', 'a'.repeat(64), 'must be the name of a namespace'],
    ['operator-namespace', '', 'must be the name of a namespace'],
    ['watch-namespaces', 'team-a,Team-B', 'must be the name of a namespace'],
    ['watch-namespaces', 'team-a,', 'must be the name of a namespace'],
    ['secret-label-selector', 'a==b=c', 'must be a label selector, such as team=a,tier in (x,y)'],
    ['generated-secrets', 'yes', 'must be true or false'],
    ['concurrency', '0', 'must be a whole number from 1 to 999'],
    ['concurrency', '1000', 'must be a whole number from 1 to 999'],
    ['concurrency', '1.5', 'must be a whole number from 1 to 999'],
    ['concurrency', 'many', 'must be a whole number from 1 to 999'],
    ['resync-interval', '4999ms', 'must be 0s (on change only) or a duration of at least 5s, such as 30m'],
    ['resync-interval', '0', 'must be 0s (on change only) or a duration of at least 5s, such as 30m'],
    ['resync-interval', 'P1D', 'must be 0s (on change only) or a duration of at least 5s, such as 30m'],
    ['default-connection', 'a'.repeat(64), 'must be the name of an AlmConnection, at most 63 characters'],
    ['default-connection', 'Main', 'must be the name of an AlmConnection, at most 63 characters'],
    ['leader-elect', '1', 'must be true or false'],
    ['leader-elect-lease-duration', '15', 'must be a duration of whole seconds, such as 15s'],
    ['leader-elect-lease-duration', '500ms', 'must be a duration of whole seconds, such as 15s'],
    ['leader-elect-lease-duration', '15500ms', 'must be a duration of whole seconds, such as 15s'],
    ['leader-elect-lease-duration', '0s', 'must be a duration of whole seconds, such as 15s'],
    ['leader-elect-renew-deadline', '99ms', 'must be a duration of at least 100ms, such as 10s'],
    ['leader-elect-renew-deadline', '15s', 'must be shorter than the lease duration'],
    ['leader-elect-retry-period', '0s', 'must be a duration of at least 100ms, such as 2s'],
    ['leader-elect-retry-period', '9s', 'must fit 1.2 times into the renew deadline'],
    ['health-address', '8081', 'must be host:port, such as 0.0.0.0:8081'],
    ['health-address', '::1:8081', 'must be host:port, such as 0.0.0.0:8081'],
    ['health-address', 'localhost:', 'must be host:port, such as 0.0.0.0:8081'],
    ['health-address', 'localhost:65536', 'must have a port of at most 65535'],
    ['metrics-address', 'localhost:x', 'must be host:port, such as 0.0.0.0:8081'],
    ['metrics-address', '00', 'must be host:port, such as 0.0.0.0:8081'],
    ['metrics-address', 'localhost:65536', 'must have a port of at most 65535'],
    ['log-level', 'verbose', 'must be one of trace, debug, info, warn, error'],
    ['log-format', 'text', 'must be one of auto, json, pretty'],
  ])('refuses --%s %j', (name, value, problem) => {
    expect(settings({ [name]: value })).toEqual([`--${name} (${variableOf(name)}) ${problem}`]);
  });

  it('reports every problem at once, in the order of the flags', () => {
    const flags: Given = { 'log-level': 'loud', concurrency: '0', 'operator-namespace': 'Upper' };
    const environment: Environment = {
      ALM_OPERATOR_RESYNC_INTERVAL: '1s',
      ALM_OPERATOR_LEADER_ELECT: 'perhaps',
      ALM_OPERATOR_LEADER_ELECT_RENEW_DEADLINE: '20s',
    };
    expect(settings(flags, environment)).toEqual([
      '--operator-namespace (ALM_OPERATOR_OPERATOR_NAMESPACE) must be the name of a namespace',
      '--concurrency (ALM_OPERATOR_CONCURRENCY) must be a whole number from 1 to 999',
      '--resync-interval (ALM_OPERATOR_RESYNC_INTERVAL) must be 0s (on change only) or a duration of at least 5s, ' +
        'such as 30m',
      '--leader-elect (ALM_OPERATOR_LEADER_ELECT) must be true or false',
      '--leader-elect-renew-deadline (ALM_OPERATOR_LEADER_ELECT_RENEW_DEADLINE) must be shorter than the lease duration',
      '--log-level (ALM_OPERATOR_LOG_LEVEL) must be one of trace, debug, info, warn, error',
    ]);
  });

  it('says each problem once, however many names of a list have it', () => {
    expect(settings({ 'watch-namespaces': 'A,B,C' })).toEqual([
      '--watch-namespaces (ALM_OPERATOR_WATCH_NAMESPACES) must be the name of a namespace',
    ]);
  });

  it.each(FLAGS.map(({ name }) => name))('reads --%s from its variable', (name) => {
    const value: Given = {
      kubeconfig: '/etc/kubeconfig',
      'operator-namespace': 'alm',
      'watch-namespaces': 'team-a',
      'secret-label-selector': 'team=a',
      'generated-secrets': 'true',
      concurrency: '3',
      'resync-interval': '1h',
      'default-connection': 'main',
      'leader-elect': 'true',
      'leader-elect-lease-duration': '20s',
      'leader-elect-renew-deadline': '12s',
      'leader-elect-retry-period': '3s',
      'health-address': 'localhost:1',
      'metrics-address': 'localhost:2',
      'log-level': 'warn',
      'log-format': 'json',
    };
    const variable = `ALM_OPERATOR_${name.toUpperCase().split('-').join('_')}`;
    const { [name]: _, ...others } = value;
    expect(settings(others, { [variable]: value[name] })).toEqual(settings(value));
    if (name !== 'metrics-address') expect(settings(others)).not.toEqual(settings(value));
  });

  it('takes a flag over its variable, even where the variable is wrong', () => {
    expect(settings({ concurrency: '3' }, { ALM_OPERATOR_CONCURRENCY: 'many' })).toEqual({
      ...defaults,
      concurrency: 3,
    });
  });

  it('takes an empty variable for none', () => {
    expect(settings({}, { ALM_OPERATOR_CONCURRENCY: '', ALM_OPERATOR_OPERATOR_NAMESPACE: '' })).toEqual(
      defaults,
    );
  });

  it('lets nobody change what the operator was started with', () => {
    expect(Object.isFrozen(settings({}))).toBe(true);
  });
});
