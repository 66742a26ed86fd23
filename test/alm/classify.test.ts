import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/alm/answer.ts';
import { classifyRead, classifyWrite } from '../../src/alm/classify.ts';
import { classifyLogin, classifyProof } from '../../src/alm/login.ts';
import type { Failure } from '../../src/kube/outcome.ts';

const JSON_TYPE = 'application/json;charset=UTF-8';
const FORMS = {
  own: { contentType: JSON_TYPE, text: '{"url":null,"localizedMessage":"no","details":{}}' },
  boot: { contentType: 'application/json', text: '{"timestamp":1,"status":500,"error":"Oops","path":"/x"}' },
  oauth: { contentType: 'application/hal+json', text: '{"error":"access_denied","error_description":"no"}' },
  html: { contentType: 'text/html; charset=utf-8', text: '<html>no</html>' },
  page: { text: '\n <!doctype html>' },
  empty: { text: '' },
  otherJson: { contentType: 'application/json', text: '{"message":"no Route matched"}' },
  untyped: { text: '{"localizedMessage":"no"}' },
} as const;

type Form = keyof typeof FORMS;
const ENVELOPES: readonly Form[] = ['own', 'boot', 'oauth'];
const FOREIGN: readonly Form[] = ['html', 'page', 'empty', 'otherJson', 'untyped'];
const ALL = Object.keys(FORMS) as Form[];
const caller = { authenticated: true, nowMs: 0 };

function answerOf(status: number, form: Form): Answer {
  return { status, ...FORMS[form] };
}

/** One word for what came out: the answer, with its status where it has one, or the reason of the failure. */
function word(verdict: object): string {
  if ('reason' in verdict) return String(verdict.reason);
  if ('answer' in verdict)
    return 'status' in verdict ? `${verdict.answer} ${verdict.status}` : `${verdict.answer}`;
  return 'token';
}

type Row = readonly [statuses: readonly number[], forms: readonly Form[], expected: string];

const BOTH: readonly Row[] = [
  [[200, 201, 202, 204, 299], ['own', 'empty', 'otherJson', 'untyped'], 'accepted'],
  [[200, 201], ['html', 'page'], 'MalformedAnswer'],
  [[301, 302, 303, 304, 307, 308], ALL, 'MalformedAnswer'],
  [[401, 403], ALL, 'PrivilegeMissing'],
  [[405, 501], ALL, 'EndpointNotFound'],
  [[408, 502, 503, 504, 505, 599], ALL, 'AlmUnavailable'],
  [[429], ALL, 'RateLimited'],
  [[400], ENVELOPES, 'refused 400'],
  [[415], ENVELOPES, 'refused 415'],
  [[422], ENVELOPES, 'refused 422'],
  [[413], ENVELOPES, 'refused 413'],
  [[500], ENVELOPES, 'refused 500'],
  [[400, 413, 415, 418, 422, 431], FOREIGN, 'MalformedAnswer'],
  [[500], FOREIGN, 'AlmUnavailable'],
];

const POST: readonly Row[] = [...BOTH, [[409], ALL, 'exists'], [[404], ALL, 'EndpointNotFound']];

const PUT: readonly Row[] = [
  ...BOTH,
  [[409], ALL, 'AlmUnavailable'],
  [[404], ENVELOPES, 'absent'],
  [[404], FOREIGN, 'EndpointNotFound'],
];

const GET: readonly Row[] = [
  [[200, 201, 204], ['own', 'empty', 'otherJson', 'html', 'page'], 'MalformedAnswer'],
  [[301, 302, 307], ALL, 'MalformedAnswer'],
  [[401, 403], ALL, 'PrivilegeMissing'],
  [[404], ENVELOPES, 'absent'],
  [[404], FOREIGN, 'EndpointNotFound'],
  [[405, 501], ALL, 'notOffered'],
  [[408, 500, 502, 503, 504], ALL, 'AlmUnavailable'],
  [[429], ALL, 'RateLimited'],
  [[400, 409, 422], ALL, 'MalformedAnswer'],
];

