import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/alm/answer.ts';
import { classifyRead, classifyRemove, classifyWrite } from '../../src/alm/classify.ts';
import { classifyLogin, classifyProof } from '../../src/alm/login.ts';
import type { Failure } from '../../src/kube/outcome.ts';
import {
  ALL,
  answerOf,
  cases,
  ENVELOPES,
  FOREIGN,
  FORMS,
  JSON_TYPE,
  type Row,
  word,
} from './support/forms.ts';

const caller = { authenticated: true, nowMs: 0 };

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

const DELETE: readonly Row[] = [
  [[200, 202, 204, 299], ['own', 'empty', 'otherJson', 'untyped'], 'removed'],
  [[200, 204], ['html', 'page'], 'MalformedAnswer'],
  [[301, 302, 307], ALL, 'MalformedAnswer'],
  [[401, 403], ALL, 'PrivilegeMissing'],
  [[404], ENVELOPES, 'absent'],
  [[404], FOREIGN, 'notOffered'],
  [[405, 501], ALL, 'notOffered'],
  [[409], ALL, 'AlmUnavailable'],
  [[408, 502, 503, 504, 505], ALL, 'AlmUnavailable'],
  [[429], ALL, 'RateLimited'],
  [[400], ENVELOPES, 'refused 400'],
  [[500], ENVELOPES, 'refused 500'],
  [[400, 422], FOREIGN, 'MalformedAnswer'],
  [[500], FOREIGN, 'AlmUnavailable'],
];

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

  it.each(cases(DELETE))('DELETE answered %i in form %s is %s', (status, form, expected) => {
    expect(word(classifyRemove(answerOf(status, form), caller))).toBe(expected);
  });

  const turnedAway = [301, 307, 401, 403, 404, 405, 429];
  const mayBeTaken = [200, 400, 408, 409, 500, 501, 502, 503, 504, 599];

  it.each([...turnedAway, ...mayBeTaken])(
    'a write that fails with %i says whether it was taken',
    (status) => {
      const failures = ALL.flatMap((form) => [
        classifyWrite('POST', answerOf(status, form), caller),
        classifyWrite('PUT', answerOf(status, form), caller),
        classifyRemove(answerOf(status, form), caller),
      ]).flatMap((verdict) => ('reason' in verdict ? [verdict.untaken ?? false] : []));
      expect([...new Set(failures)]).toEqual([turnedAway.includes(status)]);
    },
  );

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
        check(classifyRemove(answer, caller), ['removed', 'absent', 'notOffered', 'refused']);
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
        const removed = classifyRemove(answer, caller);
        if (!isTheWord) expect([word(read), word(written), word(removed)]).not.toContain('absent');
      }),
    );
  });
});
