import { expect, it } from 'vitest';
import { firstSteps, playGuide, readGuide } from './play.ts';

const LIMIT_MS = 30_000;

const guide = readGuide('operations');

/** Commands amid the text. There are no Pods in this cluster, and a reader fills in what stands in angle brackets. */
const looks = [...new Set([...guide.page.matchAll(/`(kubectl [^`]+)`/g)].map(([, command = '']) => command))]
  .filter((command) => !/\b(pods?|deploy|logs|port-forward)\b|</.test(command))
  .toSorted();

playGuide(guide, {
  before: firstSteps(),
  after: (played) => {
    it('has more to look at than what it plays', () => {
      expect(looks.length).toBeGreaterThan(8);
    });

    it.each(looks)(
      'takes a look with %s',
      async (command) => {
        const shown = await played.terminal('kubectl').run(`${command} && echo done`, LIMIT_MS);
        expect(shown).toMatch(/(^|\n)done\n$/);
        expect(shown).not.toMatch(/^(error|Error|Warning)/m);
      },
      2 * LIMIT_MS,
    );
  },
});
