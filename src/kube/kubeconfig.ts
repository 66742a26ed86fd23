/**
 * kubeconfig files, merged as kubectl does: of equal names the first file's entry counts, so does the first current
 * context, and a file of a list that does not exist is skipped. What client-node's own reader leaves undone is done
 * here: `tokenFile`, paths relative to their file, and the environment that exec plugins are promised.
 */

import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { isRecord } from './decode.ts';

type Entry = Readonly<Record<string, unknown>>;
export type KubeconfigDocument = Readonly<{
  clusters: readonly Entry[];
  users: readonly Entry[];
  contexts: readonly Entry[];
  'current-context'?: string;
}>;

/** A kubeconfig that cannot be used; the message is one clear line. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** Throws KubeconfigError. Where only one file is named it has to exist. */
export function readKubeconfig(files: readonly string[]): KubeconfigDocument {
  const found = files.map((file) => ({ file, text: readText(file, files.length > 1) }));
  const documents = found.flatMap(({ file, text }) => (text === undefined ? [] : [documentOf(text, file)]));
  if (documents.length === 0)
    throw new KubeconfigError(`none of the kubeconfig files exists: ${files.join(', ')}`);
  const current = documents.find((document) => document['current-context'] !== undefined)?.[
    'current-context'
  ];
  return {
    clusters: firstOfEachName(documents.flatMap((document) => document.clusters)),
    users: firstOfEachName(documents.flatMap((document) => document.users)),
    contexts: firstOfEachName(documents.flatMap((document) => document.contexts)),
    ...(current !== undefined && { 'current-context': current }),
  };
}

function readText(file: string, mayBeMissing: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    if (mayBeMissing && code === 'ENOENT') return undefined;
    throw new KubeconfigError(`the kubeconfig ${file} cannot be read: ${code}`);
  }
}

/** The parser's message quotes the text, which may hold a token; so do its warnings, which it would print. */
function documentOf(text: string, file: string): KubeconfigDocument {
  let raw: unknown;
  try {
    raw = parse(text, { logLevel: 'error' });
  } catch {
    throw new KubeconfigError(`the kubeconfig ${file} is not YAML`);
  }
  if (!isRecord(raw)) throw new KubeconfigError(`the kubeconfig ${file} is not a kubeconfig`);
  const root = dirname(resolve(file));
  const current = raw['current-context'];
  const entries = (list: string, part: keyof typeof TEXTS, change: (own: Entry) => Entry = (own) => own) =>
    entriesOf(raw[list]).map((entry) => within(entry, part, (own) => change(checked(own, part, file))));
  return {
    clusters: entries('clusters', 'cluster', (own) => clusterOf(own, root)),
    users: entries('users', 'user', (own) => userOf(own, root)),
    contexts: entries('contexts', 'context'),
    ...(typeof current === 'string' && current !== '' && { 'current-context': current }),
  };
}

/** What has to be text where it is there at all; client-node takes whatever stands there. */
const TEXTS = {
  cluster: ['server', 'certificate-authority', 'certificate-authority-data', 'tls-server-name', 'proxy-url'],
  user: [
    'token',
    'tokenFile',
    'username',
    'password',
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
  ],
  context: ['cluster', 'user', 'namespace'],
} as const;

function checked(own: Entry, part: keyof typeof TEXTS, file: string): Entry {
  const wrong = TEXTS[part].find((key) => own[key] !== null && !/^(string|undefined)$/.test(typeof own[key]));
  if (wrong === undefined) return own;
  throw new KubeconfigError(
    `the kubeconfig ${file} has a ${part} whose ${wrong} is not text; put it in quotes`,
  );
}

function entriesOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function firstOfEachName(entries: readonly Entry[]): readonly Entry[] {
  return [...new Map(entries.toReversed().map((entry) => [entry['name'], entry])).values()].toReversed();
}

function within(entry: Entry, part: string, change: (own: Entry) => Entry): Entry {
  const own = entry[part];
  return isRecord(own) ? { ...entry, [part]: change(own) } : entry;
}

function clusterOf(cluster: Entry, root: string): Entry {
  return absolute(cluster, root, ['certificate-authority']);
}

function userOf(user: Entry, root: string): Entry {
  const own = absolute(user, root, ['client-certificate', 'client-key', 'tokenFile']);
  const { tokenFile, exec } = own;
  // A token file wins over a token, as in client-go.
  const { token: _, ...withoutToken } = own;
  if (typeof tokenFile === 'string') {
    return { ...withoutToken, 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
  }
  return isRecord(exec) ? { ...own, exec: execOf(exec, root) } : own;
}

/** KUBERNETES_EXEC_INFO: client.authentication.k8s.io/v1, ExecCredential. A bare command name is looked up on PATH. */
function execOf(exec: Entry, root: string): Entry {
  const { apiVersion, command } = exec;
  const env = entriesOf(exec['env']);
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  return {
    ...exec,
    ...(typeof command === 'string' && command.includes('/') && { command: resolve(root, command) }),
    env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: info }],
  };
}

function absolute(entry: Entry, root: string, keys: readonly string[]): Entry {
  const paths = keys.flatMap((key) => {
    const path = entry[key];
    return typeof path === 'string' && path !== '' && !isAbsolute(path) ? [[key, resolve(root, path)]] : [];
  });
  return { ...entry, ...Object.fromEntries(paths) };
}
