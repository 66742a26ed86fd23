import { z } from 'zod';
import { dataKey, duration, objectName } from './fields.ts';
import { int32, map, object, ruled, text } from './schema.ts';

const template = object('What the generated Secret carries besides its data. Nothing when absent.', {
  labels: z.exactOptional(
    map(
      'Labels of the generated Secret. None when absent.',
      text('Value of the label.', { min: 0, max: 63 }),
      {
        max: 32,
      },
    ),
  ),
  annotations: z.exactOptional(
    map(
      'Annotations of the generated Secret. None when absent.',
      text('Value of the annotation.', { min: 0, max: 4096 }),
      { max: 32 },
    ),
  ),
});

export const generatedSecret = ruled(
  object(
    'The Secret, in the same namespace, that the operator makes and fills. It is published once ALM lets the client in ' +
      'with it, made anew when it is deleted, and goes with this object. Only where the operator runs with ' +
      '--generated-secrets.',
    {
      name: objectName(
        'Name of the Secret to make. A Secret that the operator did not make is never overwritten.',
      ),
      key: z.exactOptional(dataKey('Key under which the password is written; clientSecret when absent.')),
      clientIdKey: z.exactOptional(
        dataKey('Key under which the client id is written too; not written when absent.'),
      ),
      tokenUrlKey: z.exactOptional(
        dataKey(
          "Key under which the address of ALM's token endpoint is written too; not written when absent.",
        ),
      ),
      length: z.exactOptional(int32('Characters of the password; 40 when absent.', { min: 32, max: 128 })),
      rotateEvery: z.exactOptional(
        duration(
          'How long a password lives before it is replaced, ±10 %, such as 720h; for ever when absent.',
          {
            field: 'rotateEvery',
            atLeast: '1h',
            such: '720h',
          },
        ),
      ),
      template: z.exactOptional(template),
    },
  ),
  {
    cel:
      "(has(self.key) ? self.key : 'clientSecret') != (has(self.clientIdKey) ? self.clientIdKey : '') && " +
      "(has(self.key) ? self.key : 'clientSecret') != (has(self.tokenUrlKey) ? self.tokenUrlKey : '') && " +
      '(!has(self.clientIdKey) || !has(self.tokenUrlKey) || self.clientIdKey != self.tokenUrlKey)',
    message: 'key (clientSecret when absent), clientIdKey and tokenUrlKey must differ from each other',
    reason: 'FieldValueForbidden',
    holds: ({ key = 'clientSecret', clientIdKey, tokenUrlKey }) =>
      key !== clientIdKey &&
      key !== tokenUrlKey &&
      (clientIdKey === undefined || clientIdKey !== tokenUrlKey),
  },
);
