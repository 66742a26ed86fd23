import { describe, expect, it } from 'vitest';
import { at, compiledCredential, credential, stored, tell, UNCHECKED } from './fixture.ts';
import type { JsonObject } from './json.ts';

const compiled = compiledCredential();

describe('an update', () => {
  const old = credential();

  it.each([
    [
      'clientId',
      { clientId: 'b' },
      'spec.clientId: Forbidden: clientId is immutable; delete this object and create another',
    ],
    ['nothing', {}, undefined],
    ['another field', { suspend: true }, undefined],
  ])('that changes %s', (_name, spec, told) => {
    expect(tell(compiled, { object: credential(spec), old }).told).toEqual(told === undefined ? [] : [told]);
  });

  it('cannot take the required clientId away', () => {
    const { told } = tell(compiled, { object: credential({ clientId: null }), old });
    expect(told).toEqual(['spec.clientId: Required value', UNCHECKED]);
  });

  it('carries the stored status along, whatever it says itself', () => {
    const before = credential({}, { status: { origin: 'Adopted', observedGeneration: 3 } });
    const object = credential({ suspend: true }, { status: { origin: 'Created' } });
    expect(stored(compiled, { object, old: before })['status']).toEqual(before['status']);
  });
});

describe('the rule at the root, which sees spec and status', () => {
  const FROZEN =
    'spec.connectionRef: Forbidden: connectionRef is immutable once the client was applied to a connection; delete this object and create another';
  const applied = (name?: string): JsonObject =>
    credential(name === undefined ? {} : { connectionRef: { name } }, {
      status: { applied: { generation: 1 }, connection: name ?? 'default' },
    });
  const to = (name?: string) => credential(name === undefined ? {} : { connectionRef: { name } });

  it.each([
    ['before anything was applied', to('a'), to('b'), []],
    ['from absent to the explicit name of the same connection', applied(), to('default'), []],
    ['back to absent', applied('default'), to(), []],
    ['to another connection', applied(), to('other'), [FROZEN]],
    ['from one name to another', applied('a'), to('b'), [FROZEN]],
  ])('judges a change %s', (_name, old, object, told) => {
    expect(tell(compiled, { object, old }).told).toEqual(told);
  });

  it('lets objects be written whose spec and status already differ', () => {
    const restored = credential(
      { connectionRef: { name: 'a' } },
      { status: { applied: {}, connection: 'b', observedGeneration: 1 } },
    );
    const labelled = { ...restored, metadata: { name: 'x', labels: { a: 'b' } } };
    expect(tell(compiled, { object: labelled, old: restored }).told).toEqual([]);
  });
});

describe('a write of the status', () => {
  const condition = {
    type: 'Ready',
    status: 'True',
    lastTransitionTime: '2026-01-02T03:04:05.678Z',
    reason: 'Applied',
    message: '',
  };
  const old = credential({}, { status: { observedGeneration: 1 } });
  const body = (status?: JsonObject): JsonObject => ({
    apiVersion: 'alm-operator.dev/v1beta1',
    kind: 'ClientCredential',
    metadata: { name: 'x', resourceVersion: '5' },
    ...(status === undefined ? {} : { status }),
  });
  const put = (status?: JsonObject) => ({ object: body(status), old, subresource: 'status' as const });

  it('needs no more than a status and keeps the spec', () => {
    const object = stored(compiled, put({ conditions: [condition] }));
    expect(object['spec']).toEqual(old['spec']);
    expect(object['status']).toEqual({ conditions: [condition], observedGeneration: -1 });
  });

  it('ignores the spec in the body', () => {
    const request = put({ origin: 'Created' });
    const object = stored(compiled, {
      ...request,
      object: { ...request.object, spec: { clientId: 'evil' } },
    });
    expect(at(object, 'spec')['clientId']).toBe('a-1');
  });

  it('without a status gets the default again', () => {
    expect(stored(compiled, put())['status']).toEqual({ observedGeneration: -1 });
  });

  it.each<[string, JsonObject, readonly string[]]>([
    [
      'a condition type twice',
      { conditions: [condition, condition] },
      ['status.conditions[1]: Duplicate value: {"type":"Ready"}'],
    ],
    [
      'a time that is none',
      { conditions: [{ ...condition, lastTransitionTime: 'today' }] },
      [
        'status.conditions[0].lastTransitionTime: Invalid value: "today": conditions[0].lastTransitionTime in body must be of type date-time: "today"',
        UNCHECKED,
      ],
    ],
    [
      'a condition without reason',
      {
        conditions: [
          { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z', message: '' },
        ],
      },
      ['status.conditions[0].reason: Required value', UNCHECKED],
    ],
    [
      'an unknown origin',
      { origin: 'Found' },
      ['status.origin: Unsupported value: "Found": supported values: "Created", "Adopted"', UNCHECKED],
    ],
  ])('with %s is told so', (_name, status, told) => {
    expect(tell(compiled, put(status)).told).toEqual(told);
  });

  it('drops unknown fields without field validation', () => {
    const object = stored(compiled, { ...put({ nope: 1 }), fieldValidation: 'Ignore' });
    expect(object['status']).toEqual({ observedGeneration: -1 });
  });
});
