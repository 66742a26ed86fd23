/**
 * The connections to one ALM: trust, client certificate, proxy. Long-lived; nothing here retries. HTTP/1.1 only, because
 * a body that is given up while HTTP/2 holds it back stops the process (docs/decisions/0008).
 */

import { X509Certificate } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { edgeError } from './failures.ts';
import type { AlmClientOptions, ProxyOptions, TlsOptions } from './options.ts';
import { strippedCause } from './trouble.ts';

type Options = Readonly<
  { endpoint: URL } & Pick<AlmClientOptions, 'tls' | 'proxy' | 'timeoutMs' | 'concurrency'>
>;

/** Throws EdgeError where a certificate, key or proxy address cannot be used. */
export function createDispatcher({ endpoint, tls, proxy, timeoutMs, concurrency }: Options): Dispatcher {
  const connection = { timeout: timeoutMs, allowH2: false, ...tlsSettings(tls) };
  // The time limit of a request is kept by the exchange, from the outside.
  const settings = {
    allowH2: false,
    connections: concurrency,
    connectTimeout: timeoutMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const uri = proxyFor(endpoint, proxy);
  const connect = outspoken(buildConnector(connection));
  if (uri === undefined) return new Agent({ ...settings, connect });
  try {
    return new EnvHttpProxyAgent({
      ...settings,
      connect,
      requestTls: connection,
      proxyTls: { allowH2: false },
      // A proxy that never answers CONNECT would otherwise keep `close` waiting for five minutes.
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeoutMs }),
      // Both set, so that undici neither reads the environment nor sends https through HTTP_PROXY.
      httpProxy: uri,
      httpsProxy: uri,
      noProxy: proxy.noProxy ?? '',
    });
  } catch {
    // The error would carry the address with the proxy's credentials.
    throw edgeError('badProxy');
  }
}

/**
 * A server that misses a client certificate says so in an alert after the handshake (TLS 1.3) and hangs up.
 * Destroying the socket at its first error keeps that error, which undici would replace by the end of the
 * connection.
 */
function outspoken(connector: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connector(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      socket.once('error', () => socket.destroy());
      callback(null, socket);
    });
  };
}

type TlsSettings = Readonly<{
  secureContext: SecureContext;
  rejectUnauthorized: boolean;
  servername?: string;
}>;

function tlsSettings({ ca, serverName, cert, key, insecureSkipVerify }: TlsOptions): TlsSettings {
  if ((cert === undefined) !== (key === undefined)) throw edgeError('badPair');
  const trust = ca === undefined ? {} : { ca: [...getCACertificates('default'), ...certificatesIn(ca)] };
  const identity = cert === undefined || key === undefined ? {} : { cert, key: key.reveal() };
  return {
    secureContext: secureContextOf({ ...trust, ...identity }),
    rejectUnauthorized: insecureSkipVerify !== true,
    ...(serverName !== undefined && { servername: serverName }),
  };
}

function secureContextOf(options: Readonly<{ ca?: string[]; cert?: string; key?: string }>): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw edgeError('badPair', strippedCause(error));
  }
}

/** Checked one by one, because Node passes over a bundle that it cannot read. */
function certificatesIn(bundle: string): readonly string[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) throw edgeError('badBundle');
  return blocks;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function proxyFor(endpoint: URL, { httpsProxy, httpProxy, noProxy = '' }: ProxyOptions): string | undefined {
  const uri = endpoint.protocol === 'https:' ? httpsProxy : httpProxy;
  return uri === undefined || uri === '' || inListedBlock(endpoint.hostname, noProxy) ? undefined : uri;
}

/** CIDR blocks in NO_PROXY, which undici does not know and clusters commonly list. */
function inListedBlock(hostname: string, noProxy: string): boolean {
  const host = hostname.replace(/^\[(.+)\]$/, '$1');
  if (isIP(host) === 0) return false;
  const blocks = new BlockList();
  for (const entry of noProxy.split(/[,\s]+/)) {
    const [net = '', bits = ''] = entry.split('/');
    const family = familyOf(net);
    const widest = family === 'ipv4' ? 32 : 128;
    if (isIP(net) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= widest) {
      blocks.addSubnet(net, Number(bits), family);
    }
  }
  return blocks.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
