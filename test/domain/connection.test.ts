import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ConnectionView,
  canonicalEndpoint,
  connectionFindings,
  type Privilege,
  type Probe,
} from '../../src/domain/connection.ts';
import { fail } from '../../src/domain/reasons.ts';
import { type Finding, findCondition, stamp } from '../../src/kube/conditions.ts';
import type { Condition } from '../../src/kube/types.ts';

describe('canonicalEndpoint', () => {
  it.each([
    ['leaves a plain address alone', 'https://alm', 'https://alm'],
    ['drops a slash at the end', 'https://alm/', 'https://alm'],
    ['drops several slashes at the end', 'https://alm/ishtar//', 'https://alm/ishtar'],
    ['keeps the path prefix and its case', 'https://alm/Ishtar', 'https://alm/Ishtar'],
    ['drops the port that the scheme means', 'https://alm:443/ishtar', 'https://alm/ishtar'],
    ['drops the port that http means', 'http://alm:80', 'http://alm'],
    ['keeps another port', 'https://alm:32443', 'https://alm:32443'],
    ['writes scheme and host in lower case', 'HTTPS://ALM.Example/', 'https://alm.example'],
    ['keeps addresses of version 6', 'https://[FD00::1]:8443/', 'https://[fd00::1]:8443'],
  ])('%s', (_, endpoint, canonical) => {
    expect(canonicalEndpoint(endpoint)).toBe(canonical);
  });

  it('tells http from https', () => {
    expect(canonicalEndpoint('http://alm')).not.toBe(canonicalEndpoint('https://alm'));
  });
});

const old = (type: string, status: Condition['status'], observedGeneration = 3): Condition => ({
  type,
  status,
  reason: 'Before',
  message: 'as before',
  observedGeneration,
  lastTransitionTime: '2026-03-01T12:00:00Z',
});

/** Logged in, and nothing has shown the privilege yet. */
const good: ConnectionView = {
  probe: { got: 'loggedIn' },
  written: 'unknown',
  read: 'unknown',
  plainHttp: false,
  unverified: false,
  blindRules: false,
  before: [],
  generation: 3,
};

const unavailable = fail('AlmUnavailable', 'ALM is away');
const unauthorised = fail('Unauthorised', 'ALM refused the login');
const missing = fail('SecretNotFound', 'Secret login is missing');
const invalid = fail('InvalidSpec', 'spec.endpoint is required');

function words(change: Partial<ConnectionView>): string {
  return connectionFindings({ ...good, ...change })
    .map(({ type, status, reason }) => `${type}=${status}/${reason}`)
    .join(' ');
}

const answering = 'Reachable=True/Answering Authenticated=True/LoggedIn';
const connected = `Ready=True/Connected ${answering}`;

