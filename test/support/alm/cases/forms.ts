import { FULL, formOf, type KnobCases } from './case.ts';

/** As the vendor's guide shows it, with a comma too many. */
const TRAILING_COMMA = JSON.stringify({ ...FULL, roles: [',]'] }).replace(
  '"client_credentials"]',
  '"client_credentials",]',
);

export const FORM_CASES: KnobCases<
  | 'json'
  | 'invalidBody'
  | 'wrongMediaType'
  | 'pathFirewall'
  | 'dotTruncation'
  | 'jsonCharset'
  | 'notFoundBody'
  | 'serverErrorBody'
  | 'refusalEcho'
> = {
  json: {
    observe: async ({ alm, ask }) => [
      formOf(await ask.api('POST', '', TRAILING_COMMA)),
      formOf(await ask.api('POST', '', '{"clientId":')),
      alm.state.get('app')?.roles,
    ],
    expected: { strict: ['400 alm', '400 alm', undefined], lenient: ['201 ok', '400 alm', [',]']] },
  },
  invalidBody: {
    observe: async ({ ask }) => [
      formOf(await ask.api('POST', '', 'clientId=app')),
      formOf(await ask.api('POST', '', '[]')),
      formOf(await ask.api('POST', '', { ...FULL, accessTokenValidity: '600s' })),
      formOf(await ask.api('POST', '', { ...FULL, roles: 'Portal' })),
    ],
    expected: {
      '400': ['400 alm', '400 alm', '400 alm', '400 alm'],
      '500': ['500 alm', '500 alm', '500 alm', '500 alm'],
    },
  },
  wrongMediaType: {
    observe: async ({ ask }) => {
      const authorization = `Bearer ${await ask.login()}`;
      const types = ['text/plain', 'application/json; charset=utf-8', 'application/jsonx'];
      const forms: string[] = [];
      for (const [index, type] of types.entries()) {
        const body = JSON.stringify({ ...FULL, clientId: `app${index}` });
        const headers = { authorization, 'content-type': type };
        forms.push(formOf(await ask.send('POST', '/api/credentials', { headers, body })));
      }
      return forms;
    },
    expected: { '415': ['415 alm', '201 ok', '415 alm'], accept: ['201 ok', '201 ok', '201 ok'] },
  },
  pathFirewall: {
    options: { knobs: { putMissing: 'create-201' } },
    observe: async ({ alm, ask }) => {
      const ids = ['a;b', 'a%3Bb', 'a%2Fb', 'a%5Cb', 'a%25b', 'a%00b', 'a%2Eb', 'a%20b'];
      const forms: string[] = [];
      for (const id of ids)
        forms.push(formOf(await ask.api('PUT', `/${id}`, { ...FULL, clientId: undefined })));
      forms.push(formOf(await ask.api('PUT', '//x', FULL)));
      return [...forms, alm.state.list().length];
    },
    expected: {
      '400': [...Array(7).fill('400 boot'), '201 ok', '400 boot', 6],
      '500': [...Array(7).fill('500 boot'), '201 ok', '500 boot', 6],
      // a;b is the same id in both spellings.
      off: ['201 ok', '200 ok', ...Array(6).fill('201 ok'), '404 boot', 12],
    },
  },
  dotTruncation: {
    options: { knobs: { idMismatch: 'path-wins' } },
    observe: async ({ alm, ask }) => {
      for (const clientId of ['my', 'my.client']) alm.state.set({ ...FULL, clientId });
      await ask.api('PUT', '/my.client', { ...FULL, clientId: 'my.client', accessTokenValidity: 5 });
      return ['my', 'my.client'].map((id) => alm.state.get(id)?.accessTokenValidity);
    },
    expected: { off: [600, 5], on: [5, 600] },
  },
  jsonCharset: {
    observe: async ({ ask }) => (await ask.api('POST', '', FULL)).headers['content-type'],
    expected: { on: 'application/json;charset=UTF-8', off: 'application/json' },
  },
  notFoundBody: {
    observe: async ({ ask }) => [
      formOf(await ask.api('PUT', '/app', FULL)),
      formOf(await ask.send('GET', '/nowhere')),
      formOf(await ask.api('POST', '', { ...FULL, clientId: 'DokiClient' })),
    ],
    expected: { envelope: ['404 alm', '404 boot', '409 alm'], html: ['404 html', '404 html', '409 alm'] },
  },
  serverErrorBody: {
    options: { knobs: { putMissing: '500' } },
    observe: async ({ ask }) => [
      formOf(await ask.api('PUT', '/app', FULL)),
      formOf(await ask.api('POST', '', { ...FULL, clientId: 'DokiClient' })),
    ],
    expected: {
      envelope: ['500 alm', '409 alm'],
      html: ['500 html', '409 alm'],
      empty: ['500 empty', '409 alm'],
    },
  },
  refusalEcho: {
    observe: async ({ ask }) => (await ask.api('PUT', '/app', FULL)).text.includes(FULL.clientSecret),
    expected: { off: false, on: true },
  },
};
