/** Access and refresh tokens that ALM has given out, opaque and signed ones alike. */

import { createHmac, randomBytes, randomUUID } from 'node:crypto';

/** Who a token speaks for. `expiresAt` is in milliseconds; undefined never expires. */
export type Grant = Readonly<{
  clientId: string;
  username?: string;
  scope: string;
  authorities: readonly string[];
  expiresAt: number | undefined;
}>;

export type Token = Grant & Readonly<{ value: string; jti?: string; refresh?: string }>;

export type RefreshToken = Readonly<{
  value: string;
  clientId: string;
  username?: string;
  scope: string;
  expiresAt: number | undefined;
}>;

/** As JSON can carry it; `key` is base64. */
export type TokenDump = Readonly<{
  access: readonly Token[];
  refresh: readonly RefreshToken[];
  key: string;
}>;

export class TokenStore {
  readonly #access: Map<string, Token>;
  readonly #refresh: Map<string, RefreshToken>;
  readonly #key: Buffer;

  constructor(kept?: TokenDump) {
    this.#access = new Map(kept?.access.map((token) => [token.value, token]));
    this.#refresh = new Map(kept?.refresh.map((token) => [token.value, token]));
    this.#key = kept === undefined ? randomBytes(32) : Buffer.from(kept.key, 'base64');
  }

  dump(): TokenDump {
    return {
      access: [...this.#access.values()],
      refresh: [...this.#refresh.values()],
      key: this.#key.toString('base64'),
    };
  }

  /** The opaque token of this client and user that is still good. */
  current(grant: Pick<Grant, 'clientId' | 'username'>, now: number): Token | undefined {
    return [...this.#access.values()].findLast(
      (token) =>
        token.jti === undefined &&
        token.clientId === grant.clientId &&
        token.username === grant.username &&
        !isExpired(token, now),
    );
  }

  issue(grant: Grant, format: 'opaque' | 'jwt', refresh: string | undefined): Token {
    const jti = randomUUID();
    const signed = format === 'jwt';
    const token: Token = {
      ...grant,
      value: signed ? this.#sign(grant, jti) : jti,
      ...(signed ? { jti } : {}),
      ...(refresh === undefined ? {} : { refresh }),
    };
    this.#access.set(token.value, token);
    return token;
  }

  issueRefresh(token: Omit<RefreshToken, 'value'>): RefreshToken {
    const issued = { ...token, value: randomUUID() };
    this.#refresh.set(issued.value, issued);
    return issued;
  }

  find(value: string): Token | undefined {
    return this.#access.get(value);
  }

  findRefresh(value: string): RefreshToken | undefined {
    return this.#refresh.get(value);
  }

  drop(clientId: string): void {
    for (const token of this.#access.values())
      if (token.clientId === clientId) this.#access.delete(token.value);
    for (const token of this.#refresh.values())
      if (token.clientId === clientId) this.#refresh.delete(token.value);
  }

  clear(): void {
    this.#access.clear();
    this.#refresh.clear();
  }

  #sign({ scope, expiresAt, authorities, clientId, username }: Grant, jti: string): string {
    const claims = {
      ...(username === undefined ? {} : { user_name: username }),
      scope: [scope],
      ...(expiresAt === undefined ? {} : { exp: Math.floor(expiresAt / 1000) }),
      authorities,
      jti,
      client_id: clientId,
    };
    const content = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`;
    return `${content}.${createHmac('sha256', this.#key).update(content).digest('base64url')}`;
  }
}

export function isExpired({ expiresAt }: Pick<Grant, 'expiresAt'>, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
