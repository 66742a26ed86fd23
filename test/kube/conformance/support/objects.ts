/** The objects that the tables write, small and valid; and the two kinds that are the suite's own. */

/** Any object as a row reads it. */
// biome-ignore lint/suspicious/noExplicitAny: a row reads any shape
export type Body = any;

type Meta = Readonly<Record<string, unknown>>;

export const OWN = 'alm-operator.dev';
export const GROUP = 'conformance.example';

function object(apiVersion: string, kind: string) {
  return (name: string, more: object = {}, metadata: Meta = {}) => ({
    apiVersion,
    kind,
    metadata: { name, ...metadata },
    ...more,
  });
}

export const configMap = object('v1', 'ConfigMap');
export const secret = object('v1', 'Secret');
export const namespace = object('v1', 'Namespace');
export const serviceAccount = object('v1', 'ServiceAccount');
export const lease = object('coordination.k8s.io/v1', 'Lease');
const gadgetOf = object(`${GROUP}/v1`, 'Gadget');
const credentialOf = object(`${OWN}/v1beta1`, 'ClientCredential');
const connectionOf = object(`${OWN}/v1beta1`, 'AlmConnection');
const claimOf = object(`${OWN}/v1beta1`, 'AlmClientClaim');

export const gadget = (name: string, spec: object = {}, metadata: Meta = {}) =>
  gadgetOf(name, { spec: { size: 1, ...spec } }, metadata);

export const plain = object(`${GROUP}/v1`, 'Plain');

export const credential = (name: string, spec: object = {}, metadata: Meta = {}) =>
  credentialOf(
    name,
    {
      spec: {
        clientId: 'pay_shop',
        clientSecretRef: { name: 'pay' },
        authorisedGrantTypes: ['client_credentials'],
        ...spec,
      },
    },
    metadata,
  );

export const connection = (name: string, spec: object = {}) =>
  connectionOf(name, { spec: { endpoint: 'https://alm.example', auth: { none: {} }, ...spec } });

export const claim = (name: string, spec: object = {}) =>
  claimOf(name, {
    spec: {
      connection: 'default',
      endpoint: 'https://alm.example',
      clientId: 'pay_shop',
      owner: { namespace: 'pay', name: 'shop', uid: 'u-1' },
      phase: 'Pending',
      ...spec,
    },
  });

/** An events.k8s.io/v1 Event about something in the namespace. */
export const event = (name: string, ns: string, more: object = {}) =>
  object('events.k8s.io/v1', 'Event')(name, {
    eventTime: '2026-01-02T03:04:05.000006Z',
    reportingController: 'conformance.example/rows',
    reportingInstance: 'rows-1',
    action: 'Test',
    reason: 'Tested',
    type: 'Normal',
    note: 'said by a row',
    regarding: { apiVersion: 'v1', kind: 'ConfigMap', namespace: ns, name: 'a' },
    ...more,
  });

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
