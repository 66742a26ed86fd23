/** The control address: plain HTTP on 127.0.0.1, made for curl. */

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Controls } from './controls.ts';
import { manual } from './manual.ts';
import { type Reply, ROUTES, type Route } from './routes.ts';

export type ControlServer = Readonly<{ url: string; port: number; close(): Promise<void> }>;

const MAX_BODY_BYTES = 65_536;

/** Port 0 takes a free one. Rejects where the port is taken. */
export async function startControl(controls: Controls, port: number): Promise<ControlServer> {
  const server = createServer((request, response) => {
    const url = `http://${request.headers.host ?? '127.0.0.1'}`;
    void replyTo(controls, request, url).then(({ status, body }) => {
      const isText = typeof body === 'string';
      const text = isText ? body : JSON.stringify(body, null, 2);
      const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
      const newline = text === '' || text.endsWith('\n') ? '' : '\n';
      response.writeHead(status, { 'content-type': type }).end(`${text}${newline}`);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Never rejects. */
async function replyTo(controls: Controls, request: IncomingMessage, url: string): Promise<Reply> {
  try {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const body = await bodyOf(request);
    if (pathname === '/' && request.method === 'GET') return { status: 200, body: manual(url) };
    const onPath = ROUTES.map((route) => ({ route, name: nameIn(route, pathname) })).filter(
      ({ name }) => name !== undefined,
    );
    const [first] = onPath;
    if (first === undefined) return { status: 404, body: `${pathname} is not here; GET / shows what is.` };
    const match = onPath.find(({ route }) => route.method === request.method);
    const { route, name = '' } = match ?? {};
    if (route === undefined) {
      const methods = onPath.map((one) => one.route.method).join(', ');
      return { status: 405, body: `${pathname} takes ${methods}.` };
    }
    return await route.answer(controls, { name, query: searchParams, body });
  } catch (error) {
    return { status: 400, body: error instanceof Error ? error.message : String(error) };
  }
}

/** What stands in the place of `<…>`, '' where there is none; undefined where the path is another one. */
function nameIn({ path }: Route, pathname: string): string | undefined {
  const pattern = new RegExp(`^${path.replace(/<\w+>/, '([^/]+)')}/?$`);
  const found = pattern.exec(pathname);
  return found === null ? undefined : decodeURIComponent(found[1] ?? '');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`The body is longer than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
