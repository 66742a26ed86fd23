import { FULL, formOf, type KnobCases, RECORD, type Scene, SECRET, without } from './case.ts';

const LONG = `canary-7f3a9-${'x'.repeat(60)}`;

async function posted({ ask, alm }: Scene, change: Readonly<Record<string, unknown>>): Promise<unknown> {
  const reply = await ask.api('POST', '', { ...FULL, ...change });
  return [formOf(reply), alm.state.list().length];
}

export const VALUE_CASES: KnobCases<
  | 'unknownRole'
  | 'unknownProperty'
  | 'illegalGrants'
  | 'nonPositiveValidity'
  | 'clientIdCase'
  | 'clientIdLength'
  | 'clientIdCharacters'
  | 'secretLimit'
  | 'blankSecret'
  | 'emptyGrants'
> = {
  unknownRole: {
    observe: (scene) => posted(scene, { roles: ['toString'] }),
    expected: { accept: ['201 ok', 6], '400': ['400 alm', 5] },
  },
  unknownProperty: {
    observe: (scene) => posted(scene, { authorizedGrantTypes: [] }),
    expected: { accept: ['201 ok', 6], '400': ['400 alm', 5] },
  },
  illegalGrants: {
    observe: async (scene) => [
      await posted(scene, { clientId: 'a', authorisedGrantTypes: ['implicit', 'client_credentials'] }),
      await posted(scene, { clientId: 'b', authorisedGrantTypes: ['client_credentials', 'refresh_token'] }),
      await posted(scene, { clientId: 'c', authorisedGrantTypes: ['password'] }),
      await posted(scene, { clientId: 'd', authorisedGrantTypes: ['password', 'refresh_token'], roles: [] }),
    ],
    expected: {
      accept: [
        ['201 ok', 6],
        ['201 ok', 7],
        ['201 ok', 8],
        ['201 ok', 9],
      ],
      '400': [
        ['400 alm', 5],
        ['400 alm', 5],
        ['400 alm', 5],
        ['201 ok', 6],
      ],
    },
  },
  nonPositiveValidity: {
    observe: async (scene) => {
      const answer = await posted(scene, { accessTokenValidity: 0 });
      const { json } = await scene.ask.token('app', SECRET);
      return [
        answer,
        Object.keys(json as object).includes('expires_in'),
        formOf(await scene.ask.token('app', SECRET)),
      ];
    },
    expected: { forever: [['201 ok', 6], false, '200 ok'], '400': [['400 alm', 5], false, '401 boot'] },
  },
  clientIdCase: {
    options: { knobs: { getItem: 'omitted', delete: 'present' } },
    observe: async ({ alm, ask }) => [
      (await ask.api('POST', '', { ...FULL, clientId: 'dokiclient' })).status,
      (await ask.api('PUT', '/DOKICLIENT', without('clientId'))).status,
      (await ask.api('GET', '/DOKIclient')).status,
      (await ask.token('DokiCLIENT', SECRET)).status,
      (await ask.api('DELETE', '/dokiCLIENT')).status,
      alm.state
        .list()
        .map(({ clientId }) => clientId)
        .filter((id) => /doki/i.test(id)),
    ],
    expected: {
      sensitive: [201, 404, 404, 401, 404, ['DokiClient', 'dokiclient']],
      insensitive: [409, 200, 200, 200, 204, []],
    },
    silent: ['sensitive'],
  },
  clientIdLength: {
    observe: async (scene) => [
      await posted(scene, { clientId: 'x'.repeat(32) }),
      await posted(scene, { clientId: 'x'.repeat(33) }),
    ],
    expected: {
      '0': [
        ['201 ok', 6],
        ['201 ok', 7],
      ],
      '32': [
        ['201 ok', 6],
        ['400 alm', 6],
      ],
    },
    silent: ['0'],
  },
  clientIdCharacters: {
    observe: async (scene) => [
      await posted(scene, { clientId: 'team-a_app' }),
      await posted(scene, { clientId: 'team a' }),
    ],
    expected: {
      any: [
        ['201 ok', 6],
        ['201 ok', 7],
      ],
      word: [
        ['201 ok', 6],
        ['400 alm', 6],
      ],
    },
  },
  secretLimit: {
    observe: async (scene) => {
      const answer = await posted(scene, { clientSecret: LONG });
      const logins = [LONG, `${LONG}x`, LONG.slice(0, 72), LONG.slice(0, 71)];
      const statuses: number[] = [];
      for (const secret of logins) statuses.push((await scene.ask.token('app', secret)).status);
      return [answer, statuses, logins.map((secret) => scene.alm.matches('app', secret))];
    },
    expected: {
      off: [
        ['201 ok', 6],
        [200, 401, 401, 401],
        [true, false, false, false],
      ],
      cut: [
        ['201 ok', 6],
        [200, 200, 200, 401],
        [true, true, true, false],
      ],
      '400': [
        ['400 alm', 5],
        [401, 401, 401, 401],
        [false, false, false, false],
      ],
    },
  },
  blankSecret: {
    observe: async (scene) => {
      await scene.ask.api('POST', '', { ...FULL, clientSecret: ' \n' });
      const statuses = [
        (await scene.ask.token('app', 'whatever')).status,
        (await scene.ask.token('app', '')).status,
      ];
      return [statuses, scene.alm.matches('app', 'whatever')];
    },
    expected: { opens: [[200, 200], true], refuses: [[401, 401], false] },
  },
  emptyGrants: {
    observe: async ({ ask, alm }) => {
      alm.state.set({ ...RECORD, clientSecret: SECRET, authorisedGrantTypes: [] });
      return formOf(await ask.token('app', SECRET));
    },
    expected: { all: '200 ok', none: '401 oauth invalid_client' },
  },
};
