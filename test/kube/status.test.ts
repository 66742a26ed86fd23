import { describe, expect, it } from 'vitest';
import {
  errorOfConnection,
  errorOfRefusal,
  errorOfStatus,
  retryAfterMsOf,
  type Subject,
} from '../../src/kube/status.ts';
import { SECRETS, statusBody, THINGS } from './support/objects.ts';

const thing: Subject = { verb: 'update', resource: THINGS };
const secret: Subject = { verb: 'patch', resource: SECRETS };
const NOW = Date.UTC(2026, 10, 20, 12);

function refusal(status: number, body: unknown, retryAfter?: string) {
  return { status, retryAfter, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

describe('a refusal by the API server', () => {
  it('becomes an error with its status, reason, causes and words', () => {
    const causes = [
      { reason: 'FieldValueForbidden', message: 'clientId is immutable', field: 'spec.clientId' },
    ];
    const error = errorOfRefusal(
      thing,
      refusal(422, statusBody(422, 'Invalid', { details: { causes } })),
      NOW,
    );
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', causes, retryAfterMs: undefined });
    expect(error.message).toBe('update things.example.org: 422 Invalid: the server says Invalid');
  });

  it.each([
    ['an HTML page of a proxy', 502, '<html>canary-7f3a9</html>', 'InternalError'],
    ['the plain text of an unknown path', 404, '404 page not found', 'NotFound'],
    ['an empty body', 403, '', 'Forbidden'],
    ['JSON that is no Status', 409, '{"reason":"canary-7f3a9"}', 'Conflict'],
    ['a Status whose reason is no word', 429, statusBody(429, 'canary-7f3a9 and more'), 'TooManyRequests'],
    ['a redirect', 302, '', 'Unknown'],
  ])('in the form of %s gets the reason of its code', (_, status, body, reason) => {
    const error = errorOfRefusal(thing, refusal(status, body), NOW);
    expect(error).toMatchObject({ status, reason });
    expect(`update things.example.org: ${status} ${reason}`).toBe(
      error.message.slice(0, error.message.indexOf(reason) + reason.length),
    );
    if (typeof body === 'string') expect(error.message).not.toContain('canary');
  });

  it('of a Secret says nothing in the words of the server, which may quote the Secret', () => {
    const causes = [{ reason: 'NamespaceTerminating', message: 'canary-7f3a9', field: 'canary-7f3a9' }];
    const body = statusBody(403, 'Forbidden', {
      message: 'Invalid value: canary-7f3a9',
      details: { causes },
    });
    const error = errorOfRefusal(secret, refusal(403, body), NOW);
    expect(error.message).toBe('patch secrets: 403 Forbidden');
    expect(error.causes).toEqual([{ reason: 'NamespaceTerminating', message: '', field: '' }]);
    expect(JSON.stringify(error) + error.stack).not.toContain('canary');
  });

  it('cuts long messages', () => {
    const body = statusBody(500, 'InternalError', { message: 'x'.repeat(10_000) });
    expect(errorOfRefusal(thing, refusal(500, body), NOW).message.length).toBeLessThan(600);
  });

  it.each([
    ['the header in seconds', '5', {}, 5000],
    ['the header before the details', '5', { details: { retryAfterSeconds: 9 } }, 5000],
    ['the details', undefined, { details: { retryAfterSeconds: 2 } }, 2000],
    ['details of zero', undefined, { details: { retryAfterSeconds: 0 } }, undefined],
    ['neither', undefined, {}, undefined],
  ])('waits by %s', (_, header, more, ms) => {
    const error = errorOfRefusal(thing, refusal(429, statusBody(429, 'TooManyRequests', more), header), NOW);
    expect(error.retryAfterMs).toBe(ms);
  });

  it('inside a watch has the code of its Status, or 500', () => {
    expect(errorOfStatus(thing, statusBody(410, 'Expired'))).toMatchObject({
      status: 410,
      reason: 'Expired',
    });
    expect(errorOfStatus(thing, { kind: 'Status' })).toMatchObject({ status: 500 });
  });
});

describe('Retry-After', () => {
  it.each([
    ['Fri, 20 Nov 2026 12:00:07 GMT', 7000],
    ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
    [' 3 ', 3000],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (value, ms) => {
    expect(retryAfterMsOf(value, NOW)).toBe(ms);
  });
});

describe('a failed connection', () => {
  it.each([
    [
      'its own code',
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [
      'that of its cause',
      new Error('x', { cause: Object.assign(new Error('y'), { code: 'ECONNRESET' }) }),
      'ECONNRESET',
    ],
    ['none', new Error('terminated'), 'ConnectionFailed'],
    ['a numeric one', Object.assign(new Error('aborted'), { code: 20 }), 'ConnectionFailed'],
    ['no error at all', 'odd', 'ConnectionFailed'],
  ])('with %s is status 0', (_, cause, reason) => {
    expect(errorOfConnection(thing, cause)).toMatchObject({ status: 0, reason });
  });
});
