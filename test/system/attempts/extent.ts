/** Attempts to get more for an id that is one's own than the rule gives, or to get it later. */

import { type Attempt, declares, LEFT, LEGACY, MODEST, placeIn } from './stage.ts';

const grown = placeIn('billing', 'billing_grown');
const squatter = placeIn('lab', 'team_claimed');
const rightful = placeIn('team', 'team_claimed');

export const BY_EXTENT: readonly Attempt[] = [
  {
    title: 'a role outside the rule',
    reason: 'AccessDenied',
    says: 'roles: connection default does not allow role RootSecAdmin here',
    make: (stage) => declares(stage, 'billing', 'billing_root', { roles: ['Portal', 'RootSecAdmin'] }),
  },
  {
    title: 'an allowed role in other case',
    reason: 'AccessDenied',
    says: 'does not allow role portal here',
    make: (stage) => declares(stage, 'billing', 'billing_case', { roles: ['portal'] }),
  },
  {
    title: 'a role that reads like a glob',
    reason: 'AccessDenied',
    says: 'does not allow role * here',
    make: (stage) => declares(stage, 'billing', 'billing_glob', { roles: ['*'] }),
  },
  {
    title: 'a grant type outside the rule',
    reason: 'AccessDenied',
    says: 'authorisedGrantTypes: connection default does not allow password here',
    make: (stage) =>
      declares(stage, 'billing', 'billing_grant', {
        authorisedGrantTypes: ['client_credentials', 'password'],
      }),
  },
  {
    title: 'a longer validity, by leaving it to its default',
    reason: 'AccessDenied',
    says: 'accessTokenValidity: connection default allows at most 600 s here, and this is 1200 s',
    make: async ({ clients }) => {
      const of = placeIn('billing', 'billing_default');
      await clients.declare(of, { roles: ['Portal'] });
      return of;
    },
  },
  {
    title: 'a longer validity in so many words',
    reason: 'AccessDenied',
    says: 'allows at most 600 s here, and this is 601 s',
    make: (stage) => declares(stage, 'billing', 'billing_long', { accessTokenValidity: 601 }),
  },
  {
    title: 'a longer refresh validity',
    reason: 'AccessDenied',
    says: 'refreshTokenValidity: connection default allows at most 30600 s here, and this is 30601 s',
    make: (stage) => declares(stage, 'billing', 'billing_refresh', { refreshTokenValidity: 30_601 }),
  },
  ...['IfExists', 'Required'].map(
    (adoptionPolicy): Attempt => ({
      title: `adoption where it is not allowed (${adoptionPolicy})`,
      reason: 'AccessDenied',
      says: `adoptionPolicy: connection default does not allow ${adoptionPolicy} here`,
      make: (stage) => declares(stage, 'billing', LEGACY, { adoptionPolicy }),
    }),
  ),
  {
    title: 'a client that another object left in ALM',
    reason: 'AlreadyExists',
    says: 'which ClientCredential team/left left there; set adoptionPolicy to IfExists',
    make: (stage) => declares(stage, 'lab', LEFT.clientId),
  },
  {
    title: 'a client that another object left in ALM, with consent that the rule does not give',
    reason: 'AccessDenied',
    says: 'does not allow IfExists here',
    make: (stage) => declares(stage, 'lab', LEFT.clientId, { adoptionPolicy: 'IfExists' }),
  },
  {
    title: 'more roles for a client that is Ready',
    reason: 'AccessDenied',
    says: 'does not allow role SLMAdmin here',
    before: async ({ clients }) => {
      await clients.declare(grown, MODEST);
      await clients.settled(grown);
    },
    make: async ({ clients }) => {
      await clients.change(grown, { ...MODEST, roles: ['SLMAdmin'] });
      return grown;
    },
  },
  {
    title: 'an id that was squatted on, suspended, before its owner came',
    reason: 'ClientIdConflict',
    says: `team/${rightful.name}`,
    before: async ({ clients }) => {
      await clients.declare(squatter, { ...MODEST, suspend: true });
      await clients.held(squatter, 'Suspended');
      await clients.declare(rightful, MODEST);
      await clients.settled(rightful);
    },
    make: async ({ clients }) => {
      await clients.change(squatter, MODEST);
      return squatter;
    },
  },
];