const LOGIN: readonly Row[] = [
  [[200, 201, 204], ALL, 'MalformedAnswer'],
  [[302], ALL, 'MalformedAnswer'],
  [[401], ALL, 'Unauthorised'],
  [[400, 403], ENVELOPES, 'Unauthorised'],
  [[400, 403, 418], FOREIGN, 'MalformedAnswer'],
  [[404, 405, 501], ALL, 'EndpointNotFound'],
  [[408, 500, 502, 503, 504], ALL, 'AlmUnavailable'],
  [[429], ALL, 'RateLimited'],
];

function cases(rows: readonly Row[]): readonly (readonly [number, Form, string])[] {
  return rows.flatMap(([statuses, forms, expected]) =>
    statuses.flatMap((status) => forms.map((form) => [status, form, expected] as const)),
  );
}

describe('what an answer means', () => {
  it.each(cases(POST))('POST answered %i in form %s is %s', (status, form, expected) => {
    expect(word(classifyWrite('POST', answerOf(status, form), caller))).toBe(expected);
  });

  it.each(cases(PUT))('PUT answered %i in form %s is %s', (status, form, expected) => {
    expect(word(classifyWrite('PUT', answerOf(status, form), caller))).toBe(expected);
  });

  it.each(cases(GET))('GET answered %i in form %s is %s', (status, form, expected) => {
    expect(word(classifyRead('orders', answerOf(status, form), caller))).toBe(expected);
  });

  it.each(cases(LOGIN))('a login answered %i in form %s is %s', (status, form, expected) => {
    expect(word(classifyLogin(answerOf(status, form), 0))).toBe(expected);
  });

  it.each([401, 403])('without a login of the operator, %i asks for one', (status) => {
    const verdict = classifyWrite('PUT', answerOf(status, 'own'), { authenticated: false, nowMs: 0 });
    expect(verdict).toMatchObject({ reason: 'Unauthorised' });
  });

  it.each([429, 503])('the wait that %i asks for is passed on', (status) => {
    const answer = { ...answerOf(status, 'empty'), retryAfter: '7' };
    expect(classifyWrite('POST', answer, caller)).toMatchObject({ retryAfterMs: 7_000 });
    expect(classifyRead('orders', answer, caller)).toMatchObject({ retryAfterMs: 7_000 });
    expect(classifyLogin(answer, 0)).toMatchObject({ retryAfterMs: 7_000 });
  });
});

describe('the record in an answer', () => {
  const full = {
    clientId: 'orders',
    authorisedGrantTypes: ['password'],
    accessTokenValidity: 1,
    refreshTokenValidity: 2,
    roles: ['Portal'],
  };
  const read = (body: unknown) =>
    classifyRead('orders', { status: 200, contentType: JSON_TYPE, text: JSON.stringify(body) }, caller);

  it('is taken with unknown fields and a secret left out', () => {
    const shown = { ...full, clientSecret: 'canary-7f3a9', resourceIds: [] };
    expect(read(shown)).toEqual({ answer: 'record', record: full });
  });

  it.each([[undefined], [null], [[]]])('has no grants and roles where they are %j', (none) => {
    const shown = { ...full, authorisedGrantTypes: none, roles: none };
    expect(read(shown)).toEqual({
      answer: 'record',
      record: { ...full, authorisedGrantTypes: [], roles: [] },
    });
  });

  it('may spell the id in another case, which is reported as it stands', () => {
    expect(read({ ...full, clientId: 'Orders' })).toMatchObject({ record: { clientId: 'Orders' } });
  });

  it.each([
    ['of another client', { ...full, clientId: 'order' }],
    ['with a validity that is no number', { ...full, accessTokenValidity: '1200' }],
    ['without a validity', { ...full, refreshTokenValidity: undefined }],
    ['with roles in one string', { ...full, roles: 'Portal' }],
    ['that is a list', [full]],
    ['that is null', null],
  ])('%s is malformed', (_name, body) => {
    expect(read(body)).toMatchObject({ reason: 'MalformedAnswer' });
  });
});

