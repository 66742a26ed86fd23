/** Deployments, as far as clients that merge and own lists have to know them; the rest is taken as it comes. */

import {
  atomic,
  CORE,
  fields,
  flag,
  keyed,
  long,
  mergedBy,
  named,
  needing,
  type Schema,
  text,
  texts,
  whole,
} from './fields.ts';

/** Stored as it is sent, whatever it is. */
export const anything = (description: string): Schema => ({
  description,
  'x-kubernetes-preserve-unknown-fields': true,
});

const struct = (description: string): Schema => ({ type: 'object', ...anything(description) });

export const LABEL_SELECTOR: Schema = {
  ...fields('Which labels are meant.', {
    matchLabels: texts('Labels that it must have.'),
    matchExpressions: atomic(
      'Conditions on labels.',
      needing(
        ['key', 'operator'],
        fields('A condition on one label.', {
          key: text('Name of the label.'),
          operator: text('In, NotIn, Exists or DoesNotExist.'),
          values: atomic('Values for In and NotIn.', { type: 'string' }),
        }),
      ),
    ),
  }),
  'x-kubernetes-map-type': 'atomic',
};

const byKey = (description: string, key: string, items: Schema): Schema =>
  mergedBy(key, keyed(description, key, items));

const ENV = needing(
  ['name'],
  fields('An environment variable.', {
    name: text('Its name.'),
    value: text('Its value.'),
    valueFrom: struct('Where its value comes from.'),
  }),
);

const PORT = needing(
  ['containerPort'],
  fields('A port.', {
    containerPort: whole('Its number.'),
    hostIP: text('The address of the node that it is bound to.'),
    hostPort: whole('Its number on the node.'),
    name: text('Its name.'),
    protocol: { ...text('TCP, UDP or SCTP.'), default: 'TCP' },
  }),
);

const MOUNT = needing(
  ['name', 'mountPath'],
  fields('Where a volume is seen.', {
    mountPath: text('The path in the container.'),
    mountPropagation: text('Which mounts are passed on.'),
    name: text('Name of the volume.'),
    readOnly: flag('Whether it cannot be written to.'),
    recursiveReadOnly: text('Whether that goes for mounts below.'),
    subPath: text('The path in the volume.'),
    subPathExpr: text('The same, with variables.'),
  }),
);

const CONTAINER = named(
  `${CORE}.Container`,
  needing(
    ['name'],
    fields('A program of a pod.', {
      args: atomic('What it is started with.', { type: 'string' }),
      command: atomic('What is started, if not what the image says.', { type: 'string' }),
      env: byKey('Its environment.', 'name', ENV),
      envFrom: atomic('Where more of its environment comes from.', struct('A source.')),
      image: text('The image.'),
      imagePullPolicy: text('When the image is pulled.'),
      lifecycle: struct('What happens at its start and end.'),
      livenessProbe: struct('Whether it is alive.'),
      name: text('Its name.'),
      ports: byKey('Its ports.', 'containerPort', PORT),
      readinessProbe: struct('Whether it can be used.'),
      resizePolicy: atomic('What a change of resources means.', struct('A rule.')),
      resources: struct('What it gets of the node.'),
      restartPolicy: text('When it is started again.'),
      securityContext: struct('What it may do.'),
      startupProbe: struct('Whether it has started.'),
      stdin: flag('Whether it has a standard input.'),
      stdinOnce: flag('Whether that ends with its first reader.'),
      terminationMessagePath: text('Where its last words are.'),
      terminationMessagePolicy: text('How its last words are read.'),
      tty: flag('Whether it has a terminal.'),
      volumeMounts: byKey('Which volumes it sees.', 'mountPath', MOUNT),
      workingDir: text('Where it starts.'),
    }),
  ),
);

const containers = (description: string) => byKey(description, 'name', CONTAINER);
const NAMED = needing(['name'], { ...struct('One of them.'), properties: { name: text('Its name.') } });

const POD_SPEC = named(
  `${CORE}.PodSpec`,
  fields('How a pod is to be.', {
    activeDeadlineSeconds: long('How long it may run.'),
    affinity: struct('Where it would rather be.'),
    automountServiceAccountToken: flag('Whether it gets a token.'),
    containers: containers('Its programs.'),
    dnsConfig: struct('How names are resolved.'),
    dnsPolicy: text('Who resolves names.'),
    enableServiceLinks: flag('Whether services are in its environment.'),
    hostAliases: byKey('Entries of its hosts file.', 'ip', struct('An entry.')),
    hostIPC: flag('Whether it shares memory with the node.'),
    hostNetwork: flag('Whether it has the network of the node.'),
    hostPID: flag('Whether it sees the processes of the node.'),
    hostUsers: flag('Whether it has the users of the node.'),
    hostname: text('Its host name.'),
    imagePullSecrets: byKey('With which Secrets images are pulled.', 'name', NAMED),
    initContainers: containers('Programs that come before.'),
    nodeName: text('The node.'),
    nodeSelector: texts('Labels of nodes.'),
    os: struct('The operating system.'),
    overhead: struct('What it costs besides.'),
    preemptionPolicy: text('Whether others make room for it.'),
    priority: whole('How important it is.'),
    priorityClassName: text('How important it is, by name.'),
    readinessGates: atomic('Conditions of its readiness.', struct('A condition.')),
    restartPolicy: text('When its programs are started again.'),
    runtimeClassName: text('What runs it.'),
    schedulerName: text('Who finds its node.'),
    securityContext: struct('What all of its programs may do.'),
    serviceAccount: text('A former name of serviceAccountName.'),
    serviceAccountName: text('Who it is to the API server.'),
    setHostnameAsFQDN: flag('Whether its host name is a full one.'),
    shareProcessNamespace: flag('Whether its programs see each other.'),
    subdomain: text('The domain of its host name.'),
    terminationGracePeriodSeconds: long('How long it may take to end.'),
    tolerations: atomic('Which taints it tolerates.', struct('A toleration.')),
    topologySpreadConstraints: mergedBy('topologyKey', atomic('How pods spread.', struct('A constraint.'))),
    volumes: byKey('Its volumes.', 'name', NAMED),
  }),
);

const TEMPLATE = fields('What pods are made of.', {
  metadata: struct('Names, labels and annotations.'),
  spec: POD_SPEC,
});

export const DEPLOYMENT: Readonly<Record<string, Schema>> = {
  spec: needing(
    ['selector', 'template'],
    fields('How many pods there are to be, and which.', {
      minReadySeconds: whole('How long a pod has to be ready to count.'),
      paused: flag('Whether nothing is rolled out.'),
      progressDeadlineSeconds: whole('How long a rollout may take.'),
      replicas: whole('How many pods.'),
      revisionHistoryLimit: whole('How many former versions are kept.'),
      selector: LABEL_SELECTOR,
      strategy: struct('How new pods come for old ones.'),
      template: TEMPLATE,
    }),
  ),
  status: struct('What came of it.'),
};
