import type { Permit } from '../kube/election.ts';
import type { Sensitive } from '../sensitive.ts';

/** Asked anew at each login, so that no secret is kept; has a time limit of its own. */
export type AskSecret = (signal: AbortSignal) => Promise<Sensitive>;

export type Auth =
  | Readonly<{ kind: 'clientCredentials'; clientId: string; secret: AskSecret; scope?: string }>
  | Readonly<{
      kind: 'password';
      clientId: string;
      secret: AskSecret;
      username: string;
      password: AskSecret;
      scope?: string;
    }>
  | Readonly<{ kind: 'none' }>;

export type TlsOptions = Readonly<{
  /** PEM, one certificate or more, trusted on top of the system's roots. */
  ca?: string;
  /** The name that the certificate must carry, where it is not the endpoint's host. */
  serverName?: string;
  /** PEM; `cert` and `key` come together. */
  cert?: string;
  key?: Sensitive;
  insecureSkipVerify?: boolean;
}>;

/**
 * As in the environment: URLs of proxies, and hosts (names, suffixes, addresses, CIDR blocks) that need none.
 */
export type ProxyOptions = Readonly<{ httpsProxy?: string; httpProxy?: string; noProxy?: string }>;

/** How fast calls may follow each other. */
export type Pace = Readonly<{
  /**
   * Resolves when the next call may be sent. Rejects with the signal's reason, or with EdgeError where ALM wants no
   * call for longer than a pass should wait.
   */
  next(signal: AbortSignal): Promise<void>;
  /** ALM asked to be left alone for so long. */
  rest(ms: number): void;
}>;

export type AlmClientOptions = Readonly<{
  /** http or https URL: scheme, host, port and path prefix. */
  endpoint: string;
  auth: Auth;
  tls: TlsOptions;
  /** For one request, from the wait for a connection to the last byte of the answer. */
  timeoutMs: number;
  /** How many connections are open at most. */
  concurrency: number;
  proxy: ProxyOptions;
  /** Asked before every call, logins included; no limit when absent. */
  pace?: Pace;
  /** Milliseconds since the epoch: the life of tokens, and the HTTP dates of Retry-After. */
  now: () => number;
  observe?: RequestObserver;
  /** What the requests made right now belong to; ALM gets it as `x-request-id`. */
  correlationId?: () => string | undefined;
  /** Asked before each request and again when it is about to go out; a request takes no longer than it says. */
  permit?: Permit;
}>;

/** Each request that is begun is told, and how it ended. `request` has neither ids nor anything secret. */
export type RequestObserver = (
  request: Readonly<{ method: string; route: 'credentials' | 'token' | 'root' }>,
) => (outcome: string) => void;
