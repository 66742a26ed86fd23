/** A service account of a real API server with the rights of an installation, and a token that the server made for it. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../kubectl/client.ts';
import { type Grant, grantsOf, wordsOf } from './grants.ts';
import { ACCOUNT, type Features, installedRights } from './installed.ts';

const LIMIT_MS = 20_000;
const PAUSE_MS = 20;
const TOKEN_SECONDS = 6 * 60 * 60;

/** Resolves once the server would let it do everything that is granted. */
export async function admittedAccount(api: Api, features: Features): Promise<string> {
  const manifests = installedRights(features);
  for (const manifest of manifests) await api.apply(manifest);
  const { namespace, name } = ACCOUNT;
  const { status } = (await api.raw({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: TOKEN_SECONDS },
    },
  })) as { status: { token: string } };
  const deadline = Date.now() + LIMIT_MS;
  for (const grant of grantsOf(manifests, ACCOUNT)) {
    while (!(await mayDo(api, grant))) {
      if (Date.now() > deadline)
        throw new Error(`The API server does not let the operator ${wordsOf(grant)}`);
      await sleep(PAUSE_MS);
    }
  }
  return status.token;
}

/** What the server's own authoriser says. */
export async function mayDo(api: Api, { verb, group, resource, name, namespace }: Grant): Promise<boolean> {
  const [plural, subresource = ''] = resource.split('/');
  const { status } = (await api.raw({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`,
        resourceAttributes: { verb, group, resource: plural, subresource, name, namespace },
      },
    },
  })) as { status: { allowed: boolean } };
  return status.allowed;
}
