import { describe, expect, it } from 'vitest';
import { OPERATOR_NAMESPACE } from '../support/install.ts';
import { clientsOf, type Place } from './clients.ts';
import { generatingOf } from './generating.ts';
import { alm, cuts, kubernetes, type Step, useKilling } from './killing.ts';

/** The process is killed between any two steps of a generation or a rotation; the next one ends it, once. */

const { scenario, killed } = useKilling(['--generated-secrets', 'true']);
const clients = clientsOf(scenario);
const { generates, ended, made, ask, rotated, whole } = generatingOf(scenario, clients);

const STAGED = 'the new one is staged';
const STAGE: readonly Step[] = [
  kubernetes('the Secret is looked for', 'get', 'secrets'),
  kubernetes('the staged one is looked for', 'get', 'secrets', { skip: 1 }),
  kubernetes(STAGED, 'create', 'secrets'),
];

const LOGIN = alm('the login proves it', 'POST', '/oauth/token');
const REMOVED = kubernetes('the staged one is removed', 'delete', 'secrets');
const STATUS = kubernetes('the status is written', 'update', 'clientcredentials', { subresource: 'status' });

const GENERATION: readonly Step[] = [
  ...STAGE,
  alm('ALM is asked to create', 'POST', '/api/credentials'),
  kubernetes('the claim is held', 'patch', 'almclientclaims'),
  LOGIN,
  kubernetes('it is published', 'create', 'secrets', { skip: 1 }),
  kubernetes('the claim says when', 'patch', 'almclientclaims', { skip: 1 }),
  REMOVED,
  STATUS,
];

const ROTATION: readonly Step[] = [
  ...STAGE,
  alm('ALM is asked to update', 'PUT', '/api/credentials/'),
  LOGIN,
  kubernetes('it is published', 'update', 'secrets'),
  kubernetes('the claim says when', 'patch', 'almclientclaims'),
  REMOVED,
  STATUS,
];

/** How often a secret was staged; one that the killed process asked for in vain is not among them. */
function stagings(since: number, step: Step, when: string): number {
  const match = { verb: 'create', resource: 'secrets', namespace: OPERATOR_NAMESPACE } as const;
  const vain = step.name === STAGED && when === 'before' ? 1 : 0;
  return scenario().gate.count(match, since) - vain;
}

const now = () => scenario().gate.log.at(-1)?.n ?? 0;

function creations({ clientId }: Place): number {
  const { log } = scenario().alm;
  return log.filter((request) => request.clientId === clientId && request.wrote === 'created').length;
}

describe.each(cuts(GENERATION))('killed %s %s', (when, _name, step) => {
  it('a generation ends like any other', async () => {
    const of = await clients.place('generated');
    const since = now();
    await killed(step, when, of, () => generates(of));
    await ended(of);
    await clients.until(of, 'the time of the rotation', ({ status }) => status?.['rotation'] !== undefined);
    await whole(of);
    expect(stagings(since, step, when)).toBe(1);
    expect(creations(of)).toBe(1);
  });
});

describe.each(cuts(ROTATION))('killed %s %s', (when, _name, step) => {
  it('a rotation is done once', async () => {
    const of = await made('rotated');
    const before = await whole(of);
    const since = now();
    await killed(step, when, of, () => ask(of, 'now'));
    await rotated(of, 'now');
    expect(await whole(of)).not.toBe(before);
    expect(scenario().alm.matches(of.clientId, before)).toBe(false);
    expect(stagings(since, step, when)).toBe(1);
  });
});
