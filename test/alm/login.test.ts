import { describe, expect, it } from 'vitest';
import { classifyLogin, classifyProof } from '../../src/alm/login.ts';
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

describe('a login', () => {
  it.each(cases(LOGIN))('a login answered %i in form %s is %s', (status, form, expected) => {
    expect(word(classifyLogin(answerOf(status, form), 0))).toBe(expected);
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
    [501, FORMS.empty, 'cannotAsk'],
  ])('answered %i with %j is %s', (status, form, expected) => {
    expect(classifyProof({ status, ...form }, 0)).toBe(expected);
  });

  it.each([
    [502, FORMS.html, 'AlmUnavailable'],
    [503, FORMS.empty, 'AlmUnavailable'],
    [504, FORMS.boot, 'AlmUnavailable'],
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
