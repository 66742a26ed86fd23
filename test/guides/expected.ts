/** Whether an output is what a page promises. Pure. */

/** What may stand in angle brackets for something that differs from run to run, and what it stands for. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  age: '(?:\\d+[smhd])+',
  hash: '[a-z2-7]{26}',
  port: '\\d{1,5}',
  replica: '[\\w.-]+_[a-z0-9]{12}',
  seconds: '\\d+\\.\\d',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{3})?Z',
};

/**
 * Lines are compared without regard to the widths of columns. A line of `…` stands for any number of lines. Undefined
 * where the output keeps its promise, else what it is and what was promised.
 */
export function differenceOf(promised: string, output: string): string | undefined {
  if (expressionOf(promised).test(`${linesOf(output).join('\n')}\n`)) return undefined;
  return `promised:\n${promised}\n\nbut there was:\n${output}`;
}

function expressionOf(promised: string): RegExp {
  const lines = linesOf(promised).map((line) =>
    line === '…' ? '(?:.*\\n)*?' : `${lineExpression(line)}\\n`,
  );
  return new RegExp(`^${lines.join('')}$`);
}

function lineExpression(line: string): string {
  return line
    .split(/(<\w+>)/)
    .map((part) => PLACEHOLDERS[part.slice(1, -1)] ?? part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('');
}

function linesOf(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '));
}
