/**
 * What happens to clients at one ALM, told eight times at once with an object each. Every chapter ends in a state that
 * can be compared; what usually comes of it stands in USUAL, and a row of the table says where its ALM differs.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Arrival, Hold } from '../../support/alm/faults.ts';
import type { Knobs } from '../../support/alm/knobs.ts';
import type { AlmOptions, AlmSim } from '../../support/alm/server.ts';
import { secretText } from '../../support/canary.ts';
import {
  adopted,
  created,
  createdAndAsserted,
  type End,
  missing,
  recreated,
  taken,
  updated,
} from './ends.ts';
import { type Fields, type Place, Subject } from './subject.ts';

/** One object lives through `fresh` to `lostUpdate`, another through `quiet` and `repaired`; the others have one each. */
export const USUAL = {
  fresh: created,
  /** Spec and Secret have changed. */
  updated,
  /** Somebody deleted the client at ALM. */
  vanished: recreated,
  /** Somebody changed record and secret at ALM, and a reconciliation was asked for. */
  drifted: updated,
  /** The answer to an update was lost after ALM applied it. */
  lostUpdate: updated,

  /** Two resyncs came and nothing had changed. */
  quiet: { ...created, did: 'updated' },
  /** The record was changed at ALM before the next one. */
  repaired: { ...created, did: 'updated' },

  /** A stranger's client is in the way, and the adoptionPolicy is the one named. */
  never: taken,
  ifExists: adopted,
  required: adopted,
  /** The answer to the creation was lost there. */
  lostRefusal: taken,
  /** `Required`, and nothing is there. */
  missing,
  /** The answer to the creation was lost after ALM applied it. */
  lostCreation: createdAndAsserted,
  /** The connection broke before ALM applied it. */
  cutCreation: created,
} as const satisfies Readonly<Record<string, End>>;

export type Chapter = keyof typeof USUAL;

export type Row = Readonly<{
  knobs: Partial<Knobs>;
  /** What the name of the test says besides the knobs. */
  about?: string;
  alm?: Omit<Partial<AlmOptions>, 'knobs'>;
  /** Fields of the AlmConnection. */
  connection?: Fields;
  /** Fields of every ClientCredential, and the password in every Secret. */
  spec?: Fields;
  password?: string;
  /** What takes their place from `updated` on; absent: both change. */
  after?: Readonly<{ spec: Fields; password: string }>;
  strangerId?: (clientId: string) => string;
  /** Absent: all but those that wait for resyncs. */
  chapters?: readonly Chapter[];
  ends?: Partial<Record<Chapter, End>> | undefined;
  /** Why an end that would be an offence elsewhere is what can be had of this ALM. */
  excuses?: Partial<Record<Chapter, string>>;
  /** Positions of the row that ALM has no occasion to look at; and those where it is a matter of chance. */
  unnoted?: readonly string[];
  byChance?: readonly string[];
  /** Members of an end that are a matter of chance, too: the way there, and not what comes of it. */
  ways?: readonly Way[];
}>;

export type Way = 'did' | 'synced';

export type Ends = Partial<Record<Chapter, End>>;

/** Six intervals. */
const RESYNC_LIMIT_MS = 30_000;

const RESYNCS: readonly Chapter[] = ['quiet', 'repaired'];
export const ALL = Object.keys(USUAL) as readonly Chapter[];
export const USUALLY = ALL.filter((chapter) => !RESYNCS.includes(chapter));
export const CONSENTED: readonly Chapter[] = ['ifExists', 'required'];

export function expectedOf({ chapters = USUALLY, ends = {} }: Row): Ends {
  return Object.fromEntries(chapters.map((chapter) => [chapter, ends[chapter] ?? USUAL[chapter]]));
}

/** Every chapter of the row, as it ended. Rejects for what is no answer to the question: a request that never came. */
export async function tell(row: Row, place: Place): Promise<Ends> {
  const expected = expectedOf(row);
  const scene = { row, place, expected };
  const stories = [life, resyncs, ...SHORT].map((story) => story(scene));
  const told = (await Promise.all(stories)).flat();
  return Object.fromEntries(await Promise.all(told.map((one) => lastly(scene, one))));
}

type Scene = Readonly<{ row: Row; place: Place; expected: Ends }>;
type Told = Readonly<{ chapter: Chapter; end: End; last: Subject | undefined }>;

/** The last chapter of an object is looked at again when all the others are told: it has to have stayed so. */
async function lastly(
  { row, expected }: Scene,
  { chapter, end, last }: Told,
): Promise<readonly [Chapter, End]> {
  if (last === undefined) return [chapter, end];
  return [chapter, forgiven(await last.end(), expected[chapter] ?? end, row)];
}

/** What is a matter of chance is as it was expected. */
function forgiven(seen: End, expected: End, { ways = [] }: Row): End {
  return { ...seen, ...Object.fromEntries(ways.map((way) => [way, expected[way]])) };
}

type Chapters = readonly (readonly [chapter: Chapter, happens: (subject: Subject) => Promise<void>])[];

