import { describe, expect, it } from 'vitest';
import { jsonPath } from './jsonpath.ts';

describe('paths', () => {
  const object = {
    metadata: { labels: { 'a.b/c': 'lab' } },
    spec: {
      items: [
        { name: 'one', m: 1 },
        { name: 'two', m: 2 },
        { name: 'three', m: 3, on: true },
      ],
    },
  };
  it.each([
    ['.spec.items[*].name', ['one', 'two', 'three']],
    ['.spec.items[0].name', ['one']],
    ['.spec.items[-1].name', ['three']],
    ['.spec.items[7].name', []],
    ['.spec.items[?(@.m>1)].name', ['two', 'three']],
    ['.spec.items[?(@.m >= 3)].name', ['three']],
    ['.spec.items[?(@.m<2)].name', ['one']],
    ['.spec.items[?(@.name=="two")].m', [2]],
    ["spec.items[?(@.name=='two')].m", [2]],
    ['.spec.items[?(@.name!="two")].m', [1, 3]],
    ['.spec.items[?(@.on)].name', ['three']],
    ['.spec.items[?(@.on==true)].name', ['three']],
    ['.spec.items[?(@.name=="a)b")].m', []],
    ["['spec']['items'][1].m", [2]],
    [String.raw`.metadata.labels['a\.b/c']`, ['lab']],
    [String.raw`.metadata.labels.a\.b/c`, ['lab']],
    ['.spec..name', ['one', 'two', 'three']],
    ['.spec.items.name', []],
    ['.nope.items', []],
    ['.spec[', []],
  ])('%s leads to %j', (path, values) => {
    expect(jsonPath(path)(object)).toEqual(values);
  });
});
