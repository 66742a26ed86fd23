import { FULL, type KnobCases, type Scene, SECRET, without } from './case.ts';

const OLD = {
  clientId: 'app',
  clientSecret: 'canary-7f3a9-old',
  authorisedGrantTypes: ['password'],
  accessTokenValidity: 11,
  refreshTokenValidity: 22,
  roles: ['ReadOnly'],
} as const;

/** What a PUT without a property leaves of it, and then what a POST without it does. */
async function omitted<T>(
  scene: Scene,
  property: keyof typeof FULL,
  read: (id: string) => T,
): Promise<unknown> {
  scene.alm.state.set(OLD);
  const put = await scene.ask.api('PUT', '/app', without(property));
  const post = await scene.ask.api('POST', '', { ...without(property), clientId: 'fresh' });
  return [
    put.status,
    put.status === 200 ? read('app') : 'old',
    post.status,
    post.status === 201 && read('fresh'),
  ];
}

function opensWith({ alm }: Scene, id: string): readonly boolean[] {
  return [OLD.clientSecret, SECRET, 'canary-7f3a9-anything'].map((secret) => alm.matches(id, secret));
}

export const RECORD_CASES: KnobCases<
  'omittedSecret' | 'omittedValidities' | 'omittedGrants' | 'omittedRoles' | 'newSecret' | 'idMismatch'
> = {
  omittedSecret: {
    observe: (scene) => omitted(scene, 'clientSecret', (id) => opensWith(scene, id)),
    expected: {
      clear: [200, [true, true, true], 201, [true, true, true]],
      keep: [200, [true, false, false], 201, [true, true, true]],
      '400': [400, 'old', 400, false],
    },
  },
  omittedValidities: {
    observe: async (scene) =>
      [
        await omitted(scene, 'accessTokenValidity', (id) => scene.alm.state.get(id)?.accessTokenValidity),
        await omitted(scene, 'refreshTokenValidity', (id) => scene.alm.state.get(id)?.refreshTokenValidity),
      ].map((row) => (row as unknown[]).slice(0, 2)),
    expected: {
      default: [
        [200, 1200],
        [200, 30_600],
      ],
      keep: [
        [200, 11],
        [200, 22],
      ],
      clear: [
        [200, 43_200],
        [200, 2_592_000],
      ],
      '400': [
        [400, 'old'],
        [400, 'old'],
      ],
    },
  },
  omittedGrants: {
    observe: (scene) =>
      omitted(scene, 'authorisedGrantTypes', (id) => scene.alm.state.get(id)?.authorisedGrantTypes.join()),
    expected: {
      default: [200, 'authorization_code,refresh_token', 201, 'authorization_code,refresh_token'],
      keep: [200, 'password', 201, 'authorization_code,refresh_token'],
      clear: [200, '', 201, ''],
      '400': [400, 'old', 400, false],
    },
  },
  omittedRoles: {
    observe: (scene) => omitted(scene, 'roles', (id) => scene.alm.state.get(id)?.roles.join()),
    expected: {
      clear: [200, '', 201, ''],
      keep: [200, 'ReadOnly', 201, ''],
      '400': [400, 'old', 400, false],
    },
  },
  newSecret: {
    observe: async (scene) => {
      scene.alm.state.set(OLD);
      await scene.ask.api('PUT', '/app', FULL);
      return opensWith(scene, 'app');
    },
    expected: { applied: [false, true, false], ignored: [true, false, false] },
  },
  idMismatch: {
    observe: async ({ alm, ask }) => {
      const reply = await ask.api('PUT', '/DokiClient', { ...FULL, clientId: 'NimrodClient' });
      const validity = (id: string) => alm.state.get(id)?.accessTokenValidity;
      return [reply.status, validity('DokiClient'), validity('NimrodClient')];
    },
    expected: { '400': [400, 1200, 1200], 'path-wins': [200, 600, 1200], 'body-wins': [200, 1200, 600] },
  },
};