async function narrate(
  name: string,
  { row, place, expected }: Scene,
  chapters: Chapters,
): Promise<readonly Told[]> {
  const subject = new Subject(place, name);
  const wanted = chapters.filter(([chapter]) => expected[chapter] !== undefined);
  const told: Told[] = [];
  for (const [at, [chapter, happens]] of wanted.entries()) {
    const end = expected[chapter] ?? USUAL[chapter];
    subject.turn();
    await happens(subject);
    const seen = forgiven(await subject.settle(end, row.ways), end, row);
    // What follows a surprise tells nothing.
    const isLast = at === wanted.length - 1 || !isDeepStrictEqual(seen, end);
    told.push({ chapter, end: seen, last: isLast ? subject : undefined });
    if (isLast) break;
  }
  return told;
}

export const FIRST = secretText('first');

function life(scene: Scene): Promise<readonly Told[]> {
  const { row, place } = scene;
  const { spec = {}, password = FIRST } = row;
  const changed = { ...spec, accessTokenValidity: 600, ...(mayHaveRoles(spec) && { roles: ['ReadOnly'] }) };
  const after = row.after ?? { spec: changed, password: secretText('second') };
  return narrate('life', scene, [
    ['fresh', (subject) => subject.declare(spec, password)],
    ['updated', (subject) => subject.declare(after.spec, after.password)],
    [
      'vanished',
      async (subject) => {
        place.alm.state.delete(subject.clientId);
        await subject.ask('vanished');
      },
    ],
    [
      'drifted',
      async (subject) => {
        subject.usurp(subject.clientId);
        await subject.ask('drifted');
      },
    ],
    [
      'lostUpdate',
      async (subject) => {
        lose(place.alm, 'PUT', subject.clientId, 'after');
        await subject.declare(after.spec, secretText('third'));
      },
    ],
  ]);
}

function mayHaveRoles({ authorisedGrantTypes }: Fields): boolean {
  return !Array.isArray(authorisedGrantTypes) || authorisedGrantTypes.includes('client_credentials');
}

/** The next answer to such a request is lost; `before`: the request with it. */
function lose(alm: AlmSim, method: string, id: string, when: 'before' | 'after'): void {
  const match = (request: Readonly<{ method: string; clientId?: string }>) =>
    request.method === method && request.clientId === id;
  alm.faults.add({ match, times: 1, do: { kind: 'reset', when } });
}

/** The requests of the first two resyncs are stopped on their way, and what came of the first is looked at. */
async function resyncs({ row, place, expected }: Scene): Promise<readonly Told[]> {
  if (expected.quiet === undefined || expected.repaired === undefined) return [];
  const { alm } = place;
  const subject = new Subject(place, 'resyncs');
  const next = (verb: string | undefined, when: 'before' | 'after') =>
    alm.hold(
      ({ clientId, method }) => clientId === subject.clientId && (verb === undefined || method === verb),
      when,
    );
  await subject.declare({ ...row.spec, resyncInterval: '5s' }, FIRST);
  await subject.settle(created);
  const version = await subject.version();
  subject.turn();
  const first = next(undefined, 'before');
  const { method } = await reached(first);
  const second = next(method, 'before');
  first.release();
  await reached(second);
  const quiet = await subject.end();
  if ((await subject.version()) !== version) throw new Error('A resync that changed nothing wrote a status');
  subject.turn();
  subject.drift();
  const write = next('PUT', 'after');
  second.release();
  await reached(write);
  write.release();
  const repaired = await subject.settle(expected.repaired);
  return [
    { chapter: 'quiet', end: quiet, last: undefined },
    { chapter: 'repaired', end: repaired, last: undefined },
  ];
}

async function reached(hold: Hold): Promise<Arrival> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new Error('A resync that was due did not ask ALM'));
  const timer = setTimeout(late, RESYNC_LIMIT_MS);
  try {
    return await Promise.race([hold.reached, promise]);
  } finally {
    clearTimeout(timer);
  }
}

type Short = (scene: Scene) => Promise<readonly Told[]>;

function short(chapter: Chapter, spec: Fields, before: (subject: Subject, alm: AlmSim) => void): Short {
  return (scene) => {
    const { row, place } = scene;
    return narrate(chapter.toLowerCase(), scene, [
      [
        chapter,
        (subject) => {
          before(subject, place.alm);
          return subject.declare({ ...row.spec, ...spec }, row.password ?? FIRST);
        },
      ],
    ]);
  };
}

const preempt = (subject: Subject) => subject.preempt();
const leave = () => {};

const SHORT: readonly Short[] = [
  short('never', {}, preempt),
  short('ifExists', { adoptionPolicy: 'IfExists' }, preempt),
  short('required', { adoptionPolicy: 'Required' }, preempt),
  short('missing', { adoptionPolicy: 'Required' }, leave),
  short('lostCreation', {}, ({ clientId }, alm) => lose(alm, 'POST', clientId, 'after')),
  short('cutCreation', {}, ({ clientId }, alm) => lose(alm, 'POST', clientId, 'before')),
  short('lostRefusal', {}, (subject, alm) => {
    subject.preempt();
    lose(alm, 'POST', subject.clientId, 'after');
  }),
];
