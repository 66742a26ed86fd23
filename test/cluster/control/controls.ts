/** What can be changed about a running cluster, apart from how it is asked for. */

import type { AlmRecord } from '../../support/alm/clients.ts';
import { describeValues, initialOf } from '../../support/alm/knob.ts';
import { KNOB_NAMES, KNOBS, type KnobName, type Knobs } from '../../support/alm/knobs.ts';
import type { AlmRequest } from '../../support/alm/log.ts';
import type { AlmSim } from '../../support/alm/server.ts';
import { knobSetting } from '../../support/alm/settings.ts';
import type { ApiServer } from '../../support/apiserver/server.ts';
import { type FaultSpec, faultOf } from '../fault.ts';

type Placed = { readonly spec: FaultSpec; met: number };

export type ClientChange = Partial<AlmRecord> & Readonly<{ clientSecret?: string }>;

const NEW_CLIENT = {
  authorisedGrantTypes: ['client_credentials'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30_600,
  roles: [],
} as const;

export class Controls {
  readonly #alm: AlmSim;
  readonly #api: Pick<ApiServer, 'compact'>;
  readonly #startingKnobs: Knobs;
  #faults: Placed[] = [];

  constructor(alm: AlmSim, api: Pick<ApiServer, 'compact'>, faults: readonly FaultSpec[] = []) {
    this.#alm = alm;
    this.#api = api;
    this.#startingKnobs = { ...alm.knobs };
    for (const spec of faults) this.addFault(spec);
  }

  knobs(): Readonly<Knobs> {
    return { ...this.#alm.knobs };
  }

  /** Undefined where there is no such knob. */
  knob(name: string): Readonly<Record<string, string | number>> | undefined {
    if (!isKnob(name)) return undefined;
    const { about, basis } = KNOBS[name];
    const values = describeValues(KNOBS[name]);
    return { name, value: this.#alm.knobs[name], default: initialOf(KNOBS[name]), values, basis, about };
  }

  /** From the next request on. Throws for a knob or value that does not exist. */
  turn(name: string, word: string): void {
    Object.assign(this.#alm.knobs, { [name]: knobSetting(name, word) });
  }

  resetKnobs(): void {
    Object.assign(this.#alm.knobs, this.#startingKnobs);
  }

  /** Those that may still meet a request, with how often they did. */
  faults(): readonly (FaultSpec & Readonly<{ met: number }>)[] {
    const lasting = this.#faults.filter(({ spec, met }) => spec.times === undefined || met < spec.times);
    return lasting.map(({ spec, met }) => ({ ...spec, met }));
  }

  addFault(spec: FaultSpec): void {
    const placed: Placed = { spec, met: 0 };
    const onMet = () => {
      placed.met += 1;
    };
    this.#alm.faults.add(faultOf(spec, onMet));
    this.#faults.push(placed);
  }

  clearFaults(): void {
    this.#alm.faults.clear();
    this.#faults = [];
  }

  down(): Promise<void> {
    return this.#alm.down();
  }

  up(): Promise<void> {
    return this.#alm.up();
  }

  clients(): readonly AlmRecord[] {
    return this.#alm.state.list();
  }

  client(id: string): AlmRecord | undefined {
    return this.#alm.state.get(id);
  }

  /** Past ALM's API, as an administrator's change in its database. Throws for a new client without a secret. */
  setClient(id: string, change: ClientChange): AlmRecord {
    const before = this.#alm.state.get(id) ?? NEW_CLIENT;
    this.#alm.state.set({ ...before, ...change, clientId: id });
    return this.#alm.state.get(id) as AlmRecord;
  }

  deleteClient(id: string): boolean {
    return this.#alm.state.delete(id);
  }

  /** Whether ALM would let the client in with this secret. */
  logsIn(id: string, secret: string): boolean {
    return this.#alm.matches(id, secret);
  }

  log(last: number): readonly AlmRequest[] {
    return last === 0 ? [] : this.#alm.log.slice(-last);
  }

  compact(): void {
    this.#api.compact();
  }
}

function isKnob(name: string): name is KnobName {
  return (KNOB_NAMES as readonly string[]).includes(name);
}
