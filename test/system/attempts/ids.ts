/** Attempts by way of the id alone: to have a client that is somebody else's, or nobody's to give. */

import { secretText } from '../../support/canary.ts';
import { OPERATOR_NAMESPACE } from '../../support/install.ts';
import { type Attempt, declares, VICTIM } from './stage.ts';

const CONSENT = { adoptionPolicy: 'IfExists' };
const NO_RULE = 'none of its access rules matches; ask whoever keeps AlmConnection default';
const SPELL =
  'ask whoever keeps AlmConnection default in namespace alm-operator for a rule that spells out this id';
const OWNED = 'belongs to ClientCredential team/orders; choose another clientId, or ask its owner';
const LOGIN = 'is the login of the operator itself';

export const BY_ID: readonly Attempt[] = [
  {
    title: 'the id of another tenant',
    reason: 'AccessDenied',
    says: NO_RULE,
    make: (stage) => declares(stage, 'billing', VICTIM.clientId),
  },
  {
    title: 'an id of namespace team-a, from namespace team',
    reason: 'AccessDenied',
    says: NO_RULE,
    make: (stage) => declares(stage, 'team', 'team-a_orders'),
  },
  {
    title: 'an id of namespace team, from namespace team-a',
    reason: 'AccessDenied',
    says: NO_RULE,
    make: (stage) => declares(stage, 'team-a', 'team_fresh'),
  },
  {
    title: 'the own prefix in other case',
    reason: 'AccessDenied',
    says: NO_RULE,
    make: (stage) => declares(stage, 'team', 'TEAM_orders'),
  },
  {
    title: 'any id, from a namespace without a rule',
    reason: 'AccessDenied',
    says: NO_RULE,
    make: (stage) => declares(stage, 'stray', 'stray_orders'),
  },
  {
    title: 'an id that is managed already, under a rule that admits every id',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: (stage) => declares(stage, 'lab', VICTIM.clientId),
  },
  {
    title: 'the same with the owner’s own secret',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: (stage) => declares(stage, 'lab', VICTIM.clientId, {}, secretText(VICTIM.name)),
  },
  {
    title: 'an id that differs from a managed one in case only',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: (stage) => declares(stage, 'lab', 'Team_Orders'),
  },
  {
    title: 'the id of another object of the same namespace',
    reason: 'ClientIdConflict',
    says: OWNED,
    make: (stage) => declares(stage, 'team', VICTIM.clientId),
  },
  {
    title: 'a protected id, under a rule that admits every id',
    reason: 'AccessDenied',
    says: SPELL,
    make: (stage) => declares(stage, 'lab', 'NimrodClient', CONSENT),
  },
  {
    title: 'a protected id in other case',
    reason: 'AccessDenied',
    says: SPELL,
    make: (stage) => declares(stage, 'lab', 'NIMRODCLIENT', CONSENT),
  },
  {
    title: 'a protected id in the operator’s namespace, without a word of consent',
    reason: 'ProtectedClientId',
    says: 'set adoptionPolicy to IfExists or Required',
    make: (stage) => declares(stage, OPERATOR_NAMESPACE, 'dokiclient'),
  },
  {
    title: 'the operator’s own login',
    reason: 'OwnLoginClient',
    says: LOGIN,
    make: (stage) => declares(stage, 'lab', 'operator-login'),
  },
  {
    title: 'the operator’s own login in other case, with every right that there is',
    reason: 'OwnLoginClient',
    says: LOGIN,
    make: (stage) => declares(stage, OPERATOR_NAMESPACE, 'Operator-Login', CONSENT),
  },
];
