/** Connections, what is asked of each, and with what the refusal begins; undefined: it is admitted. */

import type { AccessRule } from '../../src/domain/access.ts';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { type Ask, type Connection, loginOf } from './bench.ts';

type Row = readonly [ask: Ask, begins: string | undefined];
type Case = Readonly<{ connection: Connection; asks: readonly Row[] }>;

const HOME = OPERATOR_NAMESPACE;
const team = (ask: Partial<Ask> = {}): Ask => ({ namespace: 'team', ...ask });
const home = (ask: Partial<Ask> = {}): Ask => ({ namespace: HOME, ...ask });
const other = (ask: Partial<Ask> = {}): Ask => ({ namespace: 'team-a', ...ask });

const rule = (more: Partial<AccessRule> = {}): AccessRule => ({
  namespaces: { all: true },
  clientIds: ['*'],
  ...more,
});

const everything = {
  authorisedGrantTypes: ['client_credentials', 'password', 'refresh_token'],
  roles: ['Anything', 'a b'],
  accessTokenValidity: 2_147_483_647,
  refreshTokenValidity: 2_147_483_647,
} as const;

const NO_RULE = 'namespace';
const PROTECTED = 'clientId \\w+ is protected';
const LOGIN = 'clientId \\S+ is the login';

export const TABLE: readonly Case[] = [
  {
    connection: { name: 'without-rules' },
    asks: [
      [home(), undefined],
      [home(everything), undefined],
      [home({ adoptionPolicy: 'IfExists' }), undefined],
      [home({ clientId: 'NimrodClient' }), PROTECTED],
      [home({ clientId: 'nimrodCLIENT' }), PROTECTED],
      [home({ clientId: 'NimrodClient', adoptionPolicy: 'IfExists' }), undefined],
      [home({ clientId: 'NimrodClient', adoptionPolicy: 'Never' }), PROTECTED],
      [home({ clientId: 'LmClient' }), PROTECTED],
      [home({ clientId: 'DokiClient' }), PROTECTED],
      [home({ clientId: 'ADMIN' }), PROTECTED],
      [home({ clientId: 'AdminTool' }), undefined],
      [home({ clientId: loginOf('without-rules') }), LOGIN],
      [home({ clientId: loginOf('without-rules').toUpperCase(), adoptionPolicy: 'Required' }), LOGIN],
      [team(), NO_RULE],
      [team({ adoptionPolicy: 'Required' }), NO_RULE],
      [team({ clientId: 'Admin' }), NO_RULE],
      [team({ clientId: loginOf('without-rules') }), LOGIN],
    ],
  },
  {
    connection: { name: 'with-no-rule', rules: [], protectedIds: [] },
    asks: [
      [home(), undefined],
      [home({ clientId: 'Admin' }), undefined],
      [team(), NO_RULE],
    ],
  },
  {
    connection: { name: 'protecting', protectedIds: ['orders'], rules: [rule({ allowAdoption: true })] },
    asks: [
      [home(), PROTECTED],
      [home({ clientId: 'Orders' }), PROTECTED],
      [home({ adoptionPolicy: 'IfExists' }), undefined],
      [team(), NO_RULE],
      [team({ adoptionPolicy: 'IfExists' }), NO_RULE],
      [team({ clientId: 'Admin' }), undefined],
    ],
  },
  {
    connection: {
      name: 'by-namespace',
      rules: [
        rule({ namespaces: { names: ['team'] }, roles: ['T'] }),
        rule({ namespaces: { selector: { matchLabels: { tier: 'lead' } } }, roles: ['L'] }),
        rule({
          namespaces: { selector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } },
          clientIds: ['$(namespace)_*'],
        }),
      ],
    },
    asks: [
      [team({ roles: ['T'] }), undefined],
      [team({ roles: ['L'] }), 'roles'],
      [other({ roles: ['L'] }), undefined],
      [other({ roles: ['L', 'T'] }), 'roles'],
      [home(), NO_RULE],
      [home({ clientId: 'alm-operator_x' }), undefined],
      [{ namespace: 'admin', clientId: 'admin_x' }, undefined],
      [{ namespace: 'admin', clientId: 'team_x' }, NO_RULE],
      [{ namespace: 'admin', clientId: 'Admin_x' }, NO_RULE],
      [{ namespace: 'default', clientId: 'default_x' }, undefined],
    ],
  },
  ...(
    [
      [{ matchLabels: { tier: 'gold' } }, true, false],
      [{ matchLabels: { tier: 'gold', empty: '' } }, true, false],
      [{ matchLabels: { tier: 'gold', missing: '' } }, false, false],
      [{}, true, true],
      [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['gold', 'x'] }] }, true, false],
      [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['gold', 'x'] }] }, false, true],
      [{ matchExpressions: [{ key: 'empty', operator: 'NotIn', values: [''] }] }, false, true],
      [{ matchExpressions: [{ key: 'empty', operator: 'Exists' }] }, true, false],
      [{ matchExpressions: [{ key: 'empty', operator: 'DoesNotExist' }] }, false, true],
      [{ matchLabels: { 'kubernetes.io/metadata.name': 'team' } }, true, false],
    ] as const
  ).map(
    ([selector, forTeam, forOther], i): Case => ({
      connection: { name: `selecting-${i}`, rules: [rule({ namespaces: { selector } })] },
      asks: [
        [team(), forTeam ? undefined : NO_RULE],
        [other(), forOther ? undefined : NO_RULE],
      ],
    }),
  ),
  {
    connection: {
      name: 'by-glob',
      rules: [rule({ clientIds: ['$(namespace)_*', 'or*rs', '*-x-*', '*ab*b', 'exact', '$(namespace)'] })],
    },
    asks: [
      [team({ clientId: 'team_orders' }), undefined],
      [team({ clientId: 'team_' }), undefined],
      [team({ clientId: 'team' }), undefined],
      [team({ clientId: 'Team_orders' }), NO_RULE],
      [team({ clientId: 'team-a_orders' }), NO_RULE],
      [other({ clientId: 'team-a_orders' }), undefined],
      [other({ clientId: 'team_orders' }), NO_RULE],
      [team({ clientId: 'xteam_orders' }), NO_RULE],
      [team({ clientId: 'orders' }), undefined],
      [team({ clientId: 'orrs' }), undefined],
      [team({ clientId: 'ors' }), NO_RULE],
      [team({ clientId: 'orders2' }), NO_RULE],
      [team({ clientId: 'a-x-b' }), undefined],
      [team({ clientId: 'a-x' }), NO_RULE],
      [team({ clientId: 'ab' }), NO_RULE],
      [team({ clientId: 'abb' }), undefined],
      [team({ clientId: 'exact' }), undefined],
      [team({ clientId: 'Exact' }), NO_RULE],
      [team({ clientId: 'exactly' }), NO_RULE],
      [{ namespace: 'admin', clientId: 'admin', adoptionPolicy: 'IfExists' }, NO_RULE],
    ],
  },
  {
    connection: {
      name: 'spelling',
      rules: [
        rule({ clientIds: ['*', 'Nimrod*'] }),
        rule({ clientIds: ['NimrodClient'], allowAdoption: true }),
      ],
    },
    asks: [
      [team({ clientId: 'NimrodClient', adoptionPolicy: 'IfExists' }), undefined],
      [team({ clientId: 'NimrodClient' }), PROTECTED],
      [team({ clientId: 'nimrodclient', adoptionPolicy: 'IfExists' }), NO_RULE],
      [team({ clientId: 'Admin', adoptionPolicy: 'IfExists' }), NO_RULE],
      [home({ clientId: 'Admin', adoptionPolicy: 'IfExists' }), 'adoptionPolicy'],
      [home({ clientId: 'Admin' }), PROTECTED],
    ],
  },
  {
    connection: {
      name: 'limiting',
      rules: [
        rule({
          namespaces: { names: ['team', HOME] },
          roles: ['Read*', 'a.c', '*(x)*', '$(namespace)', '*é*', '😀*b*'],
          grantTypes: ['client_credentials'],
          maxAccessTokenValidity: 1200,
          maxRefreshTokenValidity: 30600,
        }),
        rule({ maxAccessTokenValidity: 1199, roles: [] }),
      ],
    },
    asks: [
      ...[team, home].flatMap((from): readonly Row[] => [
        [from(), undefined],
        [from({ roles: ['ReadOnly', 'Read', 'a.c'] }), undefined],
        [from({ roles: ['Write'] }), 'roles'],
        [from({ roles: ['read'] }), 'roles'],
        [from({ roles: ['abc'] }), 'roles'],
        [from({ roles: ['a(x)b'] }), undefined],
        [from({ roles: ['axb'] }), 'roles'],
        [from({ roles: ['$(namespace)'] }), undefined],
        [from({ roles: [from().namespace] }), 'roles'],
        [from({ roles: ['caféé', '😀ab'] }), undefined],
        [from({ authorisedGrantTypes: ['password'] }), 'authorisedGrantTypes'],
        [from({ authorisedGrantTypes: ['client_credentials', 'password'] }), 'authorisedGrantTypes'],
        [from({ accessTokenValidity: 1200 }), undefined],
        [from({ accessTokenValidity: 1201 }), 'accessTokenValidity'],
        [from({ refreshTokenValidity: 30600 }), undefined],
        [from({ refreshTokenValidity: 30601 }), 'refreshTokenValidity'],
        [from({ adoptionPolicy: 'Never' }), undefined],
        [from({ adoptionPolicy: 'IfExists' }), 'adoptionPolicy'],
        [from({ adoptionPolicy: 'Required' }), 'adoptionPolicy'],
        [from({ roles: ['Write'], authorisedGrantTypes: everything.authorisedGrantTypes }), 'roles'],
        [from({ ...everything, roles: [] }), 'authorisedGrantTypes'],
      ]),
      [other(), 'accessTokenValidity'],
      [other({ accessTokenValidity: 1199 }), undefined],
      [other({ accessTokenValidity: 1, roles: ['Read'] }), 'roles'],
    ],
  },
  {
    connection: { name: 'generous', rules: [rule({ roles: ['*'], allowAdoption: true })] },
    asks: [
      [team(everything), undefined],
      [team({ adoptionPolicy: 'Required' }), undefined],
      [team({ roles: ['*', ' ', '\\E', '.*', '^$'] }), undefined],
      [team({ clientId: 'x'.repeat(128), roles: ['y'.repeat(128)] }), undefined],
      [team({ clientId: loginOf('generous') }), LOGIN],
    ],
  },
];
