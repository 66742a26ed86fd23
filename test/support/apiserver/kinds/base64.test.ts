import { describe, expect, it } from 'vitest';
import { base64Error, canonicalBase64 } from './base64.ts';

describe('base64', () => {
  it.each(['', 'YQ==', 'YWI=', 'YWJj', 'YWJj\nYQ==', 'Y\r\nQ==\n', 'YR==', '+/+/'])('takes %j', (text) => {
    expect(base64Error(text)).toBeUndefined();
  });

  // As kube-apiserver v1.36.2 counts.
  it.each([
    ['!!!!', 0],
    ['YWJj=', 4],
    ['YWI', 0],
    ['Y W', 1],
    ['Y=', 1],
    ['=', 0],
    ['YQ=', 3],
    ['YQ=x', 2],
    ['YQ=\n=x', 5],
    ['Y\nW', 1],
    ['YQ==x', 4],
    ['YWI=x', 4],
    ['YWJjYW', 4],
    ['YWJjY', 4],
    ['YQ==YQ==', 4],
    ['ä', 0],
  ])('refuses %j at %i', (text, position) => {
    expect(base64Error(text)).toBe(position);
  });

  it('has one way to be written', () => {
    expect(['YQ==', 'YR==', 'Y\nQ=\n='].map(canonicalBase64)).toEqual(['YQ==', 'YQ==', 'YQ==']);
  });
});
