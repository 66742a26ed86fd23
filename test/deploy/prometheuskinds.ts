/** The Prometheus operator's kinds, closed around the fields that the chart sets. Source: its API reference. */

const text = { type: 'string' };
const texts = { type: 'object', additionalProperties: text };

const list = (items: object) => ({ type: 'array', items });
const fields = (properties: object) => ({ type: 'object', properties });

const KINDS = [
  {
    kind: 'ServiceMonitor',
    spec: fields({
      selector: fields({ matchLabels: texts }),
      endpoints: list(fields({ port: text, path: text, interval: text })),
    }),
  },
  {
    kind: 'PrometheusRule',
    spec: fields({
      groups: list(
        fields({
          name: text,
          interval: text,
          rules: list(
            fields({ alert: text, record: text, expr: text, for: text, labels: texts, annotations: texts }),
          ),
        }),
      ),
    }),
  },
];

export const MONITORING_DEFINITIONS = KINDS.map(({ kind, spec }) => {
  const plural = `${kind.toLowerCase()}s`;
  const group = 'monitoring.coreos.com';
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: fields({ spec }) } }],
    },
  };
});