describe('the proof of a client', () => {
  const oauth = (error: string, description?: string) => ({
    contentType: JSON_TYPE,
    text: JSON.stringify({ error, error_description: description }),
  });
  const boot = {
    contentType: 'application/json',
    text: '{"status":401,"error":"Unauthorized","message":"Bad credentials for grant type"}',
  };
  const token = { contentType: JSON_TYPE, text: '{"access_token":"canary-7f3a9","expires_in":1199}' };
  const grant = 'Unauthorized grant type: client_credentials';

  it.each([
    [200, token, 'accepted'],
    [401, boot, 'refused'],
    [401, FORMS.empty, 'refused'],
    [401, FORMS.html, 'refused'],
    [401, oauth('unauthorized'), 'refused'],
    [401, oauth('invalid_client'), 'refused'],
    [401, oauth('invalid_client', 'Bad client credentials'), 'refused'],
    [401, oauth('invalid_token', grant), 'refused'],
    [401, oauth('invalid_client', grant), 'grantMissing'],
    [
      401,
      oauth('unauthorized_client', 'not allowed to use authorization grant "client_credentials"'),
      'grantMissing',
    ],
    [400, oauth('unauthorized_client', grant), 'grantMissing'],
    [400, oauth('invalid_client'), 'refused'],
    [400, oauth('unauthorized_client'), 'cannotAsk'],
    [400, oauth('invalid_scope'), 'cannotAsk'],
    [400, oauth('unsupported_grant_type', grant), 'cannotAsk'],
    [400, FORMS.html, 'cannotAsk'],
    [403, FORMS.html, 'cannotAsk'],
    [404, FORMS.boot, 'cannotAsk'],
    [405, FORMS.oauth, 'cannotAsk'],
    [500, FORMS.boot, 'cannotAsk'],
    [503, FORMS.empty, 'cannotAsk'],
  ])('answered %i with %j is %s', (status, form, expected) => {
    expect(classifyProof({ status, ...form }, 0)).toBe(expected);
  });

  it.each([
    [200, FORMS.html, 'MalformedAnswer'],
    [200, FORMS.own, 'MalformedAnswer'],
    [302, FORMS.empty, 'MalformedAnswer'],
    [408, FORMS.empty, 'AlmUnavailable'],
    [429, FORMS.empty, 'RateLimited'],
  ])('answered %i with %j shows nothing: %s', (status, form, reason) => {
    expect(classifyProof({ status, ...form }, 0)).toMatchObject({ reason });
  });
});

describe('the operator’s own login', () => {
  const refused = (status: number, error: string, description?: string) => {
    const text = JSON.stringify({ error, error_description: description });
    return classifyLogin({ status, contentType: JSON_TYPE, text }, 0);
  };

  it.each([
    ['the client', refused(401, 'invalid_client'), /clientId and clientSecretRef/],
    ['the user', refused(400, 'invalid_grant', 'Bad credentials'), /username and passwordRef/],
    ['the scope', refused(400, 'invalid_scope'), /scope/],
    ['the grant', refused(401, 'invalid_client', 'Unauthorized grant type: password'), /this grant/],
    ['an unknown grant', refused(400, 'unsupported_grant_type'), /this grant/],
  ])('names what to check when %s is refused', (_name, verdict, message) => {
    expect(verdict).toMatchObject({ reason: 'Unauthorised', message: expect.stringMatching(message) });
  });

  const issued = (body: object) =>
    classifyLogin({ status: 200, contentType: JSON_TYPE, text: JSON.stringify(body) }, 0);

  it.each([
    [{ expires_in: 1199 }, 1_199_000],
    [{ expires_in: '60' }, 60_000],
    [{ expires_in: 0 }, 0],
    [{ expires_in: -5 }, 0],
    [{ expires_in: null }, undefined],
    [{ expires_in: 'soon' }, undefined],
    [{}, undefined],
  ])('reads the life of a token from %j', (more, lifeMs) => {
    const verdict = issued({ access_token: 'canary-7f3a9', ...more });
    expect('lifeMs' in verdict ? verdict.lifeMs : undefined).toBe(lifeMs);
    expect(word(verdict)).toBe('token');
  });

  it.each([201, 204])('takes a token from a 200 alone, not from %i', (status) => {
    const text = '{"access_token":"canary-7f3a9"}';
    expect(classifyLogin({ status, contentType: JSON_TYPE, text }, 0)).toMatchObject({
      reason: 'MalformedAnswer',
    });
  });

  it.each([['two\nlines'], ['blank space'], ['ümlaut'], [''], [7]])('takes no token that is %j', (token) => {
    expect(issued({ access_token: token })).toMatchObject({ reason: 'MalformedAnswer' });
  });
});

