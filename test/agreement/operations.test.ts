import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../src/api/crd.ts';
import { FAILURES, STATES } from '../../src/domain/reasons.ts';
import { FLAGS } from '../../src/flags.ts';
import { CONDITIONS } from '../docs/conditions.ts';

/** What the guide to operations and the page of the health endpoints name is there. */

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const pages = ['docs/guides/operations.md', 'docs/reference/health.md'].map((file) => {
  const page = text(file);
  const spans = [...page.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)];
  return { file, page, spans: spans.map(([, span = '']) => span) };
});
const guide = pages[0]?.page ?? '';

const firstCells = (path: string) =>
  new Set([...text(path).matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell));

const strangers = (words: Iterable<string>, known: ReadonlySet<string>) =>
  [...words].filter((word) => !known.has(word));

/** Words of kinds, of Kubernetes and of ALM's privileges that look like reasons. */
const OTHERS = ['SECADMIN', 'Orphaned', 'Revoked', 'Held', 'Retained', 'Revoking'];

describe.each(pages)('$file', ({ page, spans }) => {
  it('names metrics and labels that there are', () => {
    const metrics = firstCells('docs/reference/metrics.md');
    const named = [
      ...page.matchAll(
        /\b(?:alm_operator|controller_runtime|workqueue|leader_election|rest_client|process|nodejs)_\w+/g,
      ),
    ].map(([name]) => name.replace(/_bucket$/, ''));
    expect(strangers(named, metrics)).toEqual([]);
    const labels = new Map(
      [...text('docs/reference/metrics.md').matchAll(/^\| `(\w+)` \| \w+ \| (.*?) \|/gm)].map(
        ([, name = '', cell = '']) => [name, cell],
      ),
    );
    const used = [...page.matchAll(/\b(\w+)\{(\w+)!?=~?"/g)];
    expect(used.filter(([, name = '', label]) => !labels.get(name)?.includes(`\`${label}\``))).toEqual([]);
  });

  it('names reasons, conditions and kinds that there are', () => {
    const known = new Set([
      ...Object.keys(FAILURES),
      ...STATES,
      ...Object.values(CONDITIONS).flatMap((rows) => rows.map(({ type }) => type)),
      ...KINDS.map(({ resource }) => resource.kind),
      ...OTHERS,
    ]);
    expect(
      strangers(
        spans.filter((span) => /^[A-Z][A-Za-z]+$/.test(span)),
        known,
      ),
    ).toEqual([]);
  });

  it('names flags that there are, with the values that they have by themselves', () => {
    const known = new Set<string>(FLAGS.map(({ name }) => `--${name}`));
    const own = (span: string) => span.startsWith('--') && !FOREIGN.has(span);
    expect(
      strangers(
        spans.filter(own).map((span) => span.split(' ')[0] ?? ''),
        known,
      ),
    ).toEqual([]);
    const run = [...page.matchAll(/^node dist\/alm-operator\.js run (.*)$/gm)].flatMap(([, words = '']) => [
      ...words.matchAll(/--[\w-]+/g),
    ]);
    expect(
      strangers(
        run.map(([flag]) => flag),
        known,
      ),
    ).toEqual([]);
  });

  it('quotes lines of the log that there are', () => {
    const known = firstCells('docs/reference/logs.md');
    const prose = spans.filter((span) => /^[a-z][\w',]*( [\w',]+)+$/i.test(span) && !COMMAND.test(span));
    const quoted = [...page.matchAll(/"msg":"([^"[]+)"/g)].map(([, message = '']) => message);
    const messages = [...prose.filter((span) => !NOT_OF_THE_LOG.has(span)), ...quoted].filter(
      (message) => !/ server listening$/.test(message),
    );
    expect(strangers(messages, known)).toEqual([]);
  });
});

/** Of kubectl and of etcdutl. */
const FOREIGN = new Set(['--server-side', '--force-conflicts', '--bump-revision']);
const COMMAND = /^(kubectl|npm|curl|node|grep|kill|etcdutl)\b/;
/** Of the kubelet, and of the operator's last word on standard error. */
const NOT_OF_THE_LOG = new Set(['Liveness probe failed', 'the lease was lost']);

describe('docs/guides/operations.md', () => {
  it('tells the defaults of the flags that it tells at all', () => {
    const told = [...guide.matchAll(/`--([\w-]+)`(?:, | \()(\d+\w*)\)/g)];
    expect(told.length).toBeGreaterThan(2);
    const of = new Map<string, string | undefined>(
      FLAGS.map((flag) => [flag.name, 'fallback' in flag ? flag.fallback : undefined]),
    );
    const advised = /\(60s\)|\(40s\)|\(5s\)/;
    expect(
      told.filter(([whole, name = '', value]) => !advised.test(whole) && of.get(name) !== value),
    ).toEqual([]);
  });

  it('says in each section of the night what to look at or what to do', () => {
    const [, night = ''] = /^## 4\. .*\n([\s\S]*?)^## 5\. /m.exec(guide) ?? [];
    const sections = night.split(/^### /m).slice(1);
    expect(sections.length).toBeGreaterThan(20);
    const poor = sections.filter((section) => !/`|\| remedy \|/.test(section.slice(section.indexOf('\n'))));
    expect(poor.map((section) => section.split('\n')[0])).toEqual([]);
  });

  it('names scripts and benches that there are', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    const named = [...guide.matchAll(/npm run (\w+)(?: (\w+))?/g)];
    expect(named.length).toBeGreaterThan(2);
    for (const [, script = '', bench] of named) {
      expect(scripts).toHaveProperty(script);
      if (script === 'bench') expect(text(`test/bench/${bench}.bench.ts`)).not.toBe('');
    }
  });
});
