/** What a bench found out, as a table. */

export type Figure = Readonly<{
  what: string;
  value: number;
  unit: string;
  /** The value has to stay below it. */
  limit?: number;
}>;

/** `tell` is for what happens meanwhile. */
export type Bench = (tell: (line: string) => void) => Promise<readonly Figure[]>;

export function report(figures: readonly Figure[]): string {
  const widest = Math.max(...figures.map(({ what }) => what.length));
  return figures
    .map((figure) => `${figure.what.padEnd(widest)}  ${valued(figure)}${judged(figure)}`)
    .join('\n');
}

function valued({ value, unit }: Figure): string {
  return `${value.toFixed(value < 10 ? 1 : 0).padStart(7)} ${unit}`;
}

function judged({ value, unit, limit }: Figure): string {
  if (limit === undefined) return '';
  return value < limit ? `  (below ${limit} ${unit})` : `  NOT BELOW ${limit} ${unit}`;
}
