import { describe, expect, it } from 'vitest';
import { clientCredentialKind, credentialStatus } from '../../src/api/clientcredential.ts';
import { API_VERSION } from '../../src/api/group.ts';
import { parseStatus } from '../../src/api/parse.ts';
import type { JsonObject } from '../support/apiserver/schema/json.ts';
import { admit } from '../support/apiserver/schema/schema.ts';
import { compiledSchemaOf } from './admission.ts';
import { credential } from './rows.ts';

const compiled = compiledSchemaOf(clientCredentialKind);
const object = {
  apiVersion: API_VERSION,
  kind: 'ClientCredential',
  metadata: { name: 'x', namespace: 'y' },
  spec: credential,
};

const status = {
  observedGeneration: 3,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      observedGeneration: 3,
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason: 'Applied',
      message: 'ALM holds this client.',
    },
  ],
  origin: 'Created',
  connection: 'default',
  effective: {
    clientId: 'pay_shop',
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity: 1200,
    refreshTokenValidity: 30600,
    roles: [],
    adoptionPolicy: 'Never',
    deletionPolicy: 'Revoke',
    resyncInterval: '30m',
  },
  applied: {
    generation: 3,
    endpoint: 'https://alm.example',
    secret: { name: 'pay', key: 'clientSecret', uid: 'u-1', resourceVersion: '7' },
    operation: 'Created',
    time: '2026-01-01T00:00:00Z',
  },
  rotation: { last: '2026-01-01T00:00:00Z', next: '2026-02-01T00:00:00Z' },
  lastHandledReconcileAt: 'now',
  lastHandledRotateAt: 'again',
};

const written = (value: JsonObject) =>
  admit(compiled, {
    object: { ...object, status: value },
    old: { ...object, status: { observedGeneration: -1 } },
    fieldValidation: 'Strict',
    subresource: 'status',
  });

describe('the status of a ClientCredential', () => {
  it('begins at a generation that no object has', () => {
    const created = admit(compiled, { object, fieldValidation: 'Strict', subresource: '' });
    expect(created).toMatchObject({ ok: true, object: { status: { observedGeneration: -1 } } });
  });

  it('is stored as the operator writes it, and read back the same', () => {
    const stored = written(status);
    expect(stored).toMatchObject({ ok: true });
    expect(stored.ok && stored.object['status']).toEqual(status);
    expect(parseStatus(credentialStatus, status)).toEqual(status);
  });

  it.each(['today', '2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z', '+275760-09-13T00:00:00Z', ''])(
    'counts as empty where a time is %j, which would be refused when written back',
    (time) => {
      const stored = { ...status, conditions: [{ ...status.conditions[0], lastTransitionTime: time }] };
      expect(written(stored)).toMatchObject({ ok: false });
      expect(parseStatus(credentialStatus, stored)).toEqual({ observedGeneration: -1 });
    },
  );

  it('takes words that this version does not know', () => {
    const later = {
      ...status,
      origin: 'Inherited',
      conditions: [{ ...status.conditions[0], type: 'Blessed', reason: 'not-camel.case' }],
      applied: { ...status.applied, operation: 'Imported' },
    };
    expect(written(later)).toMatchObject({ ok: true });
    expect(parseStatus(credentialStatus, later)).toEqual(later);
  });
});