describe('connectionFindings', () => {
  it.each<[string, Partial<ConnectionView>, string]>([
    ['a login', {}, `${connected} Authorised=Unknown/NotYetShown`],
    ['a login and an accepted write', { written: 'shown' }, `${connected} Authorised=True/PrivilegeShown`],
    ['a login and an answered read', { read: 'shown' }, `${connected} Authorised=True/PrivilegeShown`],
    [
      'a login and a refused write',
      { written: 'denied' },
      `Ready=False/PrivilegeMissing ${answering} Authorised=False/PrivilegeMissing Reconciling=True/PrivilegeMissing`,
    ],
    [
      'a login and a refused read',
      { read: 'denied' },
      `Ready=False/PrivilegeMissing ${answering} Authorised=False/PrivilegeMissing Reconciling=True/PrivilegeMissing`,
    ],
    [
      'a write that decides over a read',
      { written: 'shown', read: 'denied' },
      `${connected} Authorised=True/PrivilegeShown`,
    ],
    [
      'a refused write over an answered read',
      { written: 'denied', read: 'shown' },
      `Ready=False/PrivilegeMissing ${answering} Authorised=False/PrivilegeMissing Reconciling=True/PrivilegeMissing`,
    ],
    [
      'what an earlier pass found at this generation',
      { before: [old('Authorised', 'True')] },
      `${connected} Authorised=True/PrivilegeShown`,
    ],
    [
      'what an earlier pass found over a mere read',
      { before: [old('Authorised', 'True')], read: 'denied' },
      `${connected} Authorised=True/PrivilegeShown`,
    ],
    [
      'a denial that an earlier pass found at this generation',
      { before: [old('Authorised', 'False')] },
      `Ready=False/PrivilegeMissing ${answering} Authorised=False/PrivilegeMissing Reconciling=True/PrivilegeMissing`,
    ],
    [
      'an accepted write over an earlier denial',
      { before: [old('Authorised', 'False')], written: 'shown' },
      `${connected} Authorised=True/PrivilegeShown`,
    ],
    [
      'a refused write over what an earlier pass found',
      { before: [old('Authorised', 'True')], written: 'denied' },
      `Ready=False/PrivilegeMissing ${answering} Authorised=False/PrivilegeMissing Reconciling=True/PrivilegeMissing`,
    ],
    [
      'nothing of what was found at another generation',
      { before: [old('Authorised', 'True', 2)] },
      `${connected} Authorised=Unknown/NotYetShown`,
    ],
    [
      'a read where an earlier pass could not tell',
      { before: [old('Authorised', 'Unknown')], read: 'shown' },
      `${connected} Authorised=True/PrivilegeShown`,
    ],
    [
      'a refused login',
      { probe: { got: 'notLoggedIn', failure: unauthorised } },
      'Ready=False/Unauthorised Reachable=True/Answering Authenticated=False/Unauthorised ' +
        'Authorised=Unknown/NotYetShown Reconciling=True/Unauthorised',
    ],
    [
      'a dead ALM',
      { probe: { got: 'unreached', failure: unavailable } },
      'Ready=False/AlmUnavailable Reachable=False/AlmUnavailable Authenticated=Unknown/AlmUnavailable ' +
        'Authorised=Unknown/NotYetShown Reconciling=True/AlmUnavailable',
    ],
    [
      'a dead ALM that had granted the privilege',
      { probe: { got: 'unreached', failure: unavailable }, written: 'shown' },
      'Ready=False/AlmUnavailable Reachable=False/AlmUnavailable Authenticated=Unknown/AlmUnavailable ' +
        'Authorised=True/PrivilegeShown Reconciling=True/AlmUnavailable',
    ],
    [
      'a dead ALM that had denied the privilege',
      { probe: { got: 'unreached', failure: unavailable }, written: 'denied' },
      'Ready=False/AlmUnavailable Reachable=False/AlmUnavailable Authenticated=Unknown/AlmUnavailable ' +
        'Authorised=Unknown/NotYetShown Reconciling=True/AlmUnavailable',
    ],
    [
      'a missing Secret',
      { probe: { got: 'unprepared', failure: missing } },
      'Ready=False/SecretNotFound Reachable=Unknown/SecretNotFound Authenticated=Unknown/SecretNotFound ' +
        'Authorised=Unknown/NotYetShown Reconciling=True/SecretNotFound',
    ],
    [
      'a spec that breaks a rule',
      { probe: { got: 'unprepared', failure: invalid } },
      'Ready=False/InvalidSpec Reachable=Unknown/InvalidSpec Authenticated=Unknown/InvalidSpec ' +
        'Authorised=Unknown/NotYetShown Stalled=True/InvalidSpec',
    ],
    [
      'plain http',
      { plainHttp: true },
      `${connected} Authorised=Unknown/NotYetShown InsecureTransport=True/PlainHttp`,
    ],
    [
      'certificates that are not checked',
      { unverified: true },
      `${connected} Authorised=Unknown/NotYetShown InsecureTransport=True/VerificationDisabled`,
    ],
    [
      'plain http, where certificates play no part',
      { plainHttp: true, unverified: true },
      `${connected} Authorised=Unknown/NotYetShown InsecureTransport=True/PlainHttp`,
    ],
  ])('tells of %s', (_, change, expected) => {
    expect(words(change)).toBe(expected);
  });

  it('writes its messages out for people', () => {
    const messages = (change: Partial<ConnectionView>) =>
      Object.fromEntries(
        connectionFindings({ ...good, ...change }).map(({ type, message }) => [type, message]),
      );
    expect(messages({ written: 'shown', plainHttp: true })).toEqual({
      Ready: 'ALM answers and the operator is logged in',
      Reachable: 'ALM answers at the endpoint',
      Authenticated: 'ALM accepted the login of the operator',
      Authorised: 'ALM lets the operator manage clients',
      InsecureTransport: 'http is used: whoever stands between the operator and ALM can read all passwords',
    });
    expect(messages({ written: 'denied', unverified: true })).toMatchObject({
      Ready:
        'ALM accepted the login but not the management of clients; give the login client the SECADMIN privilege, for ' +
        'example with the role RootSecAdmin',
      InsecureTransport:
        'tls.insecureSkipVerify is set: whoever stands between the operator and ALM can read all passwords',
    });
    expect(messages({ probe: { got: 'unprepared', failure: missing } })).toEqual({
      Ready: 'Secret login is missing',
      Reachable: 'Secret login is missing',
      Authenticated: 'Secret login is missing',
      Authorised: 'no call has shown yet whether the operator may manage clients',
      Reconciling: 'Secret login is missing',
    });
  });
});

