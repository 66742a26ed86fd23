import type { ConnectionSpec } from '../api/almconnection.ts';
import type { Failure } from '../kube/outcome.ts';
import { type Labels, matchesSelector } from '../kube/selector.ts';
import type { AdoptionPolicy } from './desired.ts';
import { fail } from './reasons.ts';
import type { ClientRecord } from './record.ts';

/**
 * Who may declare which clients on a connection. deploy/admission/policy.yaml says the same in CEL, in the same words; a
 * test holds the two together. Client ids are compared without case where something is kept from somebody, since whether
 * ALM tells them apart is unknown; globs, which give something, are case-sensitive.
 */

export const PROTECTED_CLIENT_IDS: readonly string[] = ['LmClient', 'NimrodClient', 'DokiClient', 'Admin'];

export type AccessRule = NonNullable<ConnectionSpec['access']>[number];

/** What a connection, and the logins of all others, say about access. */
export type AccessView = Readonly<{
  connection: string;
  operatorNamespace: string;
  rules: readonly AccessRule[] | undefined;
  protectedIds: readonly string[];
  /** The ids under which the operator itself logs in, of all connections. */
  loginIds: readonly string[];
}>;

/** `labels` are undefined where the operator does not see namespaces; rules with a selector then match nothing. */
export type Tenant = Readonly<{ namespace: string; labels: Labels | undefined }>;

export type AccessRequest = Readonly<{ tenant: Tenant; want: ClientRecord; policy: AdoptionPolicy }>;

type RuleView = Pick<AccessView, 'operatorNamespace' | 'rules' | 'protectedIds'>;

/** The first thing that speaks against the request; undefined: admitted. */
export function refusalOf(request: AccessRequest, view: AccessView): Failure | undefined {
  const { tenant, want, policy } = request;
  if (isListed(want.clientId, view.loginIds)) {
    return fail(
      'OwnLoginClient',
      `clientId ${want.clientId} is the login of the operator itself; a wrong value would lock it out, so it is ` +
        'managed where it was made; choose another clientId',
    );
  }
  const rule = ruleFor(want.clientId, tenant, view);
  if (rule === undefined && !isHomeWithoutRules(tenant, view)) return noRule(want.clientId, tenant, view);
  if (isListed(want.clientId, view.protectedIds) && policy === 'Never') {
    return fail(
      'ProtectedClientId',
      `clientId ${want.clientId} is protected; set adoptionPolicy to IfExists or Required to take it over`,
    );
  }
  const excess = rule === undefined ? undefined : excessOf(request, rule, view);
  return excess === undefined ? undefined : fail('AccessDenied', excess);
}

/** The rule that decides, by namespace and id alone; undefined also where there are no rules. */
export function ruleFor(clientId: string, tenant: Tenant, view: RuleView): AccessRule | undefined {
  const spelled = tenant.namespace !== view.operatorNamespace && isListed(clientId, view.protectedIds);
  return view.rules?.find(
    ({ namespaces, clientIds }) =>
      includesNamespace(namespaces, tenant) &&
      (spelled
        ? clientIds.includes(clientId)
        : clientIds.some((glob) => globMatches(glob, clientId, tenant.namespace))),
  );
}

export function isListed(clientId: string, ids: readonly string[]): boolean {
  return ids.some((id) => id.toLowerCase() === clientId.toLowerCase());
}

function isHomeWithoutRules({ namespace }: Tenant, { operatorNamespace, rules = [] }: RuleView): boolean {
  return rules.length === 0 && namespace === operatorNamespace;
}

function includesNamespace(
  { names, selector, all }: AccessRule['namespaces'],
  { namespace, labels }: Tenant,
): boolean {
  if (all === true || names?.includes(namespace) === true) return true;
  return selector !== undefined && labels !== undefined && matchesSelector(selector, labels);
}

/** The namespace's name is taken as it is: whatever it holds, it adds no star. */
function globMatches(glob: string, text: string, namespace?: string): boolean {
  const [head = '', ...rest] = glob
    .split('*')
    .map((part) => (namespace === undefined ? part : part.replaceAll('$(namespace)', () => namespace)));
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  const end = text.length - tail.length;
  if (!text.startsWith(head) || !text.endsWith(tail)) return false;
  const at = rest.reduce((from, part) => {
    const found = from < 0 ? -1 : text.indexOf(part, from);
    return found < 0 ? -1 : found + part.length;
  }, head.length);
  return at >= 0 && at <= end;
}

function noRule(clientId: string, { namespace, labels }: Tenant, view: AccessView): Failure {
  const { connection, operatorNamespace, rules = [] } = view;
  const request = `namespace ${namespace} may not use clientId ${clientId} on connection ${connection}`;
  if (rules.length === 0) {
    return fail(
      'AccessDenied',
      `${request}, which has no access rules and serves namespace ${operatorNamespace} alone; ${ask(view, 'a rule')}`,
    );
  }
  const spelled = isListed(clientId, view.protectedIds) && namespace !== operatorNamespace;
  const unseen = labels === undefined && rules.some(({ namespaces }) => namespaces.selector !== undefined);
  const what = spelled ? 'a rule that spells out this id, which is protected' : 'a rule';
  const hint = unseen
    ? '; rules with a selector match nothing while the operator watches named namespaces'
    : '';
  return fail('AccessDenied', `${request}: none of its access rules matches${hint}; ${ask(view, what)}`);
}

function ask({ connection, operatorNamespace }: AccessView, what: string): string {
  return `ask whoever keeps AlmConnection ${connection} in namespace ${operatorNamespace} for ${what}`;
}

/** The first field that asks for more than the rule gives. */
function excessOf({ want, policy }: AccessRequest, rule: AccessRule, view: AccessView): string | undefined {
  const role = want.roles.find((name) => !(rule.roles ?? []).some((glob) => globMatches(glob, name)));
  const grant = want.authorisedGrantTypes.find((name) => rule.grantTypes?.every((given) => given !== name));
  const here = `connection ${view.connection}`;
  if (role !== undefined) {
    return `roles: ${here} does not allow role ${role} here; leave it out or ${ask(view, 'it')}`;
  }
  if (grant !== undefined) {
    return `authorisedGrantTypes: ${here} does not allow ${grant} here; leave it out or ${ask(view, 'it')}`;
  }
  const excess =
    tooLong('accessTokenValidity', want.accessTokenValidity, rule.maxAccessTokenValidity) ??
    tooLong('refreshTokenValidity', want.refreshTokenValidity, rule.maxRefreshTokenValidity);
  if (excess !== undefined) {
    const { field, value, most } = excess;
    return `${field}: ${here} allows at most ${most} s here, and this is ${value} s; lower it or ${ask(view, 'more')}`;
  }
  if (policy === 'Never' || rule.allowAdoption === true) return undefined;
  return (
    `adoptionPolicy: ${here} does not allow ${policy} here; leave it out or ` +
    ask(view, 'a rule with allowAdoption')
  );
}

type TooLong = Readonly<{ field: string; value: number; most: number }>;

function tooLong(field: string, value: number, most: number | undefined): TooLong | undefined {
  return most !== undefined && value > most ? { field, value, most } : undefined;
}
