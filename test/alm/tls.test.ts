import { X509Certificate } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { AlmClientOptions } from '../../src/alm/options.ts';
import { EdgeError } from '../../src/kube/outcome.ts';
import { Sensitive } from '../../src/sensitive.ts';
import { makeAuthority } from '../support/certificates.ts';
import { clientFor, record, rejectionOf, signal } from './support/build.ts';
import { type ScriptedServer, startServer } from './support/server.ts';

const authority = makeAuthority('site authority');
const stranger = makeAuthority('another authority');
const byAddress = authority.issue({ cn: 'ishtar', sans: ['127.0.0.1', 'alm.example'] });
const cnOnly = authority.issue({ cn: 'ishtar' });
const operator = authority.issue({ cn: 'operator', client: true });

const DONE = { status: 204 };

function serve(
  certificate: Readonly<{ certPem: string; keyPem: string }>,
  more: TlsOptions & { h2?: boolean } = {},
) {
  return startServer(() => DONE, { cert: certificate.certPem, key: certificate.keyPem, ...more });
}

/** What one write comes to with these TLS options: 'accepted', or the failure. */
async function outcomeOf(server: ScriptedServer, tls: AlmClientOptions['tls']): Promise<unknown> {
  const client = clientFor(server.origin, { auth: { kind: 'none' }, tls });
  try {
    return (await client.create(record, signal)).answer;
  } catch (error) {
    if (error instanceof EdgeError) return error.failure;
    throw error;
  } finally {
    await client.close();
  }
}

function tlsFailure(message: RegExp) {
  return { kind: 'transient', reason: 'TlsError', message: expect.stringMatching(message) };
}

