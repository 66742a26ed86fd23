/** What the users of a gate may do, where it is not everything. */

import type { Backend } from '../backend/backend.ts';
import type { GateRequest } from '../gate/request.ts';
import type { Standing, Standings } from '../gate/server.ts';
import type { Api } from '../kubectl/client.ts';
import { admittedAccount } from './account.ts';
import { covers, grantsOf } from './grants.ts';
import { ACCOUNT, type Features, featuresOf, installedRights } from './installed.ts';

export class Admissions {
  readonly #standings: Record<string, Standing> = {};
  readonly #features = new Map<string, string>();
  readonly #api: Api;
  readonly #backend: Pick<Backend, 'knowsAccounts'>;

  constructor(api: Api, backend: Pick<Backend, 'knowsAccounts'>) {
    this.#api = api;
    this.#backend = backend;
  }

  get standings(): Standings {
    return this.#standings;
  }

  /** Asks nothing of the server where the flags give the rights that the user has. */
  async admit(user: string, flags: readonly string[]): Promise<void> {
    const features = featuresOf(flags);
    const key = JSON.stringify(features);
    if (this.#features.get(user) === key) return;
    this.#standings[user] = this.#backend.knowsAccounts
      ? { token: await admittedAccount(this.#api, features) }
      : { may: judged(features) };
    this.#features.set(user, key);
  }
}

/** Beside what it has roles for, every account may look at discovery and the version. */
function judged(features: Features): (request: GateRequest) => boolean {
  const grants = grantsOf(installedRights(features), ACCOUNT);
  return (request) =>
    request.resource === '' ? request.verb === 'get' : grants.some((grant) => covers(grant, request));
}
