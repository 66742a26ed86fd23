/** CustomResourceDefinitions. Schemas within them are judged by the schema room, not by this one. */

import {
  always,
  atomic,
  fields,
  flag,
  keyed,
  long,
  named,
  needing,
  type Schema,
  text,
  time,
  whole,
} from './fields.ts';

const PREFIX = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

const open = (name: string, description: string): Schema =>
  named(`${PREFIX}.${name}`, { type: 'object', description, 'x-kubernetes-preserve-unknown-fields': true });

const NAMES = named(
  `${PREFIX}.CustomResourceDefinitionNames`,
  needing(
    ['plural', 'kind'],
    fields('What the kind and its objects are called.', {
      categories: atomic('Groups of kinds that it is listed with, such as all.', { type: 'string' }),
      kind: text('The kind, in CamelCase.'),
      listKind: text('The kind of lists of it; the kind with List behind it when absent.'),
      plural: text('The name in paths.'),
      shortNames: atomic('Short names for the command line.', { type: 'string' }),
      singular: text('The name of one object; the kind in lower case when absent.'),
    }),
  ),
);

const COLUMN = named(
  `${PREFIX}.CustomResourceColumnDefinition`,
  needing(
    ['name', 'type', 'jsonPath'],
    fields('A column of kubectl get.', {
      description: text('What the column shows.'),
      format: text('A format of OpenAPI, such as date-time.'),
      jsonPath: text('Where in an object the value is.'),
      name: text('The head of the column.'),
      priority: whole('Above 0: only in wide output.'),
      type: text('string, integer, number, boolean or date.'),
    }),
  ),
);

const SUBRESOURCES = named(
  `${PREFIX}.CustomResourceSubresources`,
  fields('What is served beside the object itself.', {
    scale: open('CustomResourceSubresourceScale', 'Where the number of replicas is.'),
    status: open('CustomResourceSubresourceStatus', 'Whether status is written apart from all else.'),
  }),
);

const VERSION = named(
  `${PREFIX}.CustomResourceDefinitionVersion`,
  needing(
    ['name', 'served', 'storage'],
    fields('One version of the kind.', {
      additionalPrinterColumns: atomic('Columns of kubectl get; the age when absent.', COLUMN),
      deprecated: flag('Whether those who use the version are warned.'),
      deprecationWarning: text('What they are told.'),
      name: text('The version, such as v1beta1.'),
      schema: named(
        `${PREFIX}.CustomResourceValidation`,
        fields('What objects may hold.', {
          openAPIV3Schema: open('JSONSchemaProps', 'A structural schema.'),
        }),
      ),
      selectableFields: atomic(
        'Fields that field selectors may use.',
        named(
          `${PREFIX}.SelectableField`,
          needing(
            ['jsonPath'],
            fields('A field.', { jsonPath: text('Where it is, without lists on the way.') }),
          ),
        ),
      ),
      served: flag('Whether the version can be asked for.'),
      storage: flag('Whether objects are stored in this version; exactly one is.'),
      subresources: SUBRESOURCES,
    }),
  ),
);

const CONDITION = named(
  `${PREFIX}.CustomResourceDefinitionCondition`,
  needing(
    ['type', 'status'],
    fields('Whether something holds of the definition.', {
      lastTransitionTime: time('When the status changed last.'),
      message: text('What is the matter, for people.'),
      observedGeneration: long('The generation that it was found for.'),
      reason: text('What is the matter, in one word.'),
      status: text('True, False or Unknown.'),
      type: text('Established, NamesAccepted, Terminating.'),
    }),
  ),
);

export const DEFINITION: Readonly<Record<string, Schema>> = {
  spec: always(
    named(
      `${PREFIX}.CustomResourceDefinitionSpec`,
      needing(
        ['group', 'names', 'scope', 'versions'],
        fields('What is to be served.', {
          conversion: named(
            `${PREFIX}.CustomResourceConversion`,
            needing(
              ['strategy'],
              fields('How objects get from one version to another.', {
                strategy: text('None or Webhook.'),
                webhook: open('WebhookConversion', 'Who converts them.'),
              }),
            ),
          ),
          group: text('The API group.'),
          names: always({ ...NAMES, description: 'What the kind is called.' }),
          preserveUnknownFields: flag('No longer used; must be false.'),
          scope: text('Namespaced or Cluster.'),
          versions: atomic('All versions of the kind.', VERSION),
        }),
      ),
    ),
  ),
  status: always(
    named(
      `${PREFIX}.CustomResourceDefinitionStatus`,
      fields('What is served.', {
        acceptedNames: always({ ...NAMES, description: 'The names that are in use.' }),
        conditions: keyed('How far it has come.', 'type', CONDITION),
        observedGeneration: long('The generation that was looked at last.'),
        storedVersions: atomic('Every version in which objects may be stored.', { type: 'string' }),
      }),
    ),
  ),
};
