/** What an ALM may make of POST, PUT and GET. */

import {
  adopted,
  believed,
  created,
  type End,
  refused,
  rejected,
  SILENT,
  unavailable,
  updated,
} from './ends.ts';
import { ALL, type Row } from './stories.ts';

const OVERWRITES =
  'POST overwrites silently and nothing can be read: nobody can tell this from a creation (residual risk)';
const KEEPS_SECRETS =
  'ALM says yes and keeps the old secret; a login would show it, and proof after each write comes with a later issue';

const overwritten: End = { ...created, did: 'updated', stranger: 'touched' };

const POSTS: readonly Row[] = [
  { knobs: { postExisting: '409', putMissing: '404', postStatus: '201', putStatus: '200' } },
  { knobs: { postExisting: '400' }, ends: { never: rejected, lostRefusal: rejected } },
  { knobs: { postExisting: '500' }, ends: { never: rejected, lostRefusal: rejected } },
  ...(['overwrite-200', 'overwrite-201'] as const).flatMap((postExisting): readonly Row[] => [
    {
      knobs: { postExisting },
      ends: { never: overwritten, ifExists: overwritten, lostRefusal: overwritten },
      excuses: { never: OVERWRITES, lostRefusal: OVERWRITES },
    },
    // A client that can be seen is never overwritten: the POST is not even sent.
    {
      knobs: { postExisting, getItem: 'omitted' },
      unnoted: [`postExisting=${postExisting}`],
    },
  ]),
  { knobs: { postStatus: '200' } },
  { knobs: { postStatus: '204' } },
  { knobs: { location: 'off' } },
];

const PUTS: readonly Row[] = [
  { knobs: { putMissing: '400' }, ends: { missing: refused } },
  {
    knobs: { putMissing: '500' },
    ends: { missing: unavailable, vanished: believed('AlmUnavailable') },
    excuses: { vanished: SILENT },
  },
  ...(['create-200', 'create-201'] as const).map(
    (putMissing): Row => ({
      knobs: { putMissing },
      ends: {
        missing: { ...adopted, did: 'created', stranger: 'none' },
        vanished: { ...updated, did: 'created' },
      },
    }),
  ),
  { knobs: { putStatus: '204' } },
  { knobs: { putStatus: '201' } },
  ...(['absent-405', 'omitted'] as const).map(
    (getItem): Row => ({
      knobs: { newSecret: 'ignored', getItem },
      ends: {
        updated: { ...updated, opens: 'former' },
        drifted: { ...updated, opens: 'stranger' },
        lostUpdate: { ...updated, opens: 'stranger' },
        ifExists: { ...adopted, opens: 'stranger' },
        required: { ...adopted, opens: 'stranger' },
      },
      excuses: {
        updated: KEEPS_SECRETS,
        drifted: KEEPS_SECRETS,
        lostUpdate: KEEPS_SECRETS,
        ifExists: KEEPS_SECRETS,
        required: KEEPS_SECRETS,
      },
    }),
  ),
];

const looked = { quiet: { ...created, did: 'nothing' }, repaired: updated };

const GETS: readonly Row[] = [
  { knobs: { getItem: 'absent-405' }, chapters: ALL },
  { knobs: { getItem: 'absent-404' }, chapters: ALL },
  ...(['omitted', 'blank', 'hash', 'plain'] as const).map(
    (getItem): Row => ({ knobs: { getItem }, chapters: ALL, ends: looked }),
  ),
  {
    knobs: { getItem: 'plain' },
    about: 'where the connection says that nothing can be read',
    connection: { api: { read: 'Disabled' } },
    chapters: ALL,
    unnoted: ['getItem=plain'],
  },
  {
    knobs: { getItem: 'absent-405' },
    about: 'where the connection says that clients can be read',
    connection: { api: { read: 'Enabled' } },
    chapters: ALL,
  },
];

/** Those that wait for resyncs come first, and so begin first. */
export const VERBS: readonly Row[] = [...GETS, ...POSTS, ...PUTS];
