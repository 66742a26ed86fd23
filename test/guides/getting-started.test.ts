import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { END_LIMIT_MS, playGuide, readGuide } from './play.ts';

const guide = readGuide('getting-started');

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { scripts } = JSON.parse(manifest) as { scripts: Readonly<Record<string, string>> };

it('names only scripts that package.json has', () => {
  const named = [...guide.page.matchAll(/npm run (\w+)/g)].map(([, script = '']) => script);
  expect(named).toContain('cluster');
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

playGuide(guide, {
  after: (played) => {
    it(
      'ends both terminals with Ctrl-C, in order',
      async () => {
        const [cluster, operator] = [played.terminal('cluster'), played.terminal('operator')];
        expect(await operator.close(END_LIMIT_MS)).toBe(true);
        expect(await cluster.close(END_LIMIT_MS)).toBe(true);
        expect(cluster.output).toMatch(/\nEnding\.\s*$/);
      },
      3 * END_LIMIT_MS,
    );
  },
});
