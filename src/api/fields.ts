/** Fields that more than one kind has. */
import { z } from 'zod';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { choice, object, type Pattern, ruled, text } from './schema.ts';

const OBJECT_NAME: Pattern = {
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  words: 'must be a name of Kubernetes: small letters, digits, - and .',
};

const DATA_KEY: Pattern = {
  pattern: '^[-._a-zA-Z0-9]+$',
  words: 'must be a key of a Secret or ConfigMap: letters, digits, -, _ and .',
};

const CLIENT_ID: Pattern = {
  pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$',
  words: 'must be letters, digits, - and _, beginning with a letter or digit',
};

/** Tokens carry roles separated by commas. */
export const ROLE: Pattern = {
  pattern: '^[^,\\x00-\\x1f\\x7f-\\x9f]+$',
  words: 'must be without comma and control characters',
};

export const PRINTABLE: Pattern = {
  pattern: '^[^\\x00-\\x1f\\x7f-\\x9f]+$',
  words: 'must be without control characters',
};

export const NAMESPACE: Pattern = {
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  words: 'must be a name of a namespace: small letters, digits and -',
};

export function objectName(description: string, max = 253) {
  return text(description, { max, like: OBJECT_NAME });
}

export function dataKey(description: string) {
  return text(description, { max: 253, like: DATA_KEY });
}

export function clientId(description: string) {
  return text(description, { max: 128, like: CLIENT_ID });
}

export function secretKeyRef(description: string, resolvedKey: string) {
  return object(description, {
    name: objectName('Name of the Secret.'),
    key: z.exactOptional(dataKey(`Key in the Secret's data; ${resolvedKey} when absent.`)),
  });
}

export function grantType(description: string) {
  return choice(description, ['client_credentials', 'password', 'refresh_token']);
}

type DurationBounds = Readonly<{
  field: string;
  atLeast: string;
  atMost?: string;
  orZero?: true;
  such: string;
}>;

/** A duration with a lower bound (`0s` besides, with `orZero`). 20 characters keep it within what CEL can hold. */
export function duration(description: string, { field, atLeast, atMost, orZero, such }: DurationBounds) {
  const least = parseDuration(atLeast) ?? 0;
  const most = atMost === undefined ? Number.POSITIVE_INFINITY : (parseDuration(atMost) ?? 0);
  const lower = `duration(self) >= duration('${atLeast}')`;
  const zero = orZero ? `(duration(self) == duration('0s') || ${lower})` : lower;
  const upper = atMost === undefined ? '' : ` && duration(self) <= duration('${atMost}')`;
  const span = atMost === undefined ? `of at least ${atLeast}` : `from ${atLeast} to ${atMost}`;
  return ruled(text(description, { min: 0, max: 20 }), {
    cel: `self.matches('${DURATION_PATTERN}') && ${zero}${upper}`,
    message: `${field} is ${orZero ? '0s (on change only) or ' : ''}a duration ${span}, such as ${such}`,
    reason: 'FieldValueForbidden',
    holds: (value) => {
      const ms = value.length > 20 ? undefined : parseDuration(value);
      return ms !== undefined && ((orZero === true && ms === 0) || ms >= least) && ms <= most;
    },
  });
}
