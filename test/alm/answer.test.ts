import { describe, expect, it } from 'vitest';
import { type Answer, envelopeOf, isHtml, retryAfterMs } from '../../src/alm/answer.ts';

function answer(text: string, contentType: string | undefined = 'application/json'): Answer {
  return contentType === undefined ? { status: 400, text } : { status: 400, contentType, text };
}

describe('the envelope of an error', () => {
  it.each([
    ['ALM’s own', '{"url":null,"localizedMessage":"bad id","details":{}}', { message: 'bad id' }],
    ['ALM’s own without a message', '{"localizedMessage":null}', {}],
    ['ALM’s own with both messages', '{"localizedMessage":"a","message":"b"}', { message: 'a' }],
    ['ALM’s own with a message beside', '{"localizedMessage":null,"message":"b"}', { message: 'b' }],
    ['Spring Boot’s', '{"status":400,"error":"Bad Request","message":"m","path":"/p"}', { message: 'm' }],
    ['Spring Boot’s without a message', '{"status":400,"error":"Bad Request"}', {}],
    ['OAuth’s', '{"error":"invalid_scope"}', { oauthError: 'invalid_scope' }],
    [
      'OAuth’s with a description',
      '{"error":"invalid_grant","error_description":"d"}',
      { oauthError: 'invalid_grant', description: 'd' },
    ],
  ])('is %s', (_name, text, expected) => {
    expect(envelopeOf(answer(text))).toEqual(expected);
  });

  it.each([
    ['a gateway’s', '{"message":"no Route matched with those values"}'],
    ['a sentence as error', '{"error":"Not Found"}'],
    ['a list', '[{"localizedMessage":"x"}]'],
    ['a string', '"localizedMessage"'],
    ['null', 'null'],
    ['cut off', '{"localizedMessage":"x"'],
    ['nothing', ''],
  ])('is not %s', (_name, text) => {
    expect(envelopeOf(answer(text))).toBeUndefined();
  });

  it.each([
    ['application/json', true],
    ['application/json;charset=UTF-8', true],
    ['Application/JSON ; charset=utf-8', true],
    ['application/problem+json', true],
    ['application/vnd.alm.v1+json; x=y', true],
    ['text/json', false],
    ['application/jsonp', false],
    ['text/html', false],
    [undefined, false],
  ])('counts with content type %s: %s', (contentType, counts) => {
    const body = { status: 400, text: '{"localizedMessage":"x"}' };
    expect(envelopeOf(contentType === undefined ? body : { ...body, contentType }) !== undefined).toBe(
      counts,
    );
  });
});

describe('HTML', () => {
  it.each([
    ['', 'text/html', true],
    ['', 'TEXT/HTML;charset=x', true],
    ['', 'application/xhtml+xml', true],
    ['\r\n  <!DOCTYPE html>', undefined, true],
    ['<?xml version="1.0"?>', 'application/json', true],
    ['{"a":"<b>"}', 'application/json', false],
    ['', undefined, false],
  ])('%j with content type %s: %s', (text, contentType, expected) => {
    expect(
      isHtml(contentType === undefined ? { status: 200, text } : { status: 200, contentType, text }),
    ).toBe(expected);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2031-05-04T10:00:00Z');

  it.each([
    ['30', 30_000],
    [' 30 ', 30_000],
    ['301', 300_000],
    ['99999999999999999999', 300_000],
    ['Sun, 04 May 2031 10:00:20 GMT', 20_000],
    ['Sunday, 04-May-31 10:00:20 GMT', 20_000],
    ['Sun, 04 May 2031 12:00:00 GMT', 300_000],
    ['0', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    ['2031-05-04', undefined],
    ['Sun, 04 May 2031 09:00:00 GMT', undefined],
    ['Sun, 99 Foo 2031 09:00:00 GMT', undefined],
    [undefined, undefined],
  ])('%s asks for %s ms', (retryAfter, expected) => {
    expect(retryAfterMs(retryAfter === undefined ? {} : { retryAfter }, now)).toBe(expected);
  });
});
