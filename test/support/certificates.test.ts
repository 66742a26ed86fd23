import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { type KeptAuthority, makeAuthority, restoreAuthority } from './certificates.ts';

const authority = makeAuthority();
const other = makeAuthority('another authority');

type Client = Readonly<{ ca: string; servername?: string; key?: string; cert?: string }>;

/** What the server saw of the client's subject, or the code that the handshake failed with. */
async function handshake(server: TlsOptions, client: Client): Promise<string> {
  const listener = createServer(server, (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy());
    const { subject } = socket.getPeerX509Certificate() ?? {};
    socket.end(`hello ${subject ?? 'nobody'}`);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  try {
    return await new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, ...client, timeout: 5_000 });
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.on('timeout', () => socket.destroy(new Error('timeout')));
    });
  } finally {
    listener.close();
  }
}

function serverWith(sans: readonly string[], extra: TlsOptions = {}): TlsOptions {
  const { certPem, keyPem } = authority.issue({ cn: 'alm.test', sans });
  return { cert: certPem, key: keyPem, ...extra };
}

describe('makeAuthority', () => {
  it.each([
    ['an IPv4 address', ['127.0.0.1'], {}, 'hello nobody'],
    ['a DNS name', ['alm.test'], { servername: 'alm.test' }, 'hello nobody'],
    ['another DNS name only', ['alm.test'], { servername: 'other.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['a common name only, asked by that name', [], { servername: 'alm.test' }, 'hello nobody'],
    ['a common name only, asked by address', [], {}, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('issues server certificates that Node judges by their names: %s', async (_, sans, client, answer) => {
    expect(await handshake(serverWith(sans), { ca: authority.caPem, ...client })).toBe(answer);
  });

  it('is trusted only where its own CA is', async () => {
    expect(await handshake(serverWith(['127.0.0.1']), { ca: other.caPem })).toMatch(
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/,
    );
  });

  it('issues client certificates with groups that a server accepts', async () => {
    const { certPem, keyPem } = authority.issue({ cn: 'ann', client: true, organisation: 'system:masters' });
    const server = serverWith(['127.0.0.1'], { requestCert: true, ca: authority.caPem });
    const client = { ca: authority.caPem, cert: certPem, key: keyPem };
    expect(await handshake(server, client)).toBe('hello O=system:masters\nCN=ann');
  });

  it('does not let a server certificate pass for a client', async () => {
    const { certPem, keyPem } = authority.issue({ cn: 'alm.test' });
    const server = serverWith(['127.0.0.1'], {
      requestCert: true,
      ca: authority.caPem,
      maxVersion: 'TLSv1.2',
    });
    expect(await handshake(server, { ca: authority.caPem, cert: certPem, key: keyPem })).not.toMatch(/hello/);
  });

  it('writes what readers of certificates expect', () => {
    const sans = ['alm.test', '127.0.0.1', '::1', 'fd00:1::2:3'];
    const { certPem, keyPem } = authority.issue({ cn: 'alm.test', sans });
    const leaf = new X509Certificate(certPem);
    const ca = new X509Certificate(authority.caPem);
    expect(leaf.subjectAltName).toBe(
      'DNS:alm.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:1:0:0:0:0:2:3',
    );
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect([ca.ca, leaf.ca, leaf.checkIssued(ca), leaf.verify(ca.publicKey)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(leaf.serialNumber).not.toBe(ca.serialNumber);
    expect(keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const [from, to] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
    expect(Date.now() - from).toBeGreaterThan(3_500_000);
    expect(to - from).toBe((10 * 365 * 24 + 1) * 3_600_000);
  });
});

describe('restoreAuthority', () => {
  it('issues what those trust who trusted the authority that was kept', async () => {
    const kept = JSON.parse(JSON.stringify(authority.keep())) as KeptAuthority;
    const restored = restoreAuthority(kept);
    const { certPem, keyPem } = restored.issue({ cn: 'alm.test', sans: ['127.0.0.1'] });
    expect(restored.caPem).toBe(authority.caPem);
    expect(await handshake({ cert: certPem, key: keyPem }, { ca: authority.caPem })).toBe('hello nobody');
    expect(restored.keep()).toEqual(kept);
  });
});
