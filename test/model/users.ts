import { API_VERSION, REQUESTED_AT } from '../../src/api/group.ts';
import { secretText } from '../support/canary.ts';
import type { Alm } from './alm.ts';
import { CLAIMS, type Cluster, CONNECTIONS, CREDENTIALS, DEFINITIONS } from './cluster.ts';
import { HOME, RULES, RULES_LABEL, type RulesName } from './rules.ts';
import { DEFINITION, ENDPOINTS, keyIn, LOGIN_ID, SLOTS, type Slot, secretOf } from './slots.ts';

/** What users, administrators and strangers do to the cluster and to ALM. */

export type Intent =
  | Readonly<{ user: 'create'; slot: number; adoption: Adoption; deletion: Deletion }>
  | Readonly<{ user: 'edit'; slot: number; validity: number }>
  | Readonly<{ user: 'adoption'; slot: number; adoption: Adoption }>
  | Readonly<{ user: 'deletion'; slot: number; deletion: Deletion }>
  | Readonly<{ user: 'suspend' | 'request'; slot: number; to: number }>
  | Readonly<{ user: 'delete' | 'strip' | 'dropSecret' | 'forgetClaim'; slot: number }>
  | Readonly<{ user: 'rotate' | 'grants'; slot: number; to: number }>
  | Readonly<{ user: 'rules'; connection: number; rules: RulesName }>
  | Readonly<{ user: 'protect' | 'mayDelete' | 'lead' | 'dropConnection'; connection: number; to: number }>
  | Readonly<{ user: 'prove'; connection: number; when: Verification }>
  | Readonly<{ user: 'label' | 'endNamespace'; namespace: number; to: number }>
  | Readonly<{ user: 'endKind' | 'bringKind' }>
  | Readonly<{ user: 'meddle'; alm: number; slot: number; with: 'record' | 'secret' | 'end' | 'another' }>;

type Adoption = 'Never' | 'IfExists' | 'Required' | undefined;
type Verification = 'OnChange' | 'EachResync' | 'Never' | undefined;
type Deletion = 'Revoke' | 'Retain' | undefined;

/** Without `client_credentials` no login proves the client, and it has no roles. */
const GRANTS = [
  { authorisedGrantTypes: ['client_credentials'], roles: ['Portal'] },
  { authorisedGrantTypes: ['client_credentials', 'password', 'refresh_token'], roles: ['Portal'] },
  { authorisedGrantTypes: ['password', 'refresh_token'], roles: undefined },
] as const;

const NAMESPACES = ['team-a', 'team-b'] as const;
const CONNECTION_NAMES = ['default', 'second'] as const;

export class Users {
  readonly #cluster: Cluster;
  readonly #alms: readonly Alm[];

  constructor(cluster: Cluster, alms: readonly Alm[]) {
    this.#cluster = cluster;
    this.#alms = alms;
  }

  /** Everything but objects: the kind, namespaces, connections that let everybody in, and the operator's login. */
  furnish(): void {
    this.#defineKind();
    for (const name of [HOME, ...NAMESPACES]) this.#name(name);
    const data = { clientSecret: base64(secretText('login')) };
    this.#cluster.apply('secrets', { ...secretHead(HOME, 'login'), data });
    for (const [index, name] of CONNECTION_NAMES.entries()) this.#connect(name, index, 'everybody');
    for (const alm of this.#alms) {
      alm.meddle(LOGIN_ID, { record: recordOf(LOGIN_ID, 1200), secret: secretText('login') });
      alm.meddle('NimrodClient', { record: recordOf('NimrodClient', 1200), secret: secretText('nimrod') });
    }
  }

