import { FULL, formOf, type KnobCases, RECORD, type Scene, SECRET } from './case.ts';

const NIMROD = {
  clientId: 'NimrodClient',
  authorisedGrantTypes: ['password', 'refresh_token'],
  accessTokenValidity: 1200,
  refreshTokenValidity: 30_600,
  roles: [],
};

async function itemRead({ ask }: Scene): Promise<unknown> {
  const reply = await ask.api('GET', '/NimrodClient');
  return reply.status === 200 ? masked(reply.json) : formOf(reply);
}

async function listRead({ ask }: Scene): Promise<unknown> {
  const reply = await ask.api('GET', '');
  if (reply.status !== 200) return formOf(reply);
  const list = reply.json as readonly { clientId: string }[];
  return [list.length, masked(list.find(({ clientId }) => clientId === 'NimrodClient'))];
}

function masked(record: unknown): unknown {
  return JSON.parse(JSON.stringify(record).replace(/\$2a\$10\$[./A-Za-z0-9]{53}/, 'HASH'));
}

/** The status, the new validity if the client got it, and what the log says was done. */
async function written({ alm, ask }: Scene, method: 'POST' | 'PUT', id: string): Promise<unknown> {
  const path = method === 'POST' ? '' : `/${id}`;
  const reply = await ask.api(method, path, { ...FULL, clientId: id, accessTokenValidity: 77 });
  const { accessTokenValidity } = alm.state.get(id) ?? {};
  return [formOf(reply), accessTokenValidity, alm.log.at(-1)?.wrote];
}

export const VERB_CASES: KnobCases<
  | 'getItem'
  | 'getList'
  | 'delete'
  | 'unsupportedVerb'
  | 'postExisting'
  | 'putMissing'
  | 'postStatus'
  | 'putStatus'
  | 'writeBody'
  | 'location'
> = {
  getItem: {
    observe: itemRead,
    expected: {
      'absent-405': '405 alm',
      'absent-404': '404 boot',
      omitted: NIMROD,
      blank: { ...NIMROD, clientSecret: '' },
      hash: { ...NIMROD, clientSecret: 'HASH' },
      plain: { ...NIMROD, clientSecret: 'canary-7f3a9-NimrodClient' },
    },
  },
  getList: {
    observe: listRead,
    expected: {
      'absent-405': '405 alm',
      'absent-404': '404 boot',
      omitted: [5, NIMROD],
      blank: [5, { ...NIMROD, clientSecret: '' }],
      hash: [5, { ...NIMROD, clientSecret: 'HASH' }],
      plain: [5, { ...NIMROD, clientSecret: 'canary-7f3a9-NimrodClient' }],
    },
  },
  delete: {
    observe: async ({ alm, ask }) => {
      const replies = [await ask.api('DELETE', '/DokiClient'), await ask.api('DELETE', '/nobody')];
      return [...replies.map(formOf), alm.state.get('DokiClient') !== undefined];
    },
    expected: {
      'absent-405': ['405 alm', '405 alm', true],
      'absent-404': ['404 boot', '404 boot', true],
      present: ['204 empty', '404 alm', false],
    },
  },
  unsupportedVerb: {
    observe: async ({ ask }) => [
      formOf(await ask.api('PATCH', '/NimrodClient', {})),
      formOf(await ask.api('DELETE', '')),
    ],
    expected: {
      '405': ['405 alm', '405 alm'],
      '404': ['404 boot', '404 boot'],
      '501': ['501 alm', '501 alm'],
    },
  },
  postExisting: {
    observe: (scene) => written(scene, 'POST', 'DokiClient'),
    expected: {
      '409': ['409 alm', 1200, undefined],
      '400': ['400 alm', 1200, undefined],
      '500': ['500 alm', 1200, undefined],
      'overwrite-200': ['200 ok', 77, 'updated'],
      'overwrite-201': ['201 ok', 77, 'updated'],
    },
  },
  putMissing: {
    observe: (scene) => written(scene, 'PUT', 'app'),
    expected: {
      '404': ['404 alm', undefined, undefined],
      '400': ['400 alm', undefined, undefined],
      '500': ['500 alm', undefined, undefined],
      'create-200': ['200 ok', 77, 'created'],
      'create-201': ['201 ok', 77, 'created'],
    },
  },
  postStatus: {
    observe: (scene) => written(scene, 'POST', 'app'),
    expected: {
      '201': ['201 ok', 77, 'created'],
      '200': ['200 ok', 77, 'created'],
      '204': ['204 empty', 77, 'created'],
    },
  },
  putStatus: {
    observe: (scene) => written(scene, 'PUT', 'DokiClient'),
    expected: {
      '200': ['200 ok', 77, 'updated'],
      '204': ['204 empty', 77, 'updated'],
      '201': ['201 ok', 77, 'updated'],
    },
  },
  writeBody: {
    observe: async ({ ask }) => [
      (await ask.api('POST', '', FULL)).json,
      (await ask.api('PUT', '/app', FULL)).json,
    ],
    expected: {
      echo: [RECORD, RECORD],
      empty: [undefined, undefined],
      'echo-with-secret': [
        { ...RECORD, clientSecret: SECRET },
        { ...RECORD, clientSecret: SECRET },
      ],
    },
  },
  location: {
    options: { pathPrefix: '/ishtar' },
    observe: async ({ alm, ask }) =>
      (await ask.api('POST', '', FULL)).headers['location']?.toString().replace(alm.url, 'URL'),
    expected: { on: 'URL/api/credentials/app', off: undefined },
  },
};
