/**
 * An ALM to test against: its OAuth server and its credentials API over sockets. README.md says what of it is
 * documented and what is a guess.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TlsOptions } from 'node:tls';
import type { Authority } from '../certificates.ts';
import type { ClientSeed } from './clients.ts';
import { type AlmUser, DEFAULT_CLIENTS, DEFAULT_ROLES, DEFAULT_USERS, type RoleTable } from './defaults.ts';
import { exchange } from './exchange.ts';
import { FaultDesk, type Hold, type Match, type When } from './faults.ts';
import type { Knobs } from './knobs.ts';
import { Listener } from './listener.ts';
import type { AlmRequest } from './log.ts';
import { secretMatches } from './secrets.ts';
import { setKnobs } from './settings.ts';
import { AlmState } from './state.ts';

export type AlmOptions = Readonly<{
  /** 0: any free one. */
  port: number;
  /** `http` is ALM's no-security flavour: authMode is then `none`, if no knob says otherwise. */
  scheme: 'https' | 'http';
  /** '' or '/some/path'. */
  pathPrefix: string;
  /** `san`: for localhost, 127.0.0.1 and alm.test. `cn-only`: common name `ishtar` and no other name. */
  certificate: 'san' | 'cn-only';
  clientCertificate: 'none' | 'required';
  knobs: Partial<Knobs>;
  clients: readonly ClientSeed[];
  users: readonly AlmUser[];
  roles: RoleTable;
  /** That of a simulator stopped before: this one is its restart. */
  state: AlmState;
  /** Milliseconds. */
  now: () => number;
}>;

export type AlmSim = Readonly<{
  /** With the path prefix, without a slash at its end. */
  url: string;
  port: number;
  caPem: string;
  /** Issues client certificates that this ALM accepts. */
  authority: Authority;
  /** May be changed at any time; the next request meets the change. */
  knobs: Knobs;
  state: AlmState;
  /** By arrival; entries are completed as the requests go on. */
  log: readonly AlmRequest[];
  faults: Pick<FaultDesk, 'add' | 'clear'>;
  hold(match: Match, when: When): Hold;
  /** Whether this secret would log this client in, by the newest record. */
  matches(clientId: string, secret: string): boolean;
  /** Cuts all connections and refuses new ones until `up`; what was not applied by then never is. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}>;

export async function startAlm(options: Partial<AlmOptions> = {}): Promise<AlmSim> {
  const { scheme = 'https', pathPrefix = '', now = Date.now } = options;
  const knobs = setKnobs({ ...(scheme === 'http' ? { authMode: 'none' } : {}), ...options.knobs });
  const state = preparedState(options, knobs);
  const desk = new FaultDesk();
  const log: AlmRequest[] = [];
  const world = {
    state,
    knobs,
    roles: options.roles ?? DEFAULT_ROLES,
    now: () => now() + knobs.clockSkewSeconds * 1000,
  };

  const origin = () => `${scheme}://127.0.0.1:${listener.port}`;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const reset = () => listener.reset(request.socket.remotePort);
    void exchange(
      { world, desk, log, pathPrefix, origin: origin(), machineNow: now },
      request,
      response,
      reset,
    );
  };
  const tls = scheme === 'https' ? tlsOf(options, state.authority) : undefined;
  const listener = new Listener(tls, options.port ?? 0, onRequest);
  await listener.listen();

  const down = async () => {
    const closed = listener.close();
    desk.cutAll();
    await closed;
  };

  return {
    url: `${origin()}${pathPrefix}`,
    port: listener.port,
    caPem: state.authority.caPem,
    authority: state.authority,
    knobs,
    state,
    log,
    faults: desk,
    hold: (match, when) => desk.hold(match, when),
    matches: (clientId, secret) => {
      const client = state.clients.newest(clientId);
      return client !== undefined && secretMatches(client.secret, secret, knobs);
    },
    down,
    up: () => listener.listen(),
    stop: async () => {
      await down();
      desk.end();
    },
  };
}

function preparedState(options: Partial<AlmOptions>, knobs: Knobs): AlmState {
  const { clients = DEFAULT_CLIENTS, users = DEFAULT_USERS } = options;
  const state = options.state ?? new AlmState();
  state.keepPlain = () => knobs.getItem === 'plain' || knobs.getList === 'plain';
  if (options.state === undefined || knobs.bootstrapOnRestart === 'yes')
    for (const seed of clients) state.set(seed);
  if (options.state === undefined || options.users)
    for (const user of users) state.users.set(user.username, user);
  if (knobs.tokensOnRestart === 'lost') state.tokens.clear();
  return state;
}

function tlsOf(options: Partial<AlmOptions>, authority: Authority): TlsOptions {
  const { certificate = 'san', clientCertificate = 'none' } = options;
  const names = { san: ['localhost', '127.0.0.1', 'alm.test'], 'cn-only': [] }[certificate];
  const { certPem, keyPem } = authority.issue({ cn: 'ishtar', sans: names });
  const asked = { requestCert: true, rejectUnauthorized: true, ca: authority.caPem };
  return { cert: certPem, key: keyPem, ...(clientCertificate === 'required' ? asked : {}) };
}