  does(intent: Intent): void {
    if ('slot' in intent) this.#toObject(intent, SLOTS[intent.slot % SLOTS.length] as Slot);
    else if ('connection' in intent) this.#toConnection(intent);
    else if ('namespace' in intent) this.#toNamespace(intent);
    else if (intent.user === 'endKind') {
      for (const { metadata } of this.#cluster.list(CREDENTIALS))
        this.#cluster.remove(CREDENTIALS, keyIn(metadata));
      this.#cluster.remove(DEFINITIONS, DEFINITION);
    } else if (this.#cluster.get(DEFINITIONS, DEFINITION) === undefined) this.#defineKind();
  }

  #toObject(intent: Extract<Intent, { slot: number }>, slot: Slot): void {
    const key = keyIn(slot);
    switch (intent.user) {
      case 'create':
        this.#create(slot, intent.adoption, intent.deletion);
        break;
      case 'edit':
        this.#edit(key, { accessTokenValidity: 600 + intent.validity });
        break;
      case 'adoption':
        this.#edit(key, { adoptionPolicy: intent.adoption });
        break;
      case 'deletion':
        this.#edit(key, { deletionPolicy: intent.deletion });
        break;
      case 'suspend':
        this.#edit(key, { suspend: intent.to % 2 === 0 });
        break;
      case 'request':
        this.#edit(key, {}, { [REQUESTED_AT]: String(intent.to) });
        break;
      case 'delete':
        this.#cluster.remove(CREDENTIALS, key);
        break;
      case 'strip':
        this.#cluster.setFinalizers(CREDENTIALS, key, []);
        this.#cluster.remove(CREDENTIALS, key);
        break;
      case 'rotate':
        this.#keepSecret(slot, intent.to);
        break;
      case 'grants':
        this.#edit(key, GRANTS[intent.to % GRANTS.length] ?? {});
        break;
      case 'dropSecret':
        this.#cluster.remove('secrets', keyIn(secretOf(slot)));
        break;
      case 'forgetClaim':
        this.#forgetClaim(slot);
        break;
      case 'meddle':
        this.#meddle(this.#alms[intent.alm % this.#alms.length] as Alm, slot.clientId, intent.with);
        break;
    }
  }

  #create(slot: Slot, adoptionPolicy: Adoption, deletionPolicy: Deletion): void {
    const { namespace, name, clientId, connection } = slot;
    const kind = this.#cluster.get(DEFINITIONS, DEFINITION);
    if (kind === undefined || kind.metadata.deletionTimestamp !== undefined || !this.#name(namespace)) return;
    if (this.#cluster.get(CREDENTIALS, keyIn(slot)) !== undefined) return;
    if (this.#cluster.get('secrets', keyIn(secretOf(slot))) === undefined) this.#keepSecret(slot, 0);
    const spec = {
      clientId,
      authorisedGrantTypes: ['client_credentials'],
      roles: ['Portal'],
      clientSecretRef: { name: secretOf(slot).name },
      ...(connection !== 'default' && { connectionRef: { name: connection } }),
      adoptionPolicy,
      deletionPolicy,
    };
    this.#cluster.apply(CREDENTIALS, {
      apiVersion: API_VERSION,
      kind: 'ClientCredential',
      metadata: { namespace, name },
      spec,
    });
  }

  /** Nobody edits what is on its way out. */
  #edit(key: string, change: object, annotations: object = {}): void {
    const old = this.#cluster.get(CREDENTIALS, key);
    if (old === undefined || old.metadata.deletionTimestamp !== undefined) return;
    const metadata = { ...old.metadata, annotations: { ...old.metadata.annotations, ...annotations } };
    this.#cluster.apply(CREDENTIALS, { ...old, metadata, spec: { ...old.spec, ...change } });
  }

