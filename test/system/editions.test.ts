import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { KINDS } from '../../src/api/crd.ts';
import { useScenario } from '../support/suite.ts';
import { clientsOf } from './clients.ts';

/** Definitions of another release than the operator's, as an upgrade of the image alone leaves them. */

const PROGRAM =
  process.env['OPERATOR_BUNDLE'] ?? fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const CREDENTIALS = 'clientcredentials.alm-operator.dev';

const scenario = useScenario({ launch: false });
const { created } = clientsOf(scenario);

const relabel = (annotations: Readonly<Record<string, string>>) =>
  scenario().api.patch('CustomResourceDefinition', '', CREDENTIALS, {
    type: 'merge',
    body: { metadata: { annotations } },
  });

/** Whether a launched operator said that definitions are old; it has looked at each and ended when this resolves. */
async function saysOld(): Promise<boolean> {
  const { gate } = scenario();
  const since = gate.log.length;
  const operator = await scenario().launch();
  for (const { resource } of KINDS) {
    const name = `${resource.plural}.${resource.group}`;
    await gate.seen({ resource: 'customresourcedefinitions', name, user: 'operator' }, { since });
  }
  await operator.stop();
  return operator.lines.some((line) => line.includes('"definitions are older than this operator"'));
}

it('are told at the start, with the command that upgrades them; they keep nobody from work', async () => {
  await relabel({ 'alm-operator.dev/version': '0.0.1', 'alm-operator.dev/schema': 'another' });
  const operator = await scenario().launch();
  const entry = await operator.logged(({ msg }) => msg === 'definitions are older than this operator');
  expect(entry).toMatchObject({
    level: 'warn',
    definitions: [{ name: CREDENTIALS, release: '0.0.1' }],
    command: 'alm-operator crds | kubectl apply --server-side --force-conflicts -f -',
  });
  await created('with-old-definitions');
  await operator.stop();
  expect(await saysOld()).toBe(true);
});

it('are not told of any more once that command was given', async () => {
  await scenario().api.apply(execFileSync(process.execPath, [PROGRAM, 'crds'], { encoding: 'utf8' }));
  expect(await saysOld()).toBe(false);
});

it('may be later ones: then an operator that was taken back says nothing', async () => {
  await relabel({ 'alm-operator.dev/version': '99.0.0', 'alm-operator.dev/schema': 'another' });
  expect(await saysOld()).toBe(false);
});