describe('trust', () => {
  it('reaches an ALM whose authority is in the bundle, alone or among others', async () => {
    await using server = await serve(byAddress);
    expect(await outcomeOf(server, { ca: authority.caPem })).toBe('accepted');
    const bundle = `# site\n${stranger.caPem}\n\n${authority.caPem}`;
    expect(await outcomeOf(server, { ca: bundle })).toBe('accepted');
  });

  it.each([
    ['no bundle', {}],
    ['the bundle of another', { ca: stranger.caPem }],
  ])('with %s ends in a sentence about the bundle, and nothing is sent', async (_name, tls) => {
    await using server = await serve(byAddress);
    expect(await outcomeOf(server, tls)).toMatchObject(tlsFailure(/caBundle.*DER to PEM/));
    expect(server.asked.length).toBe(0);
  });

  it('of the system stays when a bundle is added', async () => {
    const system = getCACertificates('default');
    setDefaultCACertificates([...system, authority.caPem]);
    try {
      await using server = await serve(byAddress);
      expect(await outcomeOf(server, { ca: stranger.caPem })).toBe('accepted');
    } finally {
      setDefaultCACertificates(system);
    }
  });

  it('can be switched off', async () => {
    await using server = await serve(cnOnly);
    expect(await outcomeOf(server, { insecureSkipVerify: true })).toBe('accepted');
  });

  const der = new X509Certificate(authority.caPem).raw;
  it.each([
    ['DER', der.toString('latin1')],
    ['DER in base64', der.toString('base64')],
    ['a broken certificate', authority.caPem.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')],
    [
      'one good and one broken certificate',
      `${authority.caPem}${stranger.caPem.replace(/\n.{9}/, '\nAAAAAAAAA')}`,
    ],
    ['a key', operator.keyPem],
    ['nothing', ''],
  ])('refuses a bundle that is %s', (_name, ca) => {
    expect(() => clientFor('https://alm.example', { tls: { ca } })).toThrow(
      expect.objectContaining({ failure: tlsFailure(/no readable PEM certificate/) }),
    );
  });
});

describe('names', () => {
  it('that do not match end in a sentence about the server name', async () => {
    await using server = await serve(cnOnly);
    expect(await outcomeOf(server, { ca: authority.caPem })).toMatchObject(tlsFailure(/serverName/));
    const tls = { ca: authority.caPem, serverName: 'doki' };
    expect(await outcomeOf(server, tls)).toMatchObject(tlsFailure(/serverName/));
    expect(server.asked.length).toBe(0);
  });

  it.each([
    ['the common name of a certificate without alternative names', cnOnly, 'ishtar'],
    ['an alternative name', byAddress, 'alm.example'],
  ])('can be set: %s', async (_name, certificate, serverName) => {
    await using server = await serve(certificate);
    expect(await outcomeOf(server, { ca: authority.caPem, serverName })).toBe('accepted');
    expect(server.asked[0]?.headers['host']).toBe(`127.0.0.1:${server.port}`);
  });
});

describe('client certificates', () => {
  const demanding: TlsOptions = { requestCert: true, rejectUnauthorized: true, ca: authority.caPem };
  const good = { ca: authority.caPem, cert: operator.certPem, key: new Sensitive(operator.keyPem) };

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('are shown where ALM asks for one (%s)', async (version) => {
    await using server = await serve(byAddress, { ...demanding, minVersion: version, maxVersion: version });
    expect(await outcomeOf(server, good)).toBe('accepted');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'that are missing end in a sentence about them (%s)',
    async (version) => {
      await using server = await serve(byAddress, { ...demanding, minVersion: version, maxVersion: version });
      const failure = await outcomeOf(server, { ca: authority.caPem });
      expect(failure).toMatchObject(tlsFailure(/clientCertificateRef/));
      expect(server.asked.length).toBe(0);
    },
  );

  it.each([
    ['a key alone', { key: new Sensitive(operator.keyPem) }],
    ['a certificate alone', { cert: operator.certPem }],
    ['a key of another certificate', { cert: operator.certPem, key: new Sensitive(cnOnly.keyPem) }],
    ['a key that is none', { cert: operator.certPem, key: new Sensitive('canary-7f3a9') }],
    ['a certificate that is none', { cert: 'canary-7f3a9', key: new Sensitive(operator.keyPem) }],
  ])('are refused at once with %s', (_name, tls) => {
    expect(() => clientFor('https://alm.example', { tls })).toThrow(
      expect.objectContaining({ failure: tlsFailure(/clientCertificateRef/) }),
    );
  });
});

describe('the protocol', () => {
  it('is HTTP/1.1 even where HTTP/2 is offered, over a bounded number of connections', async () => {
    await using server = await serve(byAddress, { h2: true });
    const client = clientFor(server.origin, { auth: { kind: 'none' }, tls: { ca: authority.caPem } });
    await Promise.all(Array.from({ length: 20 }, () => client.update(record, signal)));
    await client.close();
    expect(new Set(server.asked.map(({ protocol }) => protocol))).toEqual(new Set(['1.1']));
    expect(server.asked.length).toBe(20);
    expect(server.connections()).toBeLessThanOrEqual(8);
  });

  it('that is no TLS ends in a sentence about scheme and port', async () => {
    await using server = await startServer(() => DONE);
    const client = clientFor(server.origin.replace('http:', 'https:'), { auth: { kind: 'none' } });
    const error = await rejectionOf(client.create(record, signal));
    expect(error).toMatchObject({ failure: tlsFailure(/scheme and port/) });
    await client.close();
  });

  it('that is TLS where plain HTTP was expected is transient', async () => {
    await using server = await serve(byAddress);
    const client = clientFor(server.origin.replace('https:', 'http:'), { auth: { kind: 'none' } });
    const error = await rejectionOf(client.read(record.clientId, signal));
    expect(error).toMatchObject({ failure: { kind: 'transient' } });
    await client.close();
  });

  it.each(['alm.example', 'ftp://alm.example', '', 'https://'])(
    'of the endpoint %j is refused',
    (endpoint) => {
      const failure = expect.objectContaining({ reason: 'EndpointNotFound' });
      expect(() => clientFor(endpoint)).toThrow(expect.objectContaining({ failure }));
    },
  );
});
