/**
 * Who we are to which API server: client-node's KubeConfig, turned into what undici needs. Credentials are asked for
 * anew with each request, and so follow rotation: a token file is read again within a minute, CA and client certificate
 * files at once, an exec plugin runs again when its credential expired.
 */

import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeconfigError, readKubeconfig } from './kubeconfig.ts';

export type ConnectOptions = Readonly<{
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}>;

export type Credentials = Readonly<{ connect: ConnectOptions; headers: Readonly<Record<string, string>> }>;

export type KubeAuth = Readonly<{
  /** May have a path prefix. */
  server: URL;
  /** The namespace of the context; in a cluster, that of the service account. */
  namespace?: string;
  /** A proxy named by the kubeconfig itself; the environment's never counts. */
  proxy?: URL;
  /** Rejects where a file or a plugin fails; the message holds no credential. */
  credentials(): Promise<Credentials>;
}>;

export type KubeAuthSources = Readonly<{
  /** An explicit path. */
  kubeconfig?: string;
  /** The value of KUBECONFIG: a list of paths. */
  kubeconfigList?: string;
  /** The home directory, for `.kube/config`. */
  home?: string;
  /** Whether KUBERNETES_SERVICE_HOST is set. */
  inCluster?: boolean;
  /** Stands before the service account's well-known paths, for tests. */
  serviceAccountRoot?: string;
}>;

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The explicit path, else the list, else the service account of the pod, else `~/.kube/config`. Throws KubeconfigError.
 */
export function loadKubeConfig(sources: KubeAuthSources): KubeAuth {
  const { kubeconfig, kubeconfigList = '', home, inCluster, serviceAccountRoot = '' } = sources;
  if (kubeconfig !== undefined) return authFromFiles([kubeconfig]);
  const listed = kubeconfigList.split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return authFromFiles(listed);
  if (inCluster === true && existsSync(`${serviceAccountRoot}${SERVICE_ACCOUNT_TOKEN}`)) {
    const config = new KubeConfig();
    config.loadFromCluster(serviceAccountRoot);
    return authOf(config);
  }
  const own = home === undefined ? undefined : join(home, '.kube', 'config');
  if (own !== undefined && existsSync(own)) return authFromFiles([own]);
  throw new KubeconfigError(
    'no kubeconfig: give --kubeconfig, set KUBECONFIG, or run in a pod with a service account',
  );
}

function authFromFiles(files: readonly string[]): KubeAuth {
  const document = readKubeconfig(files);
  const config = new KubeConfig();
  try {
    config.loadFromString(JSON.stringify(document));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'malformed';
    throw new KubeconfigError(`the kubeconfig ${files.join(', ')} cannot be used: ${why}`);
  }
  return authOf(config);
}

function authOf(config: KubeConfig): KubeAuth {
  const cluster = config.getCurrentCluster();
  const context = config.getContextObject(config.getCurrentContext());
  if (cluster === null || context === null) {
    throw new KubeconfigError(
      `the kubeconfig's current context "${config.getCurrentContext() ?? ''}" has no cluster`,
    );
  }
  const server = urlOf(cluster.server, 'server');
  if (server.protocol !== 'https:' && !cluster.skipTLSVerify) {
    throw new KubeconfigError(
      `the kubeconfig's server is ${server.protocol}, not https:; that needs insecure-skip-tls-verify: true`,
    );
  }
  const namespace = context.namespace?.trim();
  const proxy = cluster.proxyUrl === undefined || cluster.proxyUrl === null ? '' : cluster.proxyUrl;
  return {
    server,
    ...(namespace !== undefined && namespace !== '' && { namespace }),
    ...(proxy !== '' && { proxy: proxyOf(proxy) }),
    credentials: () => credentialsOf(config),
  };
}

/** Without the text in the message: it may have a password in it. */
function urlOf(text: string, what: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new KubeconfigError(`the kubeconfig's ${what} is not a URL`);
  return url;
}

function proxyOf(text: string): URL {
  const url = urlOf(text, 'proxy-url');
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new KubeconfigError(
    `the kubeconfig's proxy-url has the scheme ${url.protocol} where only http and https work`,
  );
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    // A plugin's output, which is the message here, may hold anything.
    const code =
      error instanceof Error && 'code' in error
        ? String(error.code)
        : 'the exec plugin or token source failed';
    throw new Error(`no credentials for the API server: ${code}`);
  }
  return { connect: connectOf(options), headers: headersOf(options) };
}

function connectOf({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): ConnectOptions {
  return {
    ...(ca !== undefined && { ca: String(ca) }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

/** Trimmed, because a token file may end in a line break. */
function headersOf({ headers, auth }: RequestOptions): Readonly<Record<string, string>> {
  const own = Object.entries(headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value).trim(),
  ]);
  const basic =
    typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  return { ...basic, ...Object.fromEntries(own) };
}