  #keepSecret(slot: Slot, version: number): void {
    const { namespace, name } = secretOf(slot);
    if (!this.#name(namespace)) return;
    const password = secretText(`${namespace}-${name}-${version}`);
    this.#cluster.apply('secrets', {
      ...secretHead(namespace, name),
      data: { clientSecret: base64(password) },
    });
  }

  #forgetClaim({ connection, clientId }: Slot): void {
    const claims = this.#cluster.list(CLAIMS).filter(({ spec }) => {
      const id = spec?.['clientId'] as string;
      return spec?.['connection'] === connection && id.toLowerCase() === clientId.toLowerCase();
    });
    for (const { metadata } of claims) this.#cluster.remove(CLAIMS, keyIn(metadata));
  }

  #meddle(alm: Alm, clientId: string, how: 'record' | 'secret' | 'end' | 'another'): void {
    const held = alm.find(clientId);
    if (clientId === LOGIN_ID || (held === undefined && how !== 'another')) return;
    const secret = secretText('stranger');
    const record = held?.record ?? recordOf(clientId, 300);
    if (how === 'end') alm.meddle(clientId, undefined);
    else if (how === 'record')
      alm.meddle(clientId, { record: { ...record, roles: ['Theirs'] }, secret: held?.secret ?? secret });
    else if (how === 'secret') alm.meddle(clientId, { record, secret });
    else if (held === undefined) alm.meddle(clientId, { record, secret });
  }

  #toConnection(intent: Extract<Intent, { connection: number }>): void {
    const name = CONNECTION_NAMES[intent.connection % CONNECTION_NAMES.length] as string;
    const old = this.#cluster.get(CONNECTIONS, `${HOME}/${name}`);
    if (intent.user === 'dropConnection') {
      if (old === undefined) this.#connect(name, CONNECTION_NAMES.indexOf(name as 'default'), 'everybody');
      else this.#cluster.remove(CONNECTIONS, `${HOME}/${name}`);
      return;
    }
    if (old === undefined) return;
    const set = (spec: object, labels = old.metadata.labels) =>
      this.#cluster.apply(CONNECTIONS, {
        ...old,
        metadata: { ...old.metadata, labels },
        spec: { ...old.spec, ...spec },
      });
    if (intent.user === 'rules') set({ access: RULES[intent.rules].access }, { [RULES_LABEL]: intent.rules });
    else if (intent.user === 'protect')
      set({ protectedClientIds: intent.to % 2 === 0 ? ['orders'] : undefined });
    else if (intent.user === 'mayDelete')
      set({ api: { delete: intent.to % 2 === 0 ? 'Enabled' : 'Disabled' } });
    else if (intent.user === 'prove') set({ verification: intent.when });
    else set({ endpoint: ENDPOINTS[intent.to % ENDPOINTS.length] });
  }

  #toNamespace(intent: Extract<Intent, { namespace: number }>): void {
    const name = NAMESPACES[intent.namespace % NAMESPACES.length] as string;
    if (intent.user === 'label') {
      if (this.#name(name)) this.#name(name, { tier: intent.to % 2 === 0 ? 'gold' : 'tin' });
      return;
    }
    this.#cluster.remove('namespaces', name);
    for (const plural of ['secrets', CREDENTIALS])
      for (const { metadata } of this.#cluster.list(plural))
        if (metadata.namespace === name) this.#cluster.remove(plural, keyIn(metadata));
  }

  /** False where it is on its way out, so that nothing can be created in it. */
  #name(name: string, labels?: Readonly<Record<string, string>>): boolean {
    const old = this.#cluster.get('namespaces', name);
    if (old?.metadata.deletionTimestamp !== undefined) return false;
    if (old !== undefined && labels === undefined) return true;
    const metadata = { ...old?.metadata, name, ...(labels && { labels }) };
    this.#cluster.apply('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata });
    return true;
  }

  #connect(name: string, endpoint: number, rules: RulesName): void {
    this.#cluster.apply(CONNECTIONS, {
      apiVersion: API_VERSION,
      kind: 'AlmConnection',
      metadata: { namespace: HOME, name, labels: { [RULES_LABEL]: rules } },
      spec: {
        endpoint: ENDPOINTS[endpoint],
        auth: { clientCredentials: { clientId: LOGIN_ID, clientSecretRef: { name: 'login' } } },
        access: RULES[rules].access,
      },
    });
  }

  #defineKind(): void {
    const head = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    this.#cluster.apply(DEFINITIONS, { ...head, metadata: { name: DEFINITION } });
  }
}

function secretHead(namespace: string, name: string) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, type: 'Opaque' };
}

function recordOf(clientId: string, accessTokenValidity: number) {
  return {
    clientId,
    authorisedGrantTypes: ['client_credentials'],
    accessTokenValidity,
    refreshTokenValidity: 30600,
    roles: ['SLMAdmin'],
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
