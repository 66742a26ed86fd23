/** How the demo talks: one line a step, the time it took, colours only on a terminal. */

const COLOURS = { dim: 2, bold: 1, green: 32, red: 31, cyan: 36 } as const;

export type Story = Readonly<{
  chapter(title: string): void;
  say(text: string): void;
  /** Runs one step and tells whether what was promised came true. Never rejects. */
  expect(promise: string, check: () => Promise<string | undefined>): Promise<void>;
  failures(): number;
}>;

export type Sink = Readonly<{ write(text: string): unknown; isTTY?: boolean }>;

export function createStory(out: Sink): Story {
  const paint = (colour: keyof typeof COLOURS, text: string) =>
    out.isTTY === true ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  let failures = 0;
  return {
    chapter: (title) => out.write(`\n${paint('bold', title)}\n`),
    say: (text) => out.write(`  ${paint('dim', text)}\n`),
    expect: async (promise, check) => {
      if (out.isTTY === true) out.write(`  … ${promise}`);
      const begun = performance.now();
      const result = await settled(check);
      const took = paint('dim', `${((performance.now() - begun) / 1000).toFixed(1)} s`);
      const clear = out.isTTY === true ? '\r\u001b[K' : '';
      if (result.ok) {
        const shown = result.detail === undefined ? '' : `: ${paint('cyan', result.detail)}`;
        out.write(`${clear}  ${paint('green', '✓')} ${promise}${shown} ${took}\n`);
        return;
      }
      failures += 1;
      out.write(`${clear}  ${paint('red', '✗')} ${promise} ${took}\n    ${result.problem}\n`);
    },
    failures: () => failures,
  };
}

type Settled = Readonly<{ ok: true; detail: string | undefined }> | Readonly<{ ok: false; problem: string }>;

async function settled(check: () => Promise<string | undefined>): Promise<Settled> {
  try {
    return { ok: true, detail: await check() };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}
