import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, type Definition } from '../../src/ops/catalogue.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { metricsPage } from '../docs/metrics.ts';
import { readScrape } from '../ops/support/scrape.ts';

const document = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');

type Row = Readonly<{ name: string; type: string; labels: string }>;

const rows: readonly Row[] = document
  .split('\n')
  .filter((line) => /^\| `\w+` \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name = '', type = '', labels = '']) => ({ name: name.replaceAll('`', ''), type, labels }));

const scraped = async () => readScrape((await createMetrics({ version: '1', now: () => 0 }).page()).text);

const isLinux = process.platform === 'linux';

describe('docs/reference/metrics.md', () => {
  it.runIf(isLinux)('is what the catalogue says; npm run docs writes it anew', async () => {
    expect(document).toBe(await metricsPage());
  });

  it.runIf(isLinux)('names the metrics of a scrape, each once with its type, and no others', async () => {
    const { types } = await scraped();
    const told = rows.map(({ name, type }) => `${name} ${type}`);
    expect(told.sort()).toEqual([...types].map(([name, type]) => `${name} ${type}`).sort());
  });

  it('names every label of the catalogue', () => {
    const labelled = ({ labels }: Definition) =>
      labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(', ');
    const of = new Map(rows.map(({ name, labels }) => [name, labels]));
    for (const [name, definition] of Object.entries<Definition>(CATALOGUE))
      expect(of.get(name), name).toBe(labelled(definition));
  });
});

describe('the catalogue', () => {
  const entries = Object.entries<Definition>(CATALOGUE);

  it('has no label for what there may be thousands of', () => {
    const bounded = new Set(
      (
        'controller result name code method verb host version connection route outcome change ready reason state ' +
        'cause phase resource metric wait'
      ).split(' '),
    );
    const strange = entries.flatMap(([metric, { labels }]) =>
      labels.filter((label) => !bounded.has(label)).map((label) => `${metric} ${label}`),
    );
    expect(strange).toEqual([]);
    // Of these the value is the name of a queue or a lease, of which there is a handful.
    const named = entries.filter(([, { labels }]) => labels.includes('name')).map(([metric]) => metric);
    expect(named.every((metric) => /^(workqueue|leader_election)_/.test(metric))).toBe(true);
  });

  it('names metrics as Prometheus advises', () => {
    for (const [name, { type, help, buckets }] of entries) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(buckets !== undefined, name).toBe(type === 'histogram');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(buckets, name).toEqual(buckets?.toSorted((a, b) => a - b));
      expect(help, name).toMatch(/^[A-Z0-9].*\.$/);
    }
  });
});