const REASONS = [
  'AlmUnavailable',
  'EndpointNotFound',
  'MalformedAnswer',
  'OutcomeUnknown',
  'PrivilegeMissing',
  'RateLimited',
  'TlsError',
  'Unauthorised',
];

describe('any answer at all', () => {
  const anyAnswer: fc.Arbitrary<Answer> = fc.record(
    {
      status: fc.oneof(fc.integer({ min: 200, max: 999 }), fc.constantFrom(200, 401, 404, 409, 500)),
      contentType: fc.oneof(
        fc.constantFrom('application/json', 'text/html', 'application/problem+json'),
        fc.string(),
      ),
      retryAfter: fc.oneof(fc.constantFrom('120', '-1', 'Wed, 21 Oct 2099 07:28:00 GMT'), fc.string()),
      text: fc.oneof(
        fc.json(),
        fc.string(),
        fc.constantFrom(...ALL.map((form) => FORMS[form].text)),
        fc
          .record({ localizedMessage: fc.jsonValue(), error: fc.jsonValue() })
          .map((body) => JSON.stringify(body)),
      ),
    },
    { requiredKeys: ['status', 'text'], noNullPrototype: true },
  );

  it('is an answer or a transient failure with a known reason and a bounded wait', () => {
    const check = (verdict: object | string, answers: readonly string[]) => {
      if (typeof verdict === 'object' && 'reason' in verdict) {
        const { kind, reason, message, retryAfterMs = 1 } = verdict as Failure;
        expect([kind, REASONS.includes(reason)]).toEqual(['transient', true]);
        expect(retryAfterMs > 0 && retryAfterMs <= 300_000).toBe(true);
        expect(message).toMatch(/^\S.+; .+[a-zA-Z]$/);
      } else {
        expect(answers).toContain(typeof verdict === 'string' ? verdict : word(verdict).split(' ')[0]);
      }
    };
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        check(classifyWrite('POST', answer, caller), ['accepted', 'exists', 'refused']);
        check(classifyWrite('PUT', answer, caller), ['accepted', 'absent', 'refused']);
        check(classifyRead('orders', answer, caller), ['record', 'absent', 'notOffered']);
        check(classifyProof(answer, 0), ['accepted', 'refused', 'grantMissing', 'cannotAsk']);
        check(classifyLogin(answer, 0), ['token']);
      }),
      { numRuns: 500 },
    );
  });

  it('never lets anything but ALM’s own word mean absent', () => {
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        const isTheWord =
          answer.status === 404 && /^application\/(.+\+)?json/i.test(answer.contentType ?? '');
        const read = classifyRead('orders', answer, caller);
        const written = classifyWrite('PUT', answer, caller);
        if (!isTheWord) expect([word(read), word(written)]).not.toContain('absent');
      }),
    );
  });
});
