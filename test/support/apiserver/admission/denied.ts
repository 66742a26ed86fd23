import type { Kind } from '../kinds/kind.ts';
import { ApiError, forbidden } from '../status.ts';

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, RequestEntityTooLarge: 413 };

/** Reads as forbidden, whatever the policy calls it; a request for a whole collection has no name. */
export function denied(kind: Kind, name: string, message: string, reason: string): ApiError {
  const { message: told, details } = forbidden(kind, name === '' ? 'Unknown' : name, message);
  return new ApiError(CODES[reason] ?? 422, reason, told, { ...details, causes: [{ message }] });
}
