import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bookmark, statusBody, thing } from '../kube/support/objects.ts';
import { type Asked, type Reply, startServer } from '../kube/support/server.ts';

/** What a process of reflectors holds after thousands of watches that ended in every way there is: as much as before. */

const EACH = 200;
const LOOKS = 12;

const initial = (reply: Reply, version: number) => {
  reply.head(200);
  for (let index = 0; index < 200; index += 1) reply.event('ADDED', thing(`n/object-${index}`, index + 1));
  reply.event('BOOKMARK', bookmark(version, true));
};

/** In turn: how a watch ends. */
const ENDS: readonly ((reply: Reply, version: number) => void)[] = [
  (reply) => reply.end(),
  (reply) => reply.reset(),
  (reply) => reply.event('ERROR', statusBody(410, 'Expired')),
  (reply) => reply.write('{"type":"ADDED","object":{"meta\n'),
  (reply) => reply.end('{"type":"MODIFIED","obj'),
  (reply, version) => {
    reply.event('MODIFIED', thing('n/object-1', version + 2));
    reply.event('MODIFIED', thing('n/object-1', version + 1));
  },
  (reply, version) => {
    reply.event('DELETED', thing('n/object-2', version + 1));
    reply.event('BOOKMARK', bookmark(version + 2));
    reply.end();
  },
];

/** In turn: how a request is refused. */
const REFUSALS = [
  (reply: Reply) => reply.json(503, statusBody(503, 'ServiceUnavailable'), { 'retry-after': '1' }),
  (reply: Reply) => reply.json(429, statusBody(429, 'TooManyRequests'), { 'retry-after': '1' }),
  (reply: Reply) => reply.json(410, statusBody(410, 'Expired')),
  (reply: Reply) => reply.reset(),
];

function respond({ query }: Asked, reply: Reply, turn: number): void {
  const refusal = turn % 5 === 0 ? REFUSALS[(turn / 5) % REFUSALS.length] : undefined;
  if (refusal !== undefined) {
    refusal(reply);
    return;
  }
  const version = 1000 + turn * 10;
  if (query.get('resourceVersion') === null) initial(reply, version);
  else {
    reply.head(200);
    reply.event('BOOKMARK', bookmark(version));
  }
  const end = ENDS[turn % ENDS.length];
  // What was written has arrived by then, so that a reset cuts a watch and not its beginning.
  setTimeout(() => end?.(reply, version), 2);
}

type Look = Readonly<{ at: number; heap: number; handles: number }>;

async function soak(): Promise<readonly Look[]> {
  let turn = 0;
  const server = await startServer((asked, reply) => {
    turn += 1;
    // The log of the scripted server would outgrow everything else.
    server.asked.length = 0;
    respond(asked, reply, turn);
  }, 'http2');
  const folder = await mkdtemp(join(tmpdir(), 'soak-'));
  const ca = join(folder, 'ca.pem');
  const { connect } = await server.auth.credentials();
  await writeFile(ca, String(connect.ca));
  const program = fileURLToPath(new URL('../kube/soak.process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', program, server.url.href, ca, String(EACH)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const looks: Look[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      looks.push(JSON.parse(line) as Look);
      if (looks.length === LOOKS) child.stdin.end();
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await server.close();
    await rm(folder, { recursive: true });
  }
  return looks;
}

it('memory and handles stay as they are through thousands of broken watches', async () => {
  const looks = await soak();
  expect(looks.length).toBeGreaterThanOrEqual(LOOKS);
  const [, early] = looks;
  const late = looks.slice(-3).toSorted((a, b) => a.heap - b.heap)[0];
  if (early === undefined || late === undefined) throw new Error('Nothing was measured');
  console.info(`Heap ${early.heap} after ${early.at} watches and lists, ${late.heap} after ${late.at}`);
  expect(late.at).toBeGreaterThanOrEqual(EACH * (LOOKS - 2));
  expect(late.heap).toBeLessThanOrEqual(early.heap * 1.05);
  // A few come and go with what is under way; one left by each watch would be hundreds.
  expect(late.handles).toBeLessThanOrEqual(early.handles + 20);
}, 120_000);
