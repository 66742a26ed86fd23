import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Asker } from './asker.ts';
import { ACCESS_CASES } from './cases/access.ts';
import type { KnobCases } from './cases/case.ts';
import { FORM_CASES } from './cases/forms.ts';
import { RECORD_CASES } from './cases/records.ts';
import { TIME_CASES } from './cases/times.ts';
import { VALUE_CASES } from './cases/values.ts';
import { VERB_CASES } from './cases/verbs.ts';
import { describeValues, initialOf, type Knob } from './knob.ts';
import { KNOB_NAMES, KNOBS, type KnobName, type Knobs } from './knobs.ts';
import { type AlmOptions, startAlm } from './server.ts';
import { knobSetting, setKnobs } from './settings.ts';

const CASES: KnobCases<KnobName> = {
  ...VERB_CASES,
  ...RECORD_CASES,
  ...VALUE_CASES,
  ...FORM_CASES,
  ...ACCESS_CASES,
  ...TIME_CASES,
};

/** The same table with its types worn off, so that one test can walk through it. */
type Row = Readonly<{
  options?: Partial<AlmOptions>;
  observe: (typeof CASES)[KnobName]['observe'];
  expected: Readonly<Record<string, unknown>>;
  silent?: readonly string[];
}>;

const ROWS: Readonly<Record<KnobName, Row>> = CASES;

describe.each(KNOB_NAMES)('knob %s', (name) => {
  const { options = {}, observe, expected, silent = [] } = ROWS[name];

  it.each(Object.keys(expected))('at %s', async (word) => {
    const knobs = { ...options.knobs, [name]: knobSetting(name, word) } as Partial<Knobs>;
    const alm = await startAlm({ ...options, knobs });
    const ask = new Asker(alm);
    try {
      expect(await observe({ alm, ask })).toEqual(expected[word]);
      const noted = alm.log.some((request) => request.knobs.includes(`${name}=${word}`));
      expect(noted).toBe(!silent.includes(word));
    } finally {
      await ask.close();
      await alm.stop();
    }
  });

  it('is tested in each position, or its default and another', () => {
    const knob: Knob = KNOBS[name];
    const words = Object.keys(expected);
    if (knob.kind === 'choice') expect(words.sort()).toEqual([...knob.values].sort());
    else expect(words.filter((word) => word === String(knob.initial)).length).toBe(1);
    expect(words.length).toBeGreaterThan(1);
  });
});

describe('knobs', () => {
  it('stand at their defaults but for what was changed', () => {
    expect(setKnobs({ postExisting: '400' })).toMatchObject({
      postExisting: '400',
      putMissing: '404',
      replicas: 1,
    });
  });

  it.each([
    [
      'postExisting',
      '410',
      'postExisting cannot be 410. It can be: 409, 400, 500, overwrite-200, overwrite-201.',
    ],
    ['replicas', '-1', 'replicas cannot be -1. It can be: whole number ≥ 0.'],
    ['replicas', '1.5', 'replicas cannot be 1.5. It can be: whole number ≥ 0.'],
  ])('refuse what they cannot be: %s %s', (name, word, message) => {
    expect(() => knobSetting(name, word)).toThrow(message);
  });

  it('are known by name only', () => {
    expect(() => knobSetting('toString', 'x')).toThrow(/^No knob is called toString\. There are: getItem, /);
    expect(() => setKnobs({ postStatus: '202' } as unknown as Partial<Knobs>)).toThrow(
      'postStatus cannot be 202',
    );
  });

  it('are the table in the README', async () => {
    const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');
    const rows = KNOB_NAMES.map((name) => {
      const knob: Knob = KNOBS[name];
      return `| \`${name}\` | ${describeValues(knob)} | ${initialOf(knob)} | ${knob.basis} | ${knob.about} |`;
    });
    expect(readme.split('\n').filter((line) => /^\| `\w+` \|/.test(line))).toEqual(rows);
  });
});
