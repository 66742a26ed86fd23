import type { Sensitive } from '../sensitive.ts';

/** The vocabulary between the decision and ALM: what a client is, and what ALM can answer about one. Pure. */

export type GrantType = 'client_credentials' | 'password' | 'refresh_token';

/** A client as ALM keeps it, without its secret. Grants and roles are sets. */
export type ClientRecord = Readonly<{
  clientId: string;
  authorisedGrantTypes: readonly string[];
  /** Seconds, ≥ 1. */
  accessTokenValidity: number;
  refreshTokenValidity: number;
  roles: readonly string[];
}>;

/** The whole record, as it is always sent: what a PUT with a field left out does is not documented. */
export type FullRecord = ClientRecord & Readonly<{ clientSecret: Sensitive }>;

/**
 * What ALM said to a POST or PUT. `exists`: POST answered 409. `absent`: PUT answered 404 in ALM's own JSON envelope.
 * `refused`: a definite refusal in ALM's own JSON envelope (400, 422, other 4xx, 500); `quote` is ALM's message where
 * it may be repeated. Everything else is no answer and comes as an EdgeError.
 */
export type WriteAnswer =
  | Readonly<{ answer: 'accepted' }>
  | Readonly<{ answer: 'exists' }>
  | Readonly<{ answer: 'absent' }>
  | Readonly<{ answer: 'refused'; status: number; quote?: string }>;

/**
 * What ALM said to a DELETE. `absent`: 404 in ALM's own JSON envelope. `notOffered`: 405, 501, or a 404 that is not in
 * ALM's envelope; an ALM without the verb may say the former too, so that `absent` alone proves nothing. `refused` has no
 * quote: the client's secret, of which it would have to be cleared, is not known here.
 */
export type RemoveAnswer =
  | Readonly<{ answer: 'removed' }>
  | Readonly<{ answer: 'absent' }>
  | Readonly<{ answer: 'notOffered' }>
  | Readonly<{ answer: 'refused'; status: number }>;

/** What ALM said to a GET. `absent`: 404 in ALM's own JSON envelope. `notOffered`: 405 or 501. */
export type ReadAnswer =
  | Readonly<{ answer: 'record'; record: ClientRecord }>
  | Readonly<{ answer: 'absent' }>
  | Readonly<{ answer: 'notOffered' }>;

/**
 * What a login with a client's own secret showed. `grantMissing`: 401 that names the grant, so the secret is right
 * (a hint only: it rests on the wording of Spring Security). `cannotAsk`: the token endpoint does not say (404, 405, 5xx,
 * 400 that is not about the client).
 */
export type Proof = 'accepted' | 'refused' | 'grantMissing' | 'cannotAsk';

/**
 * ALM, as the rest of the program sees it. Methods have time limits of their own, never retry (but for one new login
 * after a 401), honour the signal, and reject only with EdgeError or the signal's reason.
 */
export type AlmClient = Readonly<{
  /** GET of one client. */
  read(clientId: string, signal: AbortSignal): Promise<ReadAnswer>;
  /** POST: a new client. */
  create(record: FullRecord, signal: AbortSignal): Promise<WriteAnswer>;
  /** PUT: the whole record of a client. */
  update(record: FullRecord, signal: AbortSignal): Promise<WriteAnswer>;
  /** DELETE of one client. */
  remove(clientId: string, signal: AbortSignal): Promise<RemoveAnswer>;
  /** A token request with the client's own secret; the token is discarded. */
  prove(clientId: string, secret: Sensitive, signal: AbortSignal): Promise<Proof>;
  /** Gets a new token for the operator itself; with `none` only asks whether anything answers at the endpoint. */
  login(signal: AbortSignal): Promise<void>;
  /** Ends the connections once running calls are done. */
  close(): Promise<void>;
}>;
