/** Runs a guide step by step, each as a test of its own, in terminals as a reader has them. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Checkout, makeCheckout } from './checkout.ts';
import { differenceOf } from './expected.ts';
import { type Step, stepsOf, titleOf } from './guide.ts';
import { kubectlVersion } from './kubectl.ts';
import { Terminal } from './terminal.ts';

export type Guide = Readonly<{ name: string; page: string; steps: readonly Step[] }>;

export type Played = Readonly<{
  /** Opens it where it is not open yet. */
  terminal(name: string): Terminal;
}>;

const STEP_LIMIT_MS = 120_000;
export const END_LIMIT_MS = 20_000;

export function readGuide(name: string): Guide {
  const page = readFileSync(new URL(`../../docs/guides/${name}.md`, import.meta.url), 'utf8');
  return { name, page, steps: stepsOf(page) };
}

/** What a guide starts from that says so: the cluster, the operator and a connection that is ready. */
export function firstSteps(): readonly Step[] {
  return readGuide('getting-started').steps.filter(({ heading }) => /^[123]\. /.test(heading));
}

/** `after` adds tests that run at the end, with the terminals still there. */
export function playGuide(
  { name, steps }: Guide,
  { before = [], after }: Readonly<{ before?: readonly Step[]; after?: (played: Played) => void }> = {},
): void {
  const kubectl = kubectlVersion();
  const missing = kubectl === undefined ? 'kubectl 1.30 or newer' : hasCurl() ? undefined : 'curl';
  if (missing !== undefined)
    console.warn(`SKIPPED: docs/guides/${name}.md is not executed, for want of ${missing}.`);

  it('promises an output of every step that comes to an end', () => {
    expect(steps.length).toBeGreaterThan(3);
    const silent = steps.filter(({ terminal, output }) => terminal === undefined && output === undefined);
    expect(silent).toEqual([]);
  });

  describe.skipIf(missing !== undefined)(`docs/guides/${name}.md, with kubectl ${kubectl}`, () => {
    const stage = new Stage();
    beforeAll(() => stage.open());
    afterAll(() => stage.close(), 3 * END_LIMIT_MS);

    it.each([...before, ...steps].map((step) => ({ step, title: titleOf(step) })))(
      '$title',
      async ({ step }) => {
        if (stage.isSpoilt) throw new Error('A step before this one has failed.');
        const difference = await stage.take(step).catch(String);
        stage.isSpoilt = difference !== undefined;
        if (difference !== undefined)
          throw new Error(`${difference}\n\nThe operator:\n${stage.operatorTail}`);
      },
      2 * STEP_LIMIT_MS,
    );

    after?.(stage);
  });
}

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

class Stage {
  readonly #terminals = new Map<string, Terminal>();
  #checkout: Checkout | undefined;
  /** A step has failed: those after it would only run into their time limits. */
  isSpoilt = false;

  async open(): Promise<void> {
    this.#checkout = await makeCheckout();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#terminals.values()].map((terminal) => terminal.close(END_LIMIT_MS)));
    await this.#checkout?.remove();
  }

  get operatorTail(): string {
    return this.#terminals.get('operator')?.output.slice(-4000) ?? '';
  }

  terminal(name: string): Terminal {
    if (this.#checkout === undefined) throw new Error('There is no checkout to open a terminal in.');
    const { folder, env } = this.#checkout;
    const terminal =
      this.#terminals.get(name) ?? new Terminal({ folder, env: { ...environment(folder), ...env } });
    this.#terminals.set(name, terminal);
    return terminal;
  }

  /** Undefined where the step keeps its promise. */
  async take({ commands, output, terminal: name, interrupts }: Step): Promise<string | undefined> {
    const terminal = this.terminal(name ?? 'kubectl');
    if (interrupts) {
      this.#terminals.delete(name ?? 'kubectl');
      return (await terminal.close(END_LIMIT_MS)) ? undefined : `${name} did not end with Ctrl-C`;
    }
    if (name === undefined) {
      return differenceOf(output ?? '', await terminal.run(this.#filledIn(commands), STEP_LIMIT_MS));
    }
    terminal.type(commands);
    if (output === undefined) return undefined;
    await terminal.until((shown) => differenceOf(output, shown) === undefined, STEP_LIMIT_MS);
    return undefined;
  }

  /** What a reader copies from the first terminal: `<port>` in commands is that of the control address. */
  #filledIn(commands: string): string {
    const [, port] = /^Control +http:\/\/127\.0\.0\.1:(\d+)/m.exec(this.terminal('cluster').output) ?? [];
    return port === undefined ? commands : commands.replaceAll('<port>', port);
  }
}

/** Ports of the operator's own may be taken on the machine that tests run on. */
function environment(folder: string): Readonly<Record<string, string>> {
  return {
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: folder,
    ALM_OPERATOR_HEALTH_ADDRESS: '127.0.0.1:0',
    ALM_OPERATOR_METRICS_ADDRESS: '127.0.0.1:0',
  };
}
