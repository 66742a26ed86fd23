/** A guide as a test reads it: commands to run, each block with the output that it promises. Pure. */

export type Step = Readonly<{
  /** The heading that it stands under. */
  heading: string;
  commands: string;
  /** Undefined where the page shows none. */
  output: string | undefined;
  /** The terminal that the commands go on in; undefined for those that come to an end. */
  terminal: string | undefined;
  /** Ctrl-C in that terminal, and no commands. */
  interrupts: boolean;
}>;

const TOKEN =
  /^## (?<heading>.*)$|^<!-- Ctrl-C: (?<interrupted>\w+) -->$|(?:^<!-- terminal: (?<terminal>\w+) -->\n)?^```(?<language>\w*)\n(?<body>[\s\S]*?)^```$/gm;

/**
 * A block without a language directly after commands is their output, and one elsewhere an error: a promise that nothing
 * holds to its word.
 */
export function stepsOf(page: string): readonly Step[] {
  const steps: Step[] = [];
  let heading = '';
  let last: Step | undefined;
  for (const { groups = {}, index } of page.matchAll(TOKEN)) {
    const { language, body = '', terminal, interrupted } = groups;
    if (groups['heading'] !== undefined) {
      heading = groups['heading'];
      last = undefined;
    } else if (interrupted !== undefined) {
      steps.push({ heading, commands: '', output: undefined, terminal: interrupted, interrupts: true });
      last = undefined;
    } else if (language === 'sh') {
      last = { heading, commands: body.trimEnd(), output: undefined, terminal, interrupts: false };
      steps.push(last);
    } else if (language === '') {
      if (last === undefined) throw new Error(`line ${lineAt(page, index)}: output of nothing`);
      steps[steps.length - 1] = { ...last, output: body.trimEnd() };
      last = undefined;
    }
  }
  return steps;
}

/** For the name of a test. */
export function titleOf({ heading, commands, terminal, interrupts }: Step): string {
  return `${heading === '' ? 'To begin with' : heading}: ${interrupts ? `Ctrl-C in ${terminal}` : commands.split('\n')[0]}`;
}

function lineAt(page: string, index: number): number {
  return page.slice(0, index).split('\n').length;
}
