import { describe, expect, it } from 'vitest';
import type { Arrival } from '../support/alm/faults.ts';
import { type FaultSpec, faultOf, parseFault } from './fault.ts';

const RESET = { kind: 'reset', when: 'before' } as const;

describe('parseFault', () => {
  it.each([
    {
      do: {
        kind: 'status',
        status: 503,
        retryAfter: 2,
        body: '{}',
        contentType: 'text/plain',
        when: 'after',
      },
    },
    { do: { kind: 'status', status: 429, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' } },
    { do: RESET, match: { method: 'PUT', path: '/api/*', clientId: 'orders' } },
    { do: { kind: 'hang', when: 'after' }, times: 3 },
    { do: { kind: 'delay', ms: 0 }, match: {} },
  ])('takes %j as it is', (fault) => {
    expect(parseFault(JSON.stringify(fault))).toEqual(fault);
  });

  it.each([
    ['reset', 'fault: not JSON, such as {"do": {"kind": "status", "status": 503}}'],
    ['{}', /^do: /],
    ['{"do": {"kind": "explode"}}', /^do\.kind: .*status.*reset.*hang.*delay/],
    ['{"do": {"kind": "status", "status": 1000}}', /^do\.status: /],
    ['{"do": {"kind": "reset"}}', /^do\.when: /],
    ['{"do": {"kind": "reset", "when": "before"}, "match": {"url": "/"}}', /^match: .*url/],
    ['{"do": {"kind": "reset", "when": "before"}, "times": 0, "match": 1}', /^match: .*; times: /],
  ])('refuses %s in one line that names the field', (text, message) => {
    expect(() => parseFault(text)).toThrow(message);
    expect(() => parseFault(text)).not.toThrow(/\n/);
  });
});

describe('faultOf', () => {
  const put: Arrival = { n: 7, method: 'PUT', path: '/api/credentials/orders', clientId: 'orders' };
  const meets = (match: FaultSpec['match'], arrival = put) => {
    let met = 0;
    const spec: FaultSpec = match === undefined ? { do: RESET } : { do: RESET, match };
    const fault = faultOf(spec, () => {
      met += 1;
    });
    expect(fault.match(arrival)).toBe(met === 1);
    return met === 1;
  };

  it.each([
    [undefined, true],
    [{}, true],
    [{ method: 'put' }, true],
    [{ method: 'POST' }, false],
    [{ path: '/api/credentials/orders' }, true],
    [{ path: '/api/credentials' }, false],
    [{ path: '/api/*' }, true],
    [{ path: '/oauth/*' }, false],
    [{ path: '*' }, true],
    [{ clientId: 'orders' }, true],
    [{ clientId: 'ORDERS' }, false],
    [{ method: 'PUT', path: '/api/*', clientId: 'billing' }, false],
  ])('with match %j says %j of a PUT of orders, and counts that', (match, expected) => {
    expect(meets(match)).toBe(expected);
  });

  it('does not meet a request that is about no client where a client is asked for', () => {
    expect(meets({ clientId: 'orders' }, { n: 1, method: 'GET', path: '/management/health' })).toBe(false);
  });

  it('carries on how often, and what', () => {
    const spec: FaultSpec = { do: { kind: 'delay', ms: 3 }, times: 2 };
    expect(faultOf(spec, () => undefined)).toMatchObject(spec);
    expect('times' in faultOf({ do: RESET }, () => undefined)).toBe(false);
  });
});
