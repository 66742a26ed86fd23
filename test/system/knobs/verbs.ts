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
import { ALL, type Row, USUALLY } from './stories.ts';

const OVERWRITES =
  'POST overwrites silently and nothing can be read: nobody can tell this from a creation (residual risk)';
/** An ALM that says yes and keeps the old secret is found out by the login that did not succeed in time. */
const UNPROVED = { ready: 'False TokenRefused' } as const;

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
      // Each that is refused takes the whole window; one change and two adoptions are enough.
      chapters: USUALLY.filter((chapter) => chapter !== 'drifted' && chapter !== 'lostUpdate'),
      ends: {
        updated: { ...updated, ...UNPROVED, opens: 'former' },
        ifExists: { ...adopted, ...UNPROVED, opens: 'stranger' },
        required: { ...adopted, ...UNPROVED, opens: 'stranger' },
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
