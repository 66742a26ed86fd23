import { describe, expect, it } from 'vitest';
import { type Import, importsOf, readSources, type Source, withoutComments } from './sources.ts';

const sources = readSources();

/** The parts of kube/ that are data and arithmetic. */
const PURE_KUBE = /^kube\/(types|outcome|conditions|backoff|selector|election|microtime)\.ts$/;
const SENSITIVE = /^sensitive\.ts$/;

type Reach = Readonly<{ imports: readonly RegExp[]; types?: readonly RegExp[] }>;

/** Which of our own files each part may import, and of which it may see the types only. */
const REACH: Readonly<Record<string, Reach>> = {
  'sensitive.ts': { imports: [] },
  'flags.ts': { imports: [] },
  'settings.ts': { imports: [/^api\//, /^flags\.ts$/, PURE_KUBE, SENSITIVE] },
  'operator.ts': {
    imports: [/^(api|domain|reconcile|alm|kube|ops)\//, /^(controllers|settings|sensitive)\.ts$/],
  },
  'controllers.ts': { imports: [/^(api|domain|reconcile|alm|kube|ops)\//, /^(settings|sensitive)\.ts$/] },
  'main.ts': { imports: [/^(cli|ops)\//, /^(operator|controllers|flags|settings)\.ts$/] },
  api: { imports: [/^api\//], types: [PURE_KUBE] },
  domain: { imports: [/^domain\//, PURE_KUBE, SENSITIVE], types: [/^api\//] },
  kube: { imports: [/^kube\//, SENSITIVE] },
  alm: {
    imports: [/^alm\//, /^kube\/(outcome|backoff|bucket|clock|turns)\.ts$/, SENSITIVE],
    types: [/^domain\//, PURE_KUBE],
  },
  reconcile: { imports: [/^(reconcile|domain|api|alm|kube)\//, SENSITIVE], types: [/^ops\//] },
  ops: {
    imports: [/^ops\//, SENSITIVE],
    types: [/^kube\//, /^settings\.ts$/, /^alm\/options\.ts$/, /^reconcile\/(census|observer)\.ts$/],
  },
  cli: { imports: [/^(cli|api)\//, /^(operator|settings)\.ts$/] },
};

/** Where each package is used, so that it can be replaced there. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  '@kubernetes/client-node': /^kube\/(kubeconfig|auth)\.ts$/,
  commander: /^main\.ts$/,
  pino: /^ops\/log\.ts$/,
  'prom-client': /^ops\//,
  undici: /^(kube|alm)\//,
  yaml: /^(api\/crd|kube\/kubeconfig)\.ts$/,
  zod: /^(api\/|alm\/|reconcile\/|settings\.ts$)/,
};

/** Pure parts compute hashes and compare; everything else of Node belongs to a shell. */
const NODE_IN_PURE = new Set(['node:crypto']);

type Effect = Readonly<{ effect: string; pattern: RegExp; homes: readonly string[] }>;

const EFFECTS: readonly Effect[] = [
  { effect: 'process', pattern: /\bprocess\b(?!:)|node:process/, homes: ['main.ts'] },
  {
    effect: 'the clock',
    pattern: /\bDate\.now\b|new Date\(\)|performance\.now\b/,
    homes: ['kube/clock.ts'],
  },
  {
    effect: 'randomness',
    pattern: /\bMath\.random\b|\brandom(UUID|Bytes|Int|FillSync)\b|getRandomValues/,
    homes: ['kube/clock.ts', 'ops/random.ts'],
  },
  {
    effect: 'timers',
    pattern: /\bset(Timeout|Interval|Immediate)\b|AbortSignal\.timeout|node:timers/,
    homes: ['alm/exchange.ts', 'kube/clock.ts'],
  },
  { effect: 'the console', pattern: /\bconsole\./, homes: [] },
  {
    effect: 'the value of a secret',
    pattern: /\.reveal\b/,
    homes: ['alm/dispatcher.ts', 'alm/quote.ts', 'alm/wire.ts', 'reconcile/generated.ts'],
  },
];

function partOf(file: string): string {
  return file.split('/')[0] ?? file;
}

const isOurs = ({ to }: Import) => to.endsWith('.ts');

function strayImports({ file, imports }: Source): readonly string[] {
  const reach = REACH[partOf(file)];
  return imports
    .filter(isOurs)
    .filter(({ to, typeOnly }) => {
      const allowed = [...(reach?.imports ?? []), ...(typeOnly ? (reach?.types ?? []) : [])];
      return !allowed.some((pattern) => pattern.test(to));
    })
    .map(({ to, typeOnly }) => `${file} imports ${typeOnly ? 'types of ' : ''}${to}`);
}

function strayPackages({ file, imports }: Source): readonly string[] {
  const pure = ['api', 'domain', 'sensitive.ts'].includes(partOf(file));
  return imports
    .filter((made) => !isOurs(made))
    .filter(({ to }) => {
      if (to.startsWith('node:'))
        return pure && !NODE_IN_PURE.has(to) && !(file === 'sensitive.ts' && to === 'node:util');
      return !(PACKAGES[to]?.test(file) ?? false);
    })
    .map(({ to }) => `${file} imports ${to}`);
}

/** The files on some way from `file` back to itself, by whatever kind of import. */
function cycleFrom(file: string, graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const open: string[][] = [[file]];
  const seen = new Set<string>();
  for (let way = open.pop(); way !== undefined; way = open.pop()) {
    for (const next of graph.get(way.at(-1) ?? '') ?? []) {
      if (next === file) return [...way, next];
      if (!seen.has(next)) open.push([...way, next]);
      seen.add(next);
    }
  }
  return [];
}

describe('the import rule', () => {
  it('has a line for every part of src', () => {
    expect([...new Set(sources.map(({ file }) => partOf(file)))].filter((part) => !(part in REACH))).toEqual(
      [],
    );
  });

  it('is kept by every file', () => {
    expect(sources.flatMap(strayImports)).toEqual([]);
  });

  it('gives every package its home, and keeps Node out of what is pure', () => {
    expect(sources.flatMap(strayPackages)).toEqual([]);
  });

  it('leaves no cycle', () => {
    const graph = new Map(
      sources.map(({ file, imports }) => [file, imports.filter(isOurs).map(({ to }) => to)]),
    );
    const cycles = sources
      .map(({ file }) => cycleFrom(file, graph).join(' → '))
      .filter((cycle) => cycle !== '');
    expect(cycles).toEqual([]);
  });

  it('points at files that exist', () => {
    const known = new Set(sources.map(({ file }) => file));
    const lost = sources.flatMap(({ file, imports }) =>
      imports.filter((made) => isOurs(made) && !known.has(made.to)).map(({ to }) => `${file} imports ${to}`),
    );
    expect(lost).toEqual([]);
  });
});

describe('effects', () => {
  it.each(EFFECTS)('$effect appears only at home', ({ pattern, homes }) => {
    const elsewhere = sources.filter(({ file, code }) => pattern.test(code) && !homes.includes(file));
    expect(elsewhere.map(({ file }) => file)).toEqual([]);
  });

  it.each(EFFECTS)('$effect has no home that does not need it', ({ pattern, homes }) => {
    const idle = homes.filter(
      (home) => !sources.some(({ file, code }) => file === home && pattern.test(code)),
    );
    expect(idle).toEqual([]);
  });
});

describe('files', () => {
  const where = (wrong: (source: Source) => boolean) => sources.filter(wrong).map(({ file }) => file);

  it('have at most 280 lines', () => {
    expect(where(({ text }) => text.trimEnd().split('\n').length > 280)).toEqual([]);
  });

  it('are named after the thing, not after a drawer', () => {
    expect(
      where(({ file }) => /(^|\/)(utils?|common|helpers?|lib|core|shared|misc|index)(\/|\.ts$)/.test(file)),
    ).toEqual([]);
  });

  it('export by name, and only what is their own', () => {
    expect(where(({ code }) => /^export default\b/m.test(code))).toEqual([]);
    expect(where(({ imports }) => imports.some(({ reExport }) => reExport))).toEqual([]);
  });

  it('keep no state of their own', () => {
    expect(where(({ code }) => /^(export )?(let|var) /m.test(code))).toEqual([]);
  });
});

describe('the reading of sources', () => {
  it('finds every kind of import', () => {
    const code = [
      "import { a } from './a.ts';",
      "import type { B } from '../kube/b.ts';",
      'import {\n  c,\n  type D,\n} from "./not-a-quote-of-ours";',
      "import {\n  e,\n} from './e.ts';",
      "import 'node:fs';",
      "export { f } from './f.ts';",
      "const g = await import('./g.ts');",
      "export const from = 'nowhere';",
    ].join('\n');
    expect(importsOf('alm/x.ts', code).map(({ to, typeOnly, reExport }) => [to, typeOnly, reExport])).toEqual(
      [
        ['alm/a.ts', false, false],
        ['kube/b.ts', true, false],
        ['alm/e.ts', false, false],
        ['node:fs', false, false],
        ['alm/f.ts', false, true],
        ['alm/g.ts', false, false],
      ],
    );
  });

  it('does not take a comment for code, nor an address for a comment', () => {
    const text = "/* process\n */ const a = 'https://x'; // Date.now\n";
    expect(withoutComments(text)).toBe("          \n    const a = 'https://x';            \n");
  });
});
