import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KINDS } from '../../src/api/crd.ts';
import { parseSpec } from '../../src/api/parse.ts';
import { kstatusOf } from '../support/kstatus.ts';
import { luaInterpreters, runLua } from '../support/lua.ts';
import { actionsOf, CONFIG_MAP, configMapText, script, scriptPaths } from './argocd/files.ts';
import type { Health, Situation } from './argocd/situations/situation.ts';
import { SITUATIONS } from './argocd/situations.ts';

const NOW = Date.parse('2026-03-01T12:00:00.999Z');
const KIND = 'ClientCredential';

type Shown = Readonly<{ status: string; message: string }>;

/** What Flux and Argo CD call the same. A deletion has no word of its own in Argo CD, and a suspension none in Flux. */
const SAME: Readonly<Record<Health, readonly string[]>> = {
  Healthy: ['Current'],
  Progressing: ['InProgress', 'Terminating'],
  Degraded: ['Failed'],
  Suspended: ['Current', 'InProgress'],
  Unknown: [],
};

describe('kstatus, which Flux asks,', () => {
  it.each(SITUATIONS)('comes to the same: $name', ({ object, health, apart }) => {
    const verdict = kstatusOf(object);
    if (apart === undefined) expect(SAME[health]).toContain(verdict);
    else {
      expect(verdict).toBe(apart);
      expect(SAME[health]).not.toContain(verdict);
    }
  });

  it('calls an object in deletion Terminating, whatever else it says', () => {
    const deleted = SITUATIONS.filter(({ object }) => object.metadata.deletionTimestamp !== undefined);
    expect(deleted.length).toBeGreaterThan(3);
    expect(new Set(deleted.map(({ object }) => kstatusOf(object)))).toEqual(new Set(['Terminating']));
  });

  it('comes to another verdict only on claims, and on words that no operator of this version writes', () => {
    const apart = SITUATIONS.filter((row) => row.apart !== undefined && row.object.kind !== 'AlmClientClaim');
    expect(new Set(apart.map(({ name }) => name.split(': ')[1]))).toEqual(
      new Set(['no status', 'no conditions', 'an unknown truth']),
    );
  });
});

describe('the ConfigMap for Argo CD', () => {
  const text = readFileSync(new URL(`../../${CONFIG_MAP}`, import.meta.url), 'utf8');
  const { data } = parse(text) as { data: Readonly<Record<string, string>> };
  const key = (what: string, kind: string) => `resource.customizations.${what}.alm-operator.dev_${kind}`;

  it('is what the scripts say; npm run docs writes it anew', () => {
    expect(text).toBe(configMapText());
  });

  it('has the health of every kind, and the actions of the one that has any', () => {
    const kinds = KINDS.map(({ resource }) => resource.kind);
    expect(Object.keys(data).toSorted()).toEqual(
      [...kinds.map((kind) => key('health', kind)), key('actions', KIND)].toSorted(),
    );
    for (const kind of kinds) expect(data[key('health', kind)]).toBe(script(`${kind}/health.lua`));
  });

  it('has each action as its file has it', () => {
    const actions = parse(data[key('actions', KIND)] ?? '') as Readonly<Record<string, unknown>>;
    expect(actions).toEqual({
      'discovery.lua': script(`${KIND}/actions/discovery.lua`),
      definitions: ['refresh', 'resume', 'rotate', 'suspend'].map((name) => ({
        name,
        'action.lua': script(`${KIND}/actions/${name}/action.lua`),
      })),
    });
  });

  it('asks for nothing to be ignored, and for no library', () => {
    expect(text).not.toMatch(/ignoreDifferences|useOpenLibs/);
  });

  it('has nothing in any script that Flux would substitute', () => {
    expect(scriptPaths().filter((path) => script(path).includes('${'))).toEqual([]);
  });
});

const interpreters = luaInterpreters();
if (interpreters.length === 0) {
  console.warn(
    'SKIPPED: the scripts for Argo CD are not run, for want of a Lua interpreter (lua5.1, luajit, lua5.4).',
  );
}

