import { expect, it } from 'vitest';
import { rendered, type Values } from './helm.ts';
import { describeHelm } from './suite.ts';
import { ENDPOINT } from './valuesets.ts';

const connection = { endpoint: ENDPOINT };

describeHelm('the chart', () => {
  it.each<[problem: string, values: Values, says: RegExp]>([
    ['no endpoint', {}, /connection\.endpoint is missing: set it to the address of the ALM API/],
    [
      'http without consent',
      { connection: { endpoint: 'http://alm' } },
      /connection\.endpoint is http:\/\/alm: http sends passwords in the clear; use https or set connection\.allowHttp to true/,
    ],
    [
      'an endpoint of another scheme',
      { connection: { endpoint: 'ftp://alm' } },
      /connection\.endpoint is ftp:\/\/alm: it has to be an https address/,
    ],
    [
      'a user in the endpoint',
      { connection: { endpoint: 'https://anna@alm' } },
      /connection\.endpoint is https:\/\/anna@alm: .*without user/,
    ],
    ['negative replicas', { connection, replicas: -1 }, /replicas is -1: it has to be 0 or more/],
    [
      'replicas that all write',
      { connection, leaderElection: { enabled: false } },
      /replicas is 2 without leaderElection\.enabled: .*set leaderElection\.enabled to true or replicas to 1/,
    ],
    ['an unknown key', { connection, replicaCount: 3 }, /additional properties 'replicaCount' not allowed/],
    [
      'an unknown key below',
      { connection: { ...connection, tls: { insecure: true } } },
      /at '\/connection\/tls': additional properties 'insecure' not allowed/,
    ],
    [
      'an access rule without namespaces',
      { connection: { ...connection, access: [{ clientIds: ['*'] }] } },
      /at '\/connection\/access\/0': missing property 'namespaces'/,
    ],
    [
      'no login Secret',
      { connection: { ...connection, existingSecret: '' } },
      /connection\.existingSecret is empty/,
    ],
    [
      'no client to log in as',
      { connection: { ...connection, clientId: '' } },
      /connection\.clientId is empty/,
    ],
    [
      'no user',
      { connection: { ...connection, login: 'password' } },
      /connection\.username is empty: connection\.login is password/,
    ],
    [
      'two authorities',
      {
        connection: {
          ...connection,
          tls: { caBundle: 'x', caRef: { kind: 'Secret', name: 'y' } },
        },
      },
      /connection\.tls has both caBundle and caRef/,
    ],
    [
      'a long name of a connection',
      { connection: { ...connection, name: 'x'.repeat(64) } },
      /connection\.name is x{64}: it may have 63 characters/,
    ],
    [
      'no service account',
      { connection, serviceAccount: { create: false } },
      /serviceAccount\.name is empty/,
    ],
    [
      'nothing to scrape',
      { connection, metrics: { enabled: false, serviceMonitor: { enabled: true } } },
      /metrics\.serviceMonitor\.enabled is true without metrics\.enabled/,
    ],
    ['one port for two', { connection, healthPort: 8080 }, /healthPort is 8080, and so is metrics\.port/],
    [
      'a network policy that does not know where ALM is',
      { connection: { create: false }, networkPolicy: { enabled: true } },
      /networkPolicy\.alm\.ports is empty/,
    ],
    ['a word for a number', { connection, replicas: 'two' }, /at '\/replicas': got string, want integer/],
  ])('refuses %s, and names the value', async (_problem, values, says) => {
    await expect(rendered(values)).rejects.toThrow(says);
  });

  it('tells of all problems at once', async () => {
    const problems = rendered({ replicas: -1, healthPort: 8080 });
    await expect(problems).rejects.toThrow(/replicas is -1.*\n.*endpoint is missing.*\n.*healthPort is 8080/);
  });
});
