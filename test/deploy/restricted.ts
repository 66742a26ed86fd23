/**
 * The Pod Security Standard "restricted", as far as it is about fields that the chart sets, and about those that it must
 * not set. Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/. Pure.
 */

type Fields = Readonly<Record<string, unknown>>;

const HOST = ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers'];
const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim'];
const ALLOWED_VOLUMES = new Set([...VOLUMES, 'projected', 'secret']);

/** What is wrong with a pod's spec; nothing where it may run in a restricted namespace. */
export function violationsOf(spec: Fields): readonly string[] {
  const containers = ['initContainers', 'containers'].flatMap((field) => listOf(spec[field]));
  return [
    ...HOST.filter((field) => spec[field] === true).map((field) => `${field} is true`),
    ...listOf(spec['volumes']).flatMap(volumeViolations),
    ...containers.flatMap((container) =>
      containerViolations(container, recordOf(spec['securityContext'])).map(
        (problem) => `${String(container['name'])}: ${problem}`,
      ),
    ),
  ];
}

function volumeViolations({ name, ...source }: Fields): readonly string[] {
  const wrong = Object.keys(source).filter((kind) => !ALLOWED_VOLUMES.has(kind));
  return wrong.map((kind) => `volume ${String(name)} is ${kind}`);
}

function containerViolations(container: Fields, ofPod: Fields): readonly string[] {
  const own = recordOf(container['securityContext']);
  const { type } = recordOf(own['seccompProfile'] ?? ofPod['seccompProfile']);
  const { drop, add } = recordOf(own['capabilities']);
  const added = textsOf(add).filter((name) => name !== 'NET_BIND_SERVICE');
  const rules: readonly (readonly [holds: boolean, otherwise: string])[] = [
    [own['privileged'] !== true, 'privileged'],
    [own['allowPrivilegeEscalation'] === false, 'allowPrivilegeEscalation is not false'],
    [(own['runAsNonRoot'] ?? ofPod['runAsNonRoot']) === true, 'runAsNonRoot is not true'],
    [(own['runAsUser'] ?? ofPod['runAsUser']) !== 0, 'runAsUser is 0'],
    [type === 'RuntimeDefault' || type === 'Localhost', 'no seccompProfile'],
    [textsOf(drop).includes('ALL'), 'capabilities are not dropped'],
    [added.length === 0, `capabilities ${added.join()} are added`],
    [listOf(container['ports']).every(({ hostPort }) => hostPort === undefined), 'a hostPort'],
  ];
  return rules.filter(([holds]) => !holds).map(([, otherwise]) => otherwise);
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
