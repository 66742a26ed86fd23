/** Refusals in the server's words: each a `Status` with code, reason, message and details. */

import type { Json } from './objects.ts';
import { type Cause, invalidMessage } from './schema/causes.ts';

export type Details = Readonly<{
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: readonly (Pick<Cause, 'message'> & Partial<Cause>)[];
  retryAfterSeconds?: number;
}>;

type Kinded = Readonly<{ group: string; plural: string; kind: string }>;

/** A request that ends with a Status instead of an object. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: Details | undefined;
  /** Where an expired list may go on, at the price of consistency. */
  readonly continueToken: string | undefined;
  /** What was found on the way to the refusal. */
  readonly warnings: readonly string[] = [];

  constructor(code: number, reason: string, message: string, details?: Details, continueToken?: string) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.continueToken = continueToken;
  }
}

/** The refusal, told together with what was found before it. */
export function warned(error: ApiError, warnings: readonly string[]): ApiError {
  return Object.assign(error, { warnings });
}

export function statusOf(error: ApiError): Json {
  const { code, reason, message, details, continueToken } = error;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: continueToken === undefined ? {} : { continue: continueToken },
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

export function successOf(kind: Kinded, name: string, uid: string): Json {
  const details = { name, ...groupOf(kind), kind: kind.plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** `secrets`, `clientcredentials.alm-operator.dev`: how messages name a resource. */
export function qualified(kind: Kinded): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

function groupOf(kind: Kinded): { group?: string } {
  return kind.group === '' ? {} : { group: kind.group };
}

function detailsOf(kind: Kinded, name: string): Details {
  return { name, ...groupOf(kind), kind: kind.plural };
}

export function notFound(kind: Kinded, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(kind)} "${name}" not found`, detailsOf(kind, name));
}

export function alreadyExists(kind: Kinded, name: string, beingDeleted: boolean): ApiError {
  const message = `${beingDeleted ? 'object is being deleted: ' : ''}${qualified(kind)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', message, detailsOf(kind, name));
}

export const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(kind: Kinded, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, detailsOf(kind, name));
}

/** `key` is the object's path in the storage, which the message tells. */
export function uidConflict(
  kind: Kinded,
  name: string,
  key: string,
  asked: string,
  stored: string,
): ApiError {
  const why = `Precondition failed: UID in precondition: ${asked}, UID in object meta: ${stored}`;
  const told = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  return conflict(kind, name, told);
}

/** A DELETE whose preconditions do not hold names the kind where other conflicts name the resource. */
export function deleteConflict({ group, kind }: Kinded, name: string, why: string): ApiError {
  return conflict({ group, kind, plural: kind }, name, why);
}

export function forbidden(kind: Kinded, name: string, why: string, causes?: readonly Cause[]): ApiError {
  const details = { ...detailsOf(kind, name), ...(causes === undefined ? {} : { causes }) };
  return new ApiError(403, 'Forbidden', `${qualified(kind)} "${name}" is forbidden: ${why}`, details);
}

/** 422 with every cause told at once. `who` may be a kind that has no name, as options have none. */
export function invalid(
  who: Readonly<{ group: string; kind: string }>,
  name: string,
  causes: readonly Cause[],
): ApiError {
  const details = {
    ...(name === '' ? {} : { name }),
    ...(who.group === '' ? {} : { group: who.group }),
    ...(who.kind === '' ? {} : { kind: who.kind }),
    causes,
  };
  return new ApiError(422, 'Invalid', invalidMessage(who.group, who.kind, name, causes), details);
}

/** The one answer to a JSON patch that cannot be applied: it names no path, and a failed test reads the same. */
export function unprocessable(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function unauthorised(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** What custom kinds say of a verb that a subresource does not know. */
export function notSupported(kind: Kinded, verb: string): ApiError {
  const details = { ...groupOf(kind), kind: kind.plural };
  const message = `${verb} is not supported on resources of kind "${qualified(kind)}"`;
  return new ApiError(405, 'MethodNotAllowed', message, details);
}

/** A path that no resource answers to, below a group that is always there. */
export function noResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** The router's own answer for built-in kinds, before anybody looks at the form. */
export function notProduced(more: readonly string[]): ApiError {
  const known = [MEDIA_TYPES, ...more].join(', ');
  return new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${known}`, {});
}

export function notAcceptable(message: string): ApiError {
  return new ApiError(406, 'NotAcceptable', message);
}

/** Told to whoever asks for, or sends, something else. This server answers in the first of them only. */
export const MEDIA_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

export function unsupportedMediaType(accepted: string): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  return new ApiError(415, 'UnsupportedMediaType', message);
}

export function tooLarge(limit: number): ApiError {
  return new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limit}`);
}

/** An error that the server has no name for: 500 without a reason. */
export function unnamed(message: string): ApiError {
  return new ApiError(500, '', message);
}

export function expired(message: string, continueToken?: string): ApiError {
  return new ApiError(410, 'Expired', message, undefined, continueToken);
}

export function futureVersion(asked: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return new ApiError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
}