it('rules with a selector that match nothing are told in Ready, which stays True', () => {
  const [ready] = connectionFindings({ ...good, blindRules: true });
  const warning =
    'access rules with a selector match nothing, because the operator watches named namespaces only';
  const message = `ALM answers and the operator is logged in; warning: ${warning}`;
  expect(ready).toEqual({ type: 'Ready', status: 'True', reason: 'Connected', message });
});

describe('every status of a connection', () => {
  const privileges = fc.constantFrom<Privilege[]>('shown', 'denied', 'unknown');
  const probes = fc.constantFrom<Probe[]>(
    { got: 'loggedIn' },
    { got: 'unreached', failure: unavailable },
    { got: 'notLoggedIn', failure: unauthorised },
    { got: 'unprepared', failure: missing },
    { got: 'unprepared', failure: invalid },
  );
  /** Reachable: nobody reads a client before the login. */
  const views = fc
    .record<Omit<ConnectionView, 'before'>>({
      probe: probes,
      written: privileges,
      read: privileges,
      plainHttp: fc.boolean(),
      unverified: fc.boolean(),
      blindRules: fc.boolean(),
      generation: fc.integer({ min: 1, max: 2 }),
    })
    .map((view) => (view.probe.got === 'loggedIn' ? view : { ...view, read: 'unknown' as const }));
  const now = new Date('2026-03-01T12:00:00Z');
  const status = (findings: readonly Finding[], type: string) => findCondition(findings, type)?.status;

  it('has Ready, Reachable, Authenticated and Authorised, and is Ready only where none of them is False', () => {
    fc.assert(
      fc.property(fc.array(views, { minLength: 1, maxLength: 4 }), (history) => {
        let before: readonly Condition[] = [];
        for (const view of history) {
          const findings = connectionFindings({ ...view, before });
          const types = findings.map(({ type }) => type);
          expect(types.slice(0, 4)).toEqual(['Ready', 'Reachable', 'Authenticated', 'Authorised']);
          expect(new Set(types).size).toBe(types.length);
          const ready = status(findings, 'Ready') === 'True';
          const steps = types.slice(1, 4).map((type) => status(findings, type));
          expect(ready).toBe(view.probe.got === 'loggedIn' && !steps.includes('False'));
          if (ready) expect(types).not.toContain('Stalled');
          expect(types.includes('Stalled') && types.includes('Reconciling')).toBe(false);
          before = stamp(findings, before, view.generation, now);
        }
      }),
    );
  });

  it('is the same after the same probe, so that an unchanged world causes no write', () => {
    fc.assert(
      fc.property(fc.array(views, { maxLength: 3 }), views, (history, last) => {
        let before: readonly Condition[] = [];
        const statuses = [...history, last, last].map((view) => {
          before = stamp(connectionFindings({ ...view, before }), before, view.generation, now);
          return before;
        });
        expect(statuses.at(-1)).toEqual(statuses.at(-2));
      }),
    );
  });
});
