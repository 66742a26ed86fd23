import { type Finding, findCondition } from '../kube/conditions.ts';
import type { Failure } from '../kube/outcome.ts';
import type { Condition } from '../kube/types.ts';

/** What a probe of a connection says in its conditions. */

/** The canonical form of an endpoint, by which two connections to one ALM are told. */
export function canonicalEndpoint(endpoint: string): string {
  const { protocol, host, pathname } = new URL(endpoint);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

/**
 * How far a probe got. `unprepared`: spec, Secret or certificate is at fault and nothing was sent. `unreached`: nobody
 * of ALM answered. `notLoggedIn`: ALM refused the login. `loggedIn`: credentials may be written.
 */
export type Probe =
  | Readonly<{ got: 'unprepared' | 'unreached' | 'notLoggedIn'; failure: Failure }>
  | Readonly<{ got: 'loggedIn' }>;

/** What is known of the SECADMIN privilege: from a write, which decides, or from a read, which hints. */
export type Privilege = 'shown' | 'denied' | 'unknown';

export type ConnectionView = Readonly<{
  probe: Probe;
  written: Privilege;
  read: Privilege;
  plainHttp: boolean;
  unverified: boolean;
  /** There are access rules with a selector, and the operator does not see the labels of namespaces. */
  blindRules: boolean;
  before: readonly Condition[];
  generation: number;
}>;

export function connectionFindings(view: ConnectionView): readonly Finding[] {
  const authorised = authorisation(view);
  return [
    readiness(view, authorised),
    ...reach(view.probe),
    authorised,
    ...insecurity(view),
    ...flags(view.probe, authorised),
  ];
}

function readiness({ probe, blindRules }: ConnectionView, authorised: Finding): Finding {
  if (probe.got !== 'loggedIn') return finding('Ready', 'False', probe.failure);
  if (authorised.status === 'False') return { ...authorised, type: 'Ready' };
  return finding('Ready', 'True', {
    reason: 'Connected',
    message: `ALM answers and the operator is logged in${blindRules ? BLIND : ''}`,
  });
}

const BLIND =
  '; warning: access rules with a selector match nothing, because the operator watches named namespaces only';

function reach(probe: Probe): readonly Finding[] {
  const answering = { reason: 'Answering', message: 'ALM answers at the endpoint' };
  switch (probe.got) {
    case 'unprepared':
      return [
        finding('Reachable', 'Unknown', probe.failure),
        finding('Authenticated', 'Unknown', probe.failure),
      ];
    case 'unreached':
      return [
        finding('Reachable', 'False', probe.failure),
        finding('Authenticated', 'Unknown', probe.failure),
      ];
    case 'notLoggedIn':
      return [finding('Reachable', 'True', answering), finding('Authenticated', 'False', probe.failure)];
    case 'loggedIn':
      return [
        finding('Reachable', 'True', answering),
        finding('Authenticated', 'True', {
          reason: 'LoggedIn',
          message: 'ALM accepted the login of the operator',
        }),
      ];
  }
}

/** A write decides; a read hints; what an earlier pass found at this generation stands until something contradicts. */
function authorisation({ probe, written, read, before, generation }: ConnectionView): Finding {
  const old = findCondition(before, 'Authorised');
  const stands = old?.observedGeneration === generation ? old.status : 'Unknown';
  const status = written !== 'unknown' ? truth(written) : stands === 'Unknown' ? truth(read) : stands;
  if (status === 'True') {
    return finding('Authorised', 'True', {
      reason: 'PrivilegeShown',
      message: 'ALM lets the operator manage clients',
    });
  }
  if (status === 'False' && probe.got === 'loggedIn') {
    return finding('Authorised', 'False', {
      reason: 'PrivilegeMissing',
      message:
        'ALM accepted the login but not the management of clients; give the login client the SECADMIN privilege, ' +
        'for example with the role RootSecAdmin',
    });
  }
  return finding('Authorised', 'Unknown', {
    reason: 'NotYetShown',
    message: 'no call has shown yet whether the operator may manage clients',
  });
}

function truth(privilege: Privilege): Finding['status'] {
  return privilege === 'shown' ? 'True' : privilege === 'denied' ? 'False' : 'Unknown';
}

function insecurity({ plainHttp, unverified }: ConnectionView): readonly Finding[] {
  const message = 'whoever stands between the operator and ALM can read all passwords';
  if (plainHttp)
    return [
      finding('InsecureTransport', 'True', { reason: 'PlainHttp', message: `http is used: ${message}` }),
    ];
  if (!unverified) return [];
  const skipped = `tls.insecureSkipVerify is set: ${message}`;
  return [finding('InsecureTransport', 'True', { reason: 'VerificationDisabled', message: skipped })];
}

/** A missing privilege is tried again like everything else that somebody may mend at ALM. */
function flags(probe: Probe, authorised: Finding): readonly Finding[] {
  if (probe.got === 'loggedIn') {
    return authorised.status === 'False' ? [finding('Reconciling', 'True', authorised)] : [];
  }
  const type = probe.failure.kind === 'stalled' ? 'Stalled' : 'Reconciling';
  return [finding(type, 'True', probe.failure)];
}

function finding(
  type: string,
  status: Finding['status'],
  { reason, message }: Readonly<{ reason: string; message: string }>,
): Finding {
  return { type, status, reason, message };
}
