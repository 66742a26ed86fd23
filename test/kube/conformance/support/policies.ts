/** Admission policies of the suite. Each is about gadgets in the namespace of its row, whose name it has. */

const API = { apiVersion: 'admissionregistration.k8s.io/v1' };

export const policy = (ns: string, spec: object = {}, name = ns) => ({
  ...API,
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: { matchConstraints: inside(ns), validations: [{ expression: 'true' }], ...spec },
});

export const binding = (ns: string, spec: object = {}, name = ns) => ({
  ...API,
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName: name, validationActions: ['Deny'], ...spec },
});

/** Requests about gadgets of one namespace. */
export function inside(ns: string, rule: object = {}, more: object = {}): object {
  const resources = ['gadgets'];
  const operations = ['CREATE', 'UPDATE', 'DELETE'];
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': ns } },
    resourceRules: [
      { apiGroups: ['conformance.example'], apiVersions: ['v1'], operations, resources, ...rule },
    ],
    ...more,
  };
}
