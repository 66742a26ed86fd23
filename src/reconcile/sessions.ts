import type { Privilege } from '../domain/connection.ts';
import type { AlmClient } from '../domain/record.ts';

/**
 * What the process knows of each connection: a client that is logged in, and what its calls have shown. Rebuilt by
 * probing after a start; nothing of it is needed for correctness.
 */
export type Session =
  /** The last probe could not log in: no object makes calls. */
  Readonly<{ usable: false }> | UsableSession;

export type UsableSession = Readonly<{
  usable: true;
  client: AlmClient;
  /** Canonical. */
  endpoint: string;
  /** This ALM answers GET for clients. */
  readable: boolean;
}>;

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #written = new Map<string, Privilege>();
  readonly #firstWritten = new Map<string, string>();
  readonly #suspected = new Set<string>();

  /** Undefined until the connection was probed for the first time. */
  of(connection: string): Session | undefined {
    return this.#sessions.get(connection);
  }

  set(connection: string, session: Session): void {
    this.#sessions.set(connection, session);
  }

  remove(connection: string): void {
    this.#sessions.delete(connection);
    this.#written.delete(connection);
    this.#firstWritten.delete(connection);
    this.#suspected.delete(connection);
  }

  /** A call failed in a way that may be the connection's fault: the next probe logs in anew. */
  suspect(connection: string): void {
    this.#suspected.add(connection);
  }

  /** Whether a probe has to log in: nobody did yet, the last login failed, or a call has cast doubt on it. */
  needsLogin(connection: string): boolean {
    const doubted = this.#suspected.delete(connection);
    return doubted || this.#sessions.get(connection)?.usable !== true;
  }

  written(connection: string): Privilege {
    return this.#written.get(connection) ?? 'unknown';
  }

  /** A client that certainly exists, for the probe of a connection that has no login client. */
  writtenClient(connection: string): string | undefined {
    return this.#firstWritten.get(connection);
  }

  /** True where this is news to the connection's conditions. One refusal among accepted writes is the object's own. */
  noteWrite(connection: string, clientId: string, privilege: 'shown' | 'denied'): boolean {
    const known = this.written(connection);
    const first = privilege === 'shown' && !this.#firstWritten.has(connection);
    if (first) this.#firstWritten.set(connection, clientId);
    if (known === privilege || (known === 'shown' && privilege === 'denied')) return first;
    this.#written.set(connection, privilege);
    return true;
  }
}
