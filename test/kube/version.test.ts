import { describe, expect, it } from 'vitest';
import { compareVersions, isOlder } from '../../src/kube/version.ts';

describe('resource versions', () => {
  it.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['7', '7', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['abc', '7', undefined],
    ['7', '', undefined],
  ])('%s against %s is %s', (a, b, order) => {
    expect(compareVersions(a, b)).toBe(order);
    expect(isOlder(a, b)).toBe(order === -1);
  });
});
