import type { Failure } from '../kube/outcome.ts';
import { Sensitive } from '../sensitive.ts';
import { fail } from './reasons.ts';
import type { ClientRecord, GrantType } from './record.ts';

/** What a spec asks for, with everything it leaves out resolved; and whether a Secret's value can be a password. */

export const DEFAULT_ACCESS_TOKEN_VALIDITY = 1200;
export const DEFAULT_REFRESH_TOKEN_VALIDITY = 30600;
export const DEFAULT_SECRET_KEY = 'clientSecret';

export type AdoptionPolicy = 'Never' | 'IfExists' | 'Required';
export type DeletionPolicy = 'Revoke' | 'Retain';

/** The fields of a spec that say what ALM is to hold; the schema of the kind has checked them. */
export type WantedClient = Readonly<{
  clientId: string;
  authorisedGrantTypes: readonly GrantType[];
  accessTokenValidity?: number | undefined;
  refreshTokenValidity?: number | undefined;
  roles?: readonly string[] | undefined;
}>;

export function recordOf(spec: WantedClient): ClientRecord {
  return {
    clientId: spec.clientId,
    authorisedGrantTypes: [...spec.authorisedGrantTypes],
    accessTokenValidity: spec.accessTokenValidity ?? DEFAULT_ACCESS_TOKEN_VALIDITY,
    refreshTokenValidity: spec.refreshTokenValidity ?? DEFAULT_REFRESH_TOKEN_VALIDITY,
    roles: [...(spec.roles ?? [])],
  };
}

/** Grants and roles are sets: a server, or a user, that reorders them changes nothing. */
export function sameRecord(a: ClientRecord, b: ClientRecord): boolean {
  return (
    a.clientId === b.clientId &&
    a.accessTokenValidity === b.accessTokenValidity &&
    a.refreshTokenValidity === b.refreshTokenValidity &&
    sameSet(a.authorisedGrantTypes, b.authorisedGrantTypes) &&
    sameSet(a.roles, b.roles)
  );
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((item) => right.has(item));
}

/** Kinds of Secret whose values belong to somebody else's protocol and are never sent to ALM. */
const REFUSED_TYPES: ReadonlySet<string> = new Set([
  'kubernetes.io/service-account-token',
  'kubernetes.io/dockercfg',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/tls',
  'bootstrap.kubernetes.io/token',
  'helm.sh/release.v1',
]);

/** A Secret as it was read a moment ago. `data` is base64, as the API server gives it. */
export type LiveSecret = Readonly<{
  name: string;
  type: string | undefined;
  labelled: boolean;
  data: Readonly<Record<string, string>>;
}>;

export type Password = Readonly<{ value: Sensitive; warning: string | null }>;

/**
 * The password under `key`, byte for byte, or the failure that names Secret and key. A trailing newline and more than
 * 72 bytes are sent as they are and told in `warning`: both are usually mistakes, and neither is ours to mend.
 */
export function passwordIn(secret: LiveSecret, key: string): Password | Failure {
  if (!secret.labelled) {
    return fail(
      'SecretNotAllowed',
      `Secret ${secret.name} does not carry the label that the operator requires (--secret-label-selector); add it`,
    );
  }
  if (secret.type !== undefined && REFUSED_TYPES.has(secret.type)) {
    return fail(
      'SecretNotAllowed',
      `Secret ${secret.name} is of type ${secret.type}; use a Secret of type Opaque`,
    );
  }
  const encoded = Object.hasOwn(secret.data, key) ? secret.data[key] : undefined;
  if (encoded === undefined) {
    return fail('SecretKeyNotFound', `Secret ${secret.name} has no key ${key}; add it or name another key`);
  }
  return decodePassword(Buffer.from(encoded, 'base64'), `key ${key} of Secret ${secret.name}`);
}

function decodePassword(bytes: Buffer, where: string): Password | Failure {
  const text = utf8(bytes);
  if (text === undefined)
    return fail('SecretInvalid', `${where} is not UTF-8 text; store the password as text`);
  if (text.trim() === '')
    return fail('SecretEmpty', `${where} is empty or only white space; put the password there`);
  return { value: new Sensitive(text), warning: warningAbout(bytes, text, where) };
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function warningAbout(bytes: Buffer, text: string, where: string): string | null {
  if (/[\r\n]$/.test(text)) return `${where} ends with a newline, which is sent as part of the password`;
  if (bytes.length > 72) return `${where} has more than 72 bytes, of which ALM may ignore the rest`;
  return null;
}
