/**
 * A certificate authority for tests: ECDSA P-256, made in the process, with every extension that Node, OpenSSL and Go
 * ask of a server or client certificate. Valid from an hour ago to ten years ahead.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIP, SocketAddress } from 'node:net';
import { bits, integer, octets, oid, sequence, set, tagged, text, time, truth } from './der.ts';

export type IssuedCertificate = Readonly<{ certPem: string; keyPem: string }>;

export type CertificateRequest = Readonly<{
  cn: string;
  /** DNS names and IP addresses; none gives a certificate with a common name only. */
  sans?: readonly string[];
  /** A client certificate instead of a server's; `organisation` is what Kubernetes takes for groups. */
  client?: boolean;
  organisation?: string;
}>;

/** An authority as a file keeps it, its private key included. */
export type KeptAuthority = Readonly<{ cn: string; caPem: string; keyPem: string }>;

export type Authority = Readonly<{
  caPem: string;
  issue(request: CertificateRequest): IssuedCertificate;
  /** What `restoreAuthority` makes this very authority of. */
  keep(): KeptAuthority;
}>;

const OID = {
  commonName: '2.5.4.3',
  organisation: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

const HOUR_MS = 3_600_000;
const TEN_YEARS_MS = 10 * 365 * 24 * HOUR_MS;

export function makeAuthority(cn = 'test authority'): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = nameOf({ cn });
  const keyId = keyIdOf(publicKey);
  const extensions = [
    extension(OID.basicConstraints, sequence(truth()), 'critical'),
    extension(OID.keyUsage, bits(Buffer.from([0b0000_0110]), 1), 'critical'),
    extension(OID.subjectKeyId, octets(keyId)),
    authorityKeyId(keyId),
  ];
  const caPem = certificate({ issuer: name, subject: name, publicKey, extensions }, privateKey);
  return restoreAuthority({ cn, caPem, keyPem: pemOf(privateKey) });
}

/** Whoever trusted the authority that was kept trusts this one. Throws where `keyPem` is no private key. */
export function restoreAuthority(kept: KeptAuthority): Authority {
  const { cn, caPem, keyPem } = kept;
  const signer = createPrivateKey(keyPem);
  const keyId = keyIdOf(createPublicKey(signer));
  return {
    caPem,
    keep: () => kept,
    issue: (request) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const extensions = [...leafExtensions(request, publicKey), authorityKeyId(keyId)];
      const contents = { issuer: nameOf({ cn }), subject: nameOf(request), publicKey, extensions };
      return { certPem: certificate(contents, signer), keyPem: pemOf(privateKey) };
    },
  };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function leafExtensions({ sans = [], client }: CertificateRequest, publicKey: KeyObject): readonly Buffer[] {
  const usage = client === true ? OID.clientAuth : OID.serverAuth;
  const always = [
    extension(OID.basicConstraints, sequence(), 'critical'),
    extension(OID.keyUsage, bits(Buffer.from([0b1000_0000]), 7), 'critical'),
    extension(OID.extKeyUsage, sequence(oid(usage))),
    extension(OID.subjectKeyId, octets(keyIdOf(publicKey))),
  ];
  if (sans.length === 0) return always;
  return [...always, extension(OID.subjectAltName, sequence(...sans.map(generalName)))];
}

function authorityKeyId(keyId: Buffer): Buffer {
  return extension(OID.authorityKeyId, sequence(tagged(0x80, keyId)));
}

function generalName(san: string): Buffer {
  const family = isIP(san);
  if (family === 0) return tagged(0x82, Buffer.from(san, 'latin1'));
  return tagged(0x87, family === 4 ? Buffer.from(san.split('.').map(Number)) : ipv6Bytes(san));
}

function ipv6Bytes(address: string): Buffer {
  const { address: canonical } = new SocketAddress({ address, family: 'ipv6' });
  const [head = '', tail] = canonical.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(part: string): readonly number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(oid(id), ...(critical === undefined ? [] : [truth()]), octets(value));
}

function nameOf({ cn, organisation }: Pick<CertificateRequest, 'cn' | 'organisation'>): Buffer {
  const parts = organisation === undefined ? [] : [set(sequence(oid(OID.organisation), text(organisation)))];
  return sequence(...parts, set(sequence(oid(OID.commonName), text(cn))));
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** RFC 5280 4.2.1.2 leaves the method open; a hash of the whole key info identifies it as well. */
function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha1').update(spkiOf(key)).digest();
}

type Contents = Readonly<{
  issuer: Buffer;
  subject: Buffer;
  publicKey: KeyObject;
  extensions: readonly Buffer[];
}>;

function certificate({ issuer, subject, publicKey, extensions }: Contents, signer: KeyObject): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const now = Date.now();
  const body = sequence(
    tagged(0xa0, integer(2n)),
    integer(BigInt(`0x01${randomBytes(15).toString('hex')}`)),
    algorithm,
    issuer,
    sequence(time(new Date(now - HOUR_MS)), time(new Date(now + TEN_YEARS_MS))),
    subject,
    spkiOf(publicKey),
    tagged(0xa3, sequence(...extensions)),
  );
  const der = sequence(body, algorithm, bits(sign('sha256', body, signer)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
