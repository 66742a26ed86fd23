import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Checkout, makeCheckout } from './checkout.ts';
import { differenceOf } from './expected.ts';
import { type Step, stepsOf } from './guide.ts';
import { kubectlVersion } from './kubectl.ts';
import { Terminal } from './terminal.ts';

const page = readFileSync(new URL('../../docs/guides/getting-started.md', import.meta.url), 'utf8');
const steps = stepsOf(page);
const kubectl = kubectlVersion();

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { scripts } = JSON.parse(manifest) as { scripts: Readonly<Record<string, string>> };
const named = [...page.matchAll(/npm run (\w+)/g)].map(([, script = '']) => script);
const missing = named.filter((script) => !(script in scripts));

const STEP_LIMIT_MS = 120_000;
const END_LIMIT_MS = 20_000;

if (kubectl === undefined) {
  console.warn('SKIPPED: docs/guides/getting-started.md is not executed, for want of kubectl 1.30 or newer.');
}

it('promises an output of every step that comes to an end', () => {
  expect(steps.length).toBeGreaterThan(8);
  const silent = steps.filter(({ terminal, output }) => terminal === undefined && output === undefined);
  expect(silent).toEqual([]);
});

it('names only scripts that package.json has', () => {
  expect(named).toContain('cluster');
  expect(missing).toEqual([]);
});

// Without its scripts every step would only run into its time limit; the test above has failed then.
describe.skipIf(kubectl === undefined || missing.length > 0)(
  `docs/guides/getting-started.md, with kubectl ${kubectl}`,
  () => {
    const terminals = new Map<string, Terminal>();
    let checkout: Checkout;

    beforeAll(async () => {
      checkout = await makeCheckout();
    });
    afterAll(async () => {
      await Promise.all([...terminals.values()].map((terminal) => terminal.close(END_LIMIT_MS)));
      await checkout.remove();
    }, 2 * END_LIMIT_MS);

    /** Ports of the operator's own may be taken on the machine that tests run on. */
    const terminalOf = (name: string): Terminal => {
      const env = {
        ...checkout.env,
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
        HOME: checkout.folder,
        ALM_OPERATOR_HEALTH_ADDRESS: '127.0.0.1:0',
        ALM_OPERATOR_METRICS_ADDRESS: '127.0.0.1:0',
      };
      const terminal = terminals.get(name) ?? new Terminal({ folder: checkout.folder, env });
      terminals.set(name, terminal);
      return terminal;
    };

    const take = async ({ commands, output, terminal: name }: Step): Promise<string | undefined> => {
      const terminal = terminalOf(name ?? 'kubectl');
      if (name === undefined) return differenceOf(output ?? '', await terminal.run(commands, STEP_LIMIT_MS));
      terminal.type(commands);
      if (output === undefined) return undefined;
      await terminal.until((shown) => differenceOf(output, shown) === undefined, STEP_LIMIT_MS);
      return undefined;
    };

    it.each(steps.map((step) => ({ ...step, first: step.commands.split('\n')[0] ?? '' })))(
      '$heading: $first',
      async (step) => {
        const difference = await take(step);
        const operator = terminals.get('operator')?.output.slice(-4000);
        if (difference !== undefined) throw new Error(`${difference}\n\nThe operator:\n${operator}`);
      },
      2 * STEP_LIMIT_MS,
    );

    it(
      'ends both terminals with Ctrl-C, in order',
      async () => {
        const [cluster, operator] = [terminalOf('cluster'), terminalOf('operator')];
        expect(await operator.close(END_LIMIT_MS)).toBe(true);
        expect(await cluster.close(END_LIMIT_MS)).toBe(true);
        expect(cluster.output).toMatch(/\nEnding\.\s*$/);
      },
      3 * END_LIMIT_MS,
    );
  },
);