describe.skipIf(interpreters.length === 0)('the scripts for Argo CD', () => {
  describe.each(interpreters)('in $version', (lua) => {
    const one = (path: string, obj: unknown) => runLua(lua, [{ script: script(path), obj }], NOW)[0];

    describe('health', () => {
      const calls = SITUATIONS.map(({ object }) => ({
        script: script(`${object.kind}/health.lua`),
        obj: object,
      }));
      let answers: readonly Shown[] | undefined;
      const shown = ({ name }: Situation): Shown => {
        answers ??= runLua(lua, calls, NOW) as readonly Shown[];
        return answers[SITUATIONS.findIndex((row) => row.name === name)] ?? { status: '', message: '' };
      };

      it.each(SITUATIONS)('is told: $name', (row) => {
        const { status, message } = shown(row);
        expect(status).toBe(row.health);
        expect(message).toContain(row.message ?? '');
      });

      it('of every row has a message', () => {
        expect(SITUATIONS.filter((row) => shown(row).message === '').map(({ name }) => name)).toEqual([]);
      });
    });

    describe('actions', () => {
      const object = {
        apiVersion: 'alm-operator.dev/v1beta1',
        kind: KIND,
        metadata: { name: 'orders', namespace: 'team-orders', generation: 1 },
        spec: {
          clientId: 'team-orders_orders',
          clientSecretRef: { name: 'orders-alm' },
          authorisedGrantTypes: ['client_credentials'],
          roles: ['Portal'],
        },
      };
      const generated = { ...object, spec: { generatedSecret: { name: 'orders-alm' } } };
      const suspended = { ...object, spec: { ...object.spec, suspend: true } };
      const ending = {
        ...object,
        metadata: { ...object.metadata, deletionTimestamp: '2026-03-01T12:00:00Z' },
      };
      const act = (name: string, obj: unknown) => one(`${KIND}/actions/${name}/action.lua`, obj);

      it.each([
        ['an object', object, ['refresh', 'suspend']],
        ['one with a generated secret', generated, ['refresh', 'rotate', 'suspend']],
        [
          'one that is not suspended in so many words',
          { ...object, spec: { suspend: false } },
          ['refresh', 'suspend'],
        ],
        ['a suspended one', suspended, ['resume']],
        [
          'a suspended one with a generated secret',
          { ...generated, spec: { ...generated.spec, suspend: true } },
          ['resume'],
        ],
        ['one in deletion', ending, []],
        ['a suspended one in deletion', { ...ending, spec: suspended.spec }, []],
      ])('are offered as they make sense: %s', (_, obj, enabled) => {
        const found = one(`${KIND}/actions/discovery.lua`, obj) as Record<string, { disabled: boolean }>;
        expect(Object.keys(found).toSorted()).toEqual(actionsOf(KIND));
        expect(
          Object.keys(found)
            .filter((name) => found[name]?.disabled === false)
            .toSorted(),
        ).toEqual(enabled);
      });

      it.each([
        ['refresh', 'reconcile.fluxcd.io/requestedAt'],
        ['rotate', 'alm-operator.dev/rotate'],
      ])('%s sets its annotation to the time, and nothing else', (name, annotation) => {
        const token = '2026-03-01T12:00:00Z';
        const metadata = { ...object.metadata, annotations: { [annotation]: 'before', team: 'orders' } };
        expect(act(name, object)).toEqual({
          ...object,
          metadata: { ...object.metadata, annotations: { [annotation]: token } },
        });
        expect(act(name, { ...object, metadata })).toEqual({
          ...object,
          metadata: { ...metadata, annotations: { [annotation]: token, team: 'orders' } },
        });
      });

      it('suspend and resume change one field, and what they leave is a valid spec', () => {
        const definition = KINDS.find(({ resource }) => resource.kind === KIND);
        expect(act('suspend', object)).toEqual(suspended);
        expect(act('resume', suspended)).toEqual(object);
        for (const { spec } of [suspended, object]) {
          expect(definition && parseSpec(definition.spec, spec).ok).toBe(true);
        }
      });
    });

    it('have no strings library, no files and no other module', () => {
      const tried = [
        'return { string == nil, io == nil, os == nil, load == nil }',
        'return { pcall(function() return ("a"):rep(2) end) == false }',
        'return { pcall(require, "io") == false }',
      ];
      const answers = runLua(
        lua,
        tried.map((text) => ({ script: text, obj: {} })),
        NOW,
      );
      expect(answers.flat()).toEqual([true, true, true, true, true, true]);
    });
  });
});
