/** The text format of Prometheus, read by hand. */

export type Scrape = Readonly<{
  /** Values by series, as they are written: `name{a="b"}`. */
  series: ReadonlyMap<string, number>;
  types: ReadonlyMap<string, string>;
  helps: ReadonlyMap<string, string>;
}>;

export function readScrape(text: string): Scrape {
  const series = new Map<string, number>();
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const about = /^# (HELP|TYPE) (\w+) (.*)$/.exec(line);
    if (about !== null) {
      (about[1] === 'HELP' ? helps : types).set(about[2] ?? '', about[3] ?? '');
      continue;
    }
    const [, name, value] = /^(\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a line of a scrape: ${line}`);
    if (series.has(name)) throw new Error(`told twice: ${name}`);
    series.set(name, Number(value));
  }
  return { series, types, helps };
}

/** The metric that a series belongs to; a histogram has three kinds of them. */
export function metricOf(series: string, { types }: Scrape): string {
  const name = series.replace(/\{.*/, '');
  return types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
}
