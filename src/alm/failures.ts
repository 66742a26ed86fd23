/**
 * Everything that can go wrong between the operator and ALM, as one closed table: reason and sentence. All of
 * it is transient, because whoever mends it (ALM, the network, the AlmConnection) wakes no credential by
 * doing so.
 */

import { EdgeError, type Failure } from '../kube/outcome.ts';

export type AlmReason =
  | 'AlmUnavailable'
  | 'EndpointNotFound'
  | 'LeaseLost'
  | 'MalformedAnswer'
  | 'OutcomeUnknown'
  | 'PrivilegeMissing'
  | 'RateLimited'
  | 'TlsError'
  | 'Unauthorised';

const FAILURES = {
  wrongAddress: [
    'EndpointNotFound',
    'There is no credentials API at this address; check spec.endpoint of the AlmConnection and its ' +
      'path prefix',
  ],
  noTokenEndpoint: [
    'EndpointNotFound',
    'There is no token endpoint at this address; check spec.endpoint of the AlmConnection and its ' +
      'path prefix',
  ],
  badEndpoint: [
    'EndpointNotFound',
    'spec.endpoint of the AlmConnection is not an http or https URL; write scheme, host, port and ' +
      'path prefix only',
  ],

  redirected: [
    'MalformedAnswer',
    'A redirect came, and redirects are never followed; check scheme, host and path prefix in ' +
      'spec.endpoint of the AlmConnection',
  ],
  html: [
    'MalformedAnswer',
    'An HTML page came instead of an answer of ALM; check that spec.endpoint of the AlmConnection ' +
      'names the API, not the UI or a login page',
  ],
  foreign: [
    'MalformedAnswer',
    'An error came that is not in the form ALM uses, so an ingress or proxy seems to speak; check ' +
      'spec.endpoint of the AlmConnection and what stands in front of ALM',
  ],
  notHttp: [
    'MalformedAnswer',
    'What answers at this address does not speak HTTP as it should; check scheme and port in ' +
      'spec.endpoint of the AlmConnection',
  ],
  notARecord: [
    'MalformedAnswer',
    'ALM answered the reading of a client with something else than its record; if it goes on, set ' +
      'spec.api.read of the AlmConnection to Disabled',
  ],
  notReadable: [
    'MalformedAnswer',
    'ALM refused the reading of a client for a reason of its own; if it goes on, set spec.api.read ' +
      'of the AlmConnection to Disabled',
  ],
  notAToken: [
    'MalformedAnswer',
    'The token endpoint answered with something else than a token; check spec.endpoint of the ' +
      'AlmConnection and what stands in front of ALM',
  ],

  privilege: [
    'PrivilegeMissing',
    'The login succeeded, but the login client lacks the SECADMIN privilege; give it the role ' +
      'RootSecAdmin or an equivalent one',
  ],
  loginWanted: [
    'Unauthorised',
    'ALM asks for a login, and the AlmConnection has none; set spec.auth.clientCredentials or ' +
      'spec.auth.password',
  ],
  loginRefused: [
    'Unauthorised',
    'ALM refused the login; check clientId and clientSecretRef under spec.auth of the AlmConnection, ' +
      'and the Secret that it names',
  ],
  userRefused: [
    'Unauthorised',
    'ALM refused the user of the login; check username and passwordRef in spec.auth.password of the ' +
      'AlmConnection, and that the user is not suspended',
  ],
  grantRefused: [
    'Unauthorised',
    'ALM does not let the login client use this grant; add the grant to that client in ALM, or ' +
      'choose another form of spec.auth in the AlmConnection',
  ],
  scopeRefused: [
    'Unauthorised',
    'ALM refused the scope of the login; check scope under spec.auth of the AlmConnection',
  ],

  rateLimited: ['RateLimited', 'ALM limits the rate of requests; lower spec.limits of the AlmConnection'],
  resting: [
    'RateLimited',
    'ALM asked for patience (Retry-After), so that nothing is sent until that time is over; if it comes back, look at ' +
      'the state of ALM, or lower spec.limits of the AlmConnection',
  ],
  unavailable: [
    'AlmUnavailable',
    'ALM, or what stands in front of it, says that it cannot serve at the moment; look at the state of ALM',
  ],
  concurrent: [
    'AlmUnavailable',
    'ALM reports another change of this client at the same time; look for somebody else who writes it',
  ],
  refused: [
    'AlmUnavailable',
    'The connection to ALM was refused; check that ALM runs, and host and port in spec.endpoint of ' +
      'the AlmConnection',
  ],
  unknownHost: [
    'AlmUnavailable',
    'The host name of ALM cannot be resolved; check spec.endpoint of the AlmConnection and the DNS ' +
      'of the cluster',
  ],
  unreachable: [
    'AlmUnavailable',
    'ALM cannot be reached; check spec.endpoint of the AlmConnection, network policies, and ' +
      'HTTPS_PROXY and NO_PROXY where a proxy is in use',
  ],
  proxyRefused: [
    'AlmUnavailable',
    'The proxy does not let the operator through to ALM; check HTTPS_PROXY and its credentials, or ' +
      'list the host in NO_PROXY',
  ],
  badProxy: [
    'AlmUnavailable',
    'The address of the proxy cannot be used; check HTTPS_PROXY and HTTP_PROXY of the operator',
  ],
  brokenOff: [
    'AlmUnavailable',
    'The connection broke before the answer of ALM was complete; look at the state of ALM, and ' +
      'whether it asks for a client certificate (spec.tls.clientCertificateRef of the AlmConnection)',
  ],
  tooSlow: [
    'AlmUnavailable',
    'ALM did not answer within the time limit; look at the state of ALM, or raise ' +
      'spec.limits.timeout of the AlmConnection',
  ],
  outcomeUnknown: [
    'OutcomeUnknown',
    'The connection broke or the time limit passed after the request was sent, so ALM may or may not ' +
      'have taken it; the next attempt finds out',
  ],

  leaseLost: [
    'LeaseLost',
    'ALM was not asked, because this replica does not hold the lease any more; the one that holds it ' +
      'goes on',
  ],

  untrusted: [
    'TlsError',
    'The certificate of ALM is not signed by an authority the operator trusts; set spec.tls.caBundle ' +
      'or caRef of the AlmConnection to the PEM of its authority (convert DER to PEM first)',
  ],
  wrongName: [
    'TlsError',
    'The certificate of ALM is for another host name; set spec.tls.serverName of the AlmConnection ' +
      'to a name in the certificate',
  ],
  expired: [
    'TlsError',
    'The certificate of ALM, or of its authority, is expired or not yet valid; renew it, and check ' +
      'the clocks',
  ],
  clientCertificate: [
    'TlsError',
    'ALM broke the TLS handshake off; if it asks for a client certificate, set ' +
      'spec.tls.clientCertificateRef of the AlmConnection to one it accepts',
  ],
  noTls: [
    'TlsError',
    'What answers at this address does not speak TLS as it should; check scheme and port in ' +
      'spec.endpoint of the AlmConnection',
  ],
  proxyTls: [
    'TlsError',
    'The certificate of the proxy is not valid for its address; check HTTPS_PROXY of the operator',
  ],
  badBundle: [
    'TlsError',
    'spec.tls.caBundle or caRef of the AlmConnection holds no readable PEM certificate; convert DER ' +
      'to PEM first',
  ],
  badPair: [
    'TlsError',
    'spec.tls.clientCertificateRef of the AlmConnection is not a certificate with its own ' +
      'unencrypted key, both in PEM; check the Secret that it names',
  ],
} as const satisfies Readonly<Record<string, readonly [AlmReason, string]>>;

export type FailureName = keyof typeof FAILURES;

export function failureOf(name: FailureName, retryAfterMs?: number): Failure {
  const [reason, message] = FAILURES[name];
  return { kind: 'transient', reason, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** The failure of a write that ALM certainly has not taken. */
export function untaken(failure: Failure): Failure {
  return { ...failure, untaken: true };
}

export function edgeError(name: FailureName, cause?: Error): EdgeError {
  return new EdgeError(failureOf(name), cause === undefined ? undefined : { cause });
}
