/** Making a real control plane forget its history. The API server has to be restarted after it: it remembers, too. */

import { request } from 'undici';
import type { UpstreamOptions } from '../gate/upstream.ts';
import { openHttp } from '../kubectl/http.ts';

export async function compact(access: UpstreamOptions, etcdUrl: string): Promise<void> {
  await moveOn(access);
  await compactEtcd(etcdUrl);
}

/** A watch from the newest version of all could still be resumed after a restart, so there must be a newer one. */
async function moveOn(access: UpstreamOptions): Promise<void> {
  const http = openHttp(access);
  const body = { metadata: { annotations: { compacted: new Date().toISOString() } } };
  const contentType = 'application/merge-patch+json';
  await http.call({ method: 'PATCH', path: '/api/v1/namespaces/default', body, contentType });
  await http.close();
}

const TIME_LIMIT_MS = 10_000;

/** Through etcd's JSON gateway, which takes keys in base64 and answers revisions as decimal text. */
async function compactEtcd(url: string): Promise<void> {
  const post = async (path: string, body: object) => {
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const answer = await request(`${url}${path}`, { method: 'POST', body: JSON.stringify(body), signal });
    return (await answer.body.json()) as { header: { revision: string } };
  };
  const { header } = await post('/v3/kv/range', { key: Buffer.from('/').toString('base64') });
  await post('/v3/kv/compaction', { revision: header.revision, physical: true });
}
