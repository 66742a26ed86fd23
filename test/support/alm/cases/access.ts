import { FULL, formOf, type KnobCases, type Scene, SECRET } from './case.ts';

type Body = Readonly<Record<string, unknown>>;

async function userToken({ ask }: Scene, form: Readonly<Record<string, string>>): Promise<Body> {
  const { json } = await ask.token('NimrodClient', 'canary-7f3a9-NimrodClient', form);
  return json as Body;
}

async function apiAs({ ask }: Scene, token: string): Promise<string> {
  return formOf(await ask.api('POST', '', FULL, token));
}

export const ACCESS_CASES: KnobCases<
  | 'authMode'
  | 'tokenFormat'
  | 'expiresIn'
  | 'wrongSecret'
  | 'grantRefusal'
  | 'refreshForClients'
  | 'tokensAfterChange'
  | 'missingPrivilege'
  | 'slmAdminSuffices'
> = {
  authMode: {
    observe: async ({ ask }) => {
      const user = { username: 'root-sec-admin', api_key: 'canary-7f3a9-root-sec-admin-key' };
      const zen = await ask.send('POST', '/icp4d-api/v1/authorize', { body: JSON.stringify(user) });
      const wrong = await ask.send('POST', '/icp4d-api/v1/authorize', {
        body: '{"username":"root-sec-admin"}',
      });
      const { token = 'none' } = (zen.json ?? {}) as { token?: string };
      return [
        formOf(await ask.token('operator-login', 'canary-7f3a9-operator-login')),
        formOf(zen),
        formOf(wrong),
        formOf(await ask.api('POST', '', FULL, token)),
      ];
    },
    expected: {
      oauth: ['200 ok', '404 boot', '404 boot', '401 oauth invalid_token'],
      zen: ['404 boot', '200 ok', '401 ok', '201 ok'],
      none: ['404 boot', '404 boot', '404 boot', '201 ok'],
    },
  },
  tokenFormat: {
    observe: async (scene) => {
      const [first, second] = [await scene.ask.login(), await scene.ask.login()];
      const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(first);
      return [uuid, first.split('.').length, first === second, await apiAs(scene, first)];
    },
    expected: { opaque: [true, 1, true, '201 ok'], jwt: [false, 3, false, '201 ok'] },
  },
  expiresIn: {
    options: { now: () => 1_700_000_000_000 },
    observe: async ({ ask }) => {
      const { json } = await ask.token('LmClient', 'canary-7f3a9-LmClient');
      return (json as Body)['expires_in'];
    },
    expected: { remaining: 1199, zero: 0 },
    silent: ['remaining'],
  },
  wrongSecret: {
    observe: async ({ ask }) => {
      const replies = [await ask.token('LmClient', SECRET), await ask.token('nobody', SECRET)];
      return [...replies.map(formOf), replies[0]?.headers['www-authenticate']];
    },
    expected: {
      boot: ['401 boot', '401 boot', 'Basic realm="oauth2/client"'],
      oauth: ['401 oauth invalid_client', '401 oauth invalid_client', 'Basic realm="oauth2/client"'],
    },
  },
  grantRefusal: {
    observe: async ({ ask }) => {
      const reply = await ask.token('NimrodClient', 'canary-7f3a9-NimrodClient');
      return [formOf(reply), (reply.json as Body)['error_description']];
    },
    expected: {
      '401': ['401 oauth invalid_client', 'Unauthorized grant type: client_credentials'],
      '400': ['400 oauth unauthorized_client', 'Unauthorized grant type: client_credentials'],
    },
  },
  refreshForClients: {
    observe: async ({ ask, alm }) => {
      alm.state.set({ ...FULL, authorisedGrantTypes: ['client_credentials', 'refresh_token'] });
      const { refresh_token } = (await ask.token('app', SECRET)).json as { refresh_token?: string };
      const again = await ask.token('app', SECRET, {
        grant_type: 'refresh_token',
        refresh_token: refresh_token ?? 'none',
      });
      return [refresh_token !== undefined, formOf(again)];
    },
    expected: { no: [false, '400 oauth invalid_grant'], yes: [true, '200 ok'] },
  },
  tokensAfterChange: {
    observe: async (scene) => {
      scene.alm.state.set({ ...FULL, roles: ['RootSecAdmin'] });
      const token = await scene.ask.login('app', SECRET);
      await scene.ask.api('PUT', '/app', FULL);
      return formOf(await scene.ask.api('PUT', '/app', FULL, token));
    },
    expected: { kept: '200 ok', dropped: '401 oauth invalid_token' },
  },
  missingPrivilege: {
    observe: async (scene) => apiAs(scene, await scene.ask.login('DokiClient')),
    expected: { '403': '403 oauth access_denied', '401': '401 alm' },
  },
  slmAdminSuffices: {
    observe: async (scene) => [
      await apiAs(scene, await scene.ask.login('LmClient')),
      await apiAs(scene, (await userToken(scene, user('slm-admin')))['access_token'] as string),
      await apiAs(scene, (await userToken(scene, user('portal')))['access_token'] as string),
    ],
    expected: {
      no: ['403 oauth access_denied', '403 oauth access_denied', '403 oauth access_denied'],
      yes: ['201 ok', '409 alm', '403 oauth access_denied'],
    },
  },
};

function user(username: string): Readonly<Record<string, string>> {
  return { grant_type: 'password', username, password: `canary-7f3a9-${username}` };
}
