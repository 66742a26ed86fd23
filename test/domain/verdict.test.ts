import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureReason, fail } from '../../src/domain/reasons.ts';
import { findingsOf, type PassResult, type Standpoint, showsOwnFailure } from '../../src/domain/verdict.ts';
import { type Finding, findCondition, stamp } from '../../src/kube/conditions.ts';
import type { Failure } from '../../src/kube/outcome.ts';
import type { Condition } from '../../src/kube/types.ts';

const HOUR = 3_600_000;
const noon = Date.parse('2026-03-01T12:00:00Z');
const created: Standpoint = { origin: 'Created', operation: 'Created' };

/** The pass after which nothing is left to do. */
const good: PassResult = {
  failure: undefined,
  pending: false,
  suspended: false,
  rotates: false,
  applied: created,
  proof: undefined,
  warning: null,
  before: [],
  resyncMs: HOUR,
  nowMs: noon,
};

const unavailable = fail('AlmUnavailable', 'ALM is away');
const condition = (type: string, status: Condition['status'], agoMs = 0): Condition => ({
  type,
  status,
  reason: 'Before',
  message: 'as it was before',
  observedGeneration: 1,
  lastTransitionTime: new Date(noon - agoMs).toISOString(),
});

describe('a failure of its own', () => {
  it.each([
    ['a failed attempt', [{ type: 'Synced', status: 'False', reason: 'AlmUnavailable' }], true],
    ['one of unknown outcome', [{ type: 'Synced', status: 'Unknown', reason: 'OutcomeUnknown' }], true],
    ['a refused login', [condition('Synced', 'True'), { type: 'Verified', reason: 'TokenRefused' }], true],
    ['one of a spec before', [{ type: 'Synced', reason: 'AlmUnavailable', observedGeneration: 1 }], false],
    ['one that is over', [{ type: 'Synced', status: 'True', reason: 'AlmUnavailable' }], false],
    ['a wait for the breaker', [{ type: 'Synced', status: 'False', reason: 'CircuitOpen' }], false],
    ['nothing', [], false],
  ] as const)('is shown by %s: %s', (_name, changes, shows) => {
    const conditions = changes.map((change) => ({
      ...condition('Ready', 'False'),
      observedGeneration: 2,
      ...change,
    }));
    expect(showsOwnFailure({ conditions, generation: 2 })).toBe(shows);
  });
});

/** `Type=Status/Reason` of each finding, in order. */
function words(change: Partial<PassResult>): string {
  return findingsOf({ ...good, ...change })
    .map(({ type, status, reason }) => `${type}=${status}/${reason}`)
    .join(' ');
}

const rest = 'Accepted=True/Valid ResolvedRefs=True/Resolved';

describe('findingsOf, where nothing holds the object back', () => {
  it.each<[string, Partial<PassResult>, string]>([
    ['a client that was created', {}, `Ready=True/Applied ${rest} Synced=True/Created`],
    [
      'a client that was adopted',
      { applied: { origin: 'Adopted', operation: 'Adopted' } },
      `Ready=True/Adopted ${rest} Synced=True/Updated`,
    ],
    [
      'an update of a client that was created',
      { applied: { origin: 'Created', operation: 'Updated' } },
      `Ready=True/Applied ${rest} Synced=True/Updated`,
    ],
    [
      'an update of a client that was adopted',
      { applied: { origin: 'Adopted', operation: 'Updated' } },
      `Ready=True/Adopted ${rest} Synced=True/Updated`,
    ],
    [
      'a client that ALM had lost',
      { applied: { origin: 'Created', operation: 'Recreated' } },
      `Ready=True/Applied ${rest} Synced=True/Recreated`,
    ],
    [
      'the end of a failure',
      { before: [condition('Ready', 'False'), condition('Stalled', 'True')] },
      `Ready=True/Applied ${rest} Synced=True/Created`,
    ],
    ['nothing, where nothing is known', { applied: undefined }, ''],
  ])('says %s', (_, change, expected) => {
    expect(words(change)).toBe(expected);
  });

  it('writes its messages out for people', () => {
    const messages = (change: Partial<PassResult>) =>
      findingsOf({ ...good, ...change }).map(({ message }) => message);
    expect(messages({})).toEqual([
      'ALM holds this client as declared',
      'the spec is valid and the object may manage this client',
      'connection and Secret are usable',
      'ALM accepted the new client',
    ]);
    const synced = (operation: Standpoint['operation']) =>
      messages({ applied: { origin: 'Created', operation } }).at(-1);
    expect(synced('Adopted')).toBe('ALM accepted this record for a client that it already had');
    expect(synced('Updated')).toBe('ALM accepted the changed client');
    expect(synced('Recreated')).toBe('ALM had lost the client and accepted it anew');
  });
});

describe('the warning about a Secret', () => {
  const old = {
    ...condition('ResolvedRefs', 'True'),
    message: 'connection and Secret are usable; warning: old',
  };
  it.each<[string, Partial<PassResult>, string]>([
    ['is told beside the good news', { warning: 'odd' }, 'connection and Secret are usable; warning: odd'],
    ['goes when the Secret is mended', { warning: null, before: [old] }, 'connection and Secret are usable'],
    ['stays while the Secret is not read again', { warning: undefined, before: [old] }, old.message],
    [
      'is another for another Secret',
      { warning: 'new', before: [old] },
      'connection and Secret are usable; warning: new',
    ],
    [
      'is none where the references did not resolve before',
      { warning: undefined, before: [{ ...old, status: 'False' }] },
      'connection and Secret are usable',
    ],
    ['is none where nothing was said before', { warning: undefined }, 'connection and Secret are usable'],
  ])('%s', (_, change, message) => {
    const found = findCondition(findingsOf({ ...good, ...change }), 'ResolvedRefs');
    expect(found).toEqual({ type: 'ResolvedRefs', status: 'True', reason: 'Resolved', message });
  });

  it('stands beside a failure at ALM too', () => {
    const findings = findingsOf({
      ...good,
      failure: fail('RejectedByAlm', 'no'),
      pending: true,
      warning: 'odd',
    });
    expect(findCondition(findings, 'ResolvedRefs')?.message).toBe(
      'connection and Secret are usable; warning: odd',
    );
  });
});

describe('findingsOf, where a login can prove the client', () => {
  const verified = (status: Condition['status'], reason: string) => ({
    ...condition('Verified', status),
    reason,
  });
  const issued = verified('True', 'TokenIssued');
  const verifying = verified('Unknown', 'Verifying');
  const refusedBefore = verified('False', 'TokenRefused');
  const unprovable = verified('Unknown', 'Unprovable');
  const ready = `Ready=True/Applied ${rest} Synced=True/Created`;
  const waiting = (reason: string, last: string) =>
    `Ready=False/${reason} ${rest} Synced=True/Created Verified=${last} Reconciling=True/${reason}`;
  const refusal = fail('TokenRefused', 'ALM refuses the login');
  const said = (word: 'issued' | 'verifying' | 'unprovable' | undefined) => ({ proof: { said: word } });

  it.each<[string, Partial<PassResult>, string]>([
    ['a first login that succeeds', said('issued'), `${ready} Verified=True/TokenIssued`],
    ['a login that is still refused', said('verifying'), waiting('Progressing', 'Unknown/Verifying')],
    ['a login that cannot be asked', said('unprovable'), `${ready} Verified=Unknown/Unprovable`],
    [
      'the success after the wait',
      { ...said('issued'), before: [verifying] },
      `${ready} Verified=True/TokenIssued`,
    ],
    [
      'the success after a refusal',
      { ...said('issued'), before: [refusedBefore] },
      `${ready} Verified=True/TokenIssued`,
    ],
    [
      'a client that worked and does so no longer',
      { ...said('verifying'), before: [issued] },
      waiting('Progressing', 'Unknown/Verifying'),
    ],
    [
      'a refusal, also while the next attempt is under way',
      { ...said('verifying'), before: [refusedBefore] },
      waiting('TokenRefused', 'False/TokenRefused'),
    ],
    [
      'that the login cannot be asked any more, after a refusal',
      { ...said('unprovable'), before: [refusedBefore] },
      `${ready} Verified=Unknown/Unprovable`,
    ],
    [
      'what was said, where none was tried',
      { ...said(undefined), before: [issued] },
      `${ready} Verified=True/TokenIssued`,
    ],
    [
      'the wait, where none was tried',
      { ...said(undefined), before: [verifying] },
      waiting('Progressing', 'Unknown/Verifying'),
    ],
    [
      'the refusal, where none was tried',
      { ...said(undefined), before: [refusedBefore] },
      waiting('TokenRefused', 'False/TokenRefused'),
    ],
    [
      'that it cannot be asked, where none was tried',
      { ...said(undefined), before: [unprovable] },
      `${ready} Verified=Unknown/Unprovable`,
    ],
    ['nothing of a login that was never tried', said(undefined), ready],
    [
      'nothing of it any more where logins prove nothing',
      { proof: undefined, before: [refusedBefore] },
      ready,
    ],
    [
      'the end of a window',
      { ...said(undefined), failure: refusal, before: [verifying] },
      waiting('TokenRefused', 'False/TokenRefused'),
    ],
    [
      'the end of a window of a client that was Ready',
      { ...said(undefined), failure: refusal, before: [condition('Ready', 'True'), issued] },
      waiting('TokenRefused', 'False/TokenRefused'),
    ],
    [
      'a refused login at an endpoint where nothing was applied, which is no success at ALM',
      { ...said(undefined), failure: refusal, applied: undefined },
      'Ready=False/TokenRefused Accepted=True/Valid ResolvedRefs=True/Resolved Synced=Unknown/TokenRefused ' +
        'Verified=False/TokenRefused Reconciling=True/TokenRefused',
    ],
    [
      'that a login has to wait for a write that failed',
      { ...said(undefined), failure: unavailable, pending: true, before: [issued] },
      `Ready=False/AlmUnavailable ${rest} Synced=False/AlmUnavailable Verified=Unknown/AlmUnavailable ` +
        'Reconciling=True/AlmUnavailable',
    ],
    [
      'what a login showed, through the silence at a re-assertion',
      { ...said(undefined), failure: unavailable, before: [condition('Ready', 'True'), issued] },
      `Ready=True/Applied ${rest} Synced=Unknown/AlmUnavailable Verified=True/TokenIssued`,
    ],
    [
      'no Ready through silence after a refusal',
      { ...said(undefined), failure: unavailable, before: [condition('Ready', 'False'), refusedBefore] },
      `Ready=False/AlmUnavailable ${rest} Synced=False/AlmUnavailable Verified=Unknown/AlmUnavailable ` +
        'Reconciling=True/AlmUnavailable',
    ],
    [
      'what a login showed, while suspended',
      { ...said(undefined), suspended: true, before: [condition('Ready', 'True'), issued] },
      `Ready=True/Suspended ${rest} Synced=True/Created Verified=True/TokenIssued`,
    ],
    [
      'the wait, while suspended',
      { ...said(undefined), suspended: true, before: [condition('Ready', 'False'), verifying] },
      `Ready=False/Suspended ${rest} Synced=True/Created Verified=Unknown/Verifying`,
    ],
    [
      'nothing of a login that was never tried, while suspended',
      { ...said(undefined), suspended: true, before: [condition('Ready', 'True')] },
      `Ready=True/Suspended ${rest} Synced=True/Created`,
    ],
    [
      'that nothing is known of a change that waits for the end of the suspension',
      { ...said(undefined), suspended: true, pending: true, before: [issued] },
      'Ready=False/Suspended Accepted=True/Valid ResolvedRefs=Unknown/Suspended Synced=False/Suspended ' +
        'Verified=Unknown/Suspended',
    ],
    [
      'nothing of a login while suspended where logins prove nothing',
      { proof: undefined, suspended: true, pending: true, before: [issued] },
      'Ready=False/Suspended Accepted=True/Valid ResolvedRefs=Unknown/Suspended Synced=False/Suspended',
    ],
  ])('says %s', (_, change, expected) => {
    expect(words(change)).toBe(expected);
  });

  it('repeats of a standing refusal what was said of it, so that its next attempt causes no write', () => {
    const stamped = (change: Partial<PassResult>, before: readonly Condition[]) =>
      stamp(findingsOf({ ...good, ...change, before }), before, 1, new Date(noon + 60_000));
    const told = stamped({ ...said(undefined), failure: refusal }, []);
    expect(stamped(said('verifying'), told)).toEqual(told);
    expect(stamped(said(undefined), told)).toEqual(told);
    const tried = stamped(said('verifying'), []);
    expect(stamped(said('verifying'), tried)).toEqual(tried);
  });
});

describe('findingsOf, where a step fails', () => {
  const first: Partial<PassResult> = { applied: undefined, pending: true };
  const failing = (reason: FailureReason, change: Partial<PassResult> = first) =>
    words({ ...change, failure: fail(reason, 'as the step says') });

  it.each<[FailureReason, string]>([
    [
      'InvalidSpec',
      'Ready=False/InvalidSpec Accepted=False/InvalidSpec ResolvedRefs=Unknown/InvalidSpec Synced=Unknown/InvalidSpec ' +
        'Stalled=True/InvalidSpec',
    ],
    [
      'ClientIdConflict',
      'Ready=False/ClientIdConflict Accepted=False/ClientIdConflict ResolvedRefs=Unknown/ClientIdConflict ' +
        'Synced=Unknown/ClientIdConflict Stalled=True/ClientIdConflict',
    ],
    [
      'SecretNotFound',
      'Ready=False/SecretNotFound Accepted=True/Valid ResolvedRefs=False/SecretNotFound ' +
        'Synced=Unknown/SecretNotFound Reconciling=True/SecretNotFound',
    ],
    [
      'SecretInvalid',
      'Ready=False/SecretInvalid Accepted=True/Valid ResolvedRefs=False/SecretInvalid Synced=Unknown/SecretInvalid ' +
        'Stalled=True/SecretInvalid',
    ],
    [
      'ConnectionNotReady',
      'Ready=False/ConnectionNotReady Accepted=True/Valid ResolvedRefs=False/ConnectionNotReady ' +
        'Synced=Unknown/ConnectionNotReady Reconciling=True/ConnectionNotReady',
    ],
    [
      'RejectedByAlm',
      `Ready=False/RejectedByAlm ${rest} Synced=False/RejectedByAlm Stalled=True/RejectedByAlm`,
    ],
    [
      'AlmUnavailable',
      `Ready=False/AlmUnavailable ${rest} Synced=False/AlmUnavailable Reconciling=True/AlmUnavailable`,
    ],
    [
      'OutcomeUnknown',
      `Ready=False/OutcomeUnknown ${rest} Synced=Unknown/OutcomeUnknown Reconciling=True/OutcomeUnknown`,
    ],
    ['Progressing', `Ready=False/Progressing ${rest} Synced=False/Progressing Reconciling=True/Progressing`],
    [
      'InternalError',
      `Ready=False/InternalError ${rest} Synced=False/InternalError Reconciling=True/InternalError`,
    ],
  ])('tells of %s at the step that it holds back', (reason, expected) => {
    expect(failing(reason)).toBe(expected);
  });

  it('repeats the message of the failing step wherever that step is the cause', () => {
    const findings = findingsOf({
      ...good,
      ...first,
      failure: fail('SecretNotFound', 'Secret orders is missing'),
    });
    const messages = findings.map(({ type, message }) => `${type}: ${message}`);
    expect(messages).toEqual([
      'Ready: Secret orders is missing',
      'Accepted: the spec is valid and the object may manage this client',
      'ResolvedRefs: Secret orders is missing',
      'Synced: Secret orders is missing',
      'Reconciling: Secret orders is missing',
    ]);
  });

  it('holds a reason that nobody listed for one of ALM', () => {
    const failure: Failure = { kind: 'transient', reason: 'Novel', message: 'unheard of' };
    expect(words({ ...first, failure })).toBe(
      `Ready=False/Novel ${rest} Synced=False/Novel Reconciling=True/Novel`,
    );
  });

  it('is not Ready while a change waits, although an earlier state was applied', () => {
    expect(failing('AlmUnavailable', { pending: true })).toBe(
      `Ready=False/AlmUnavailable ${rest} Synced=False/AlmUnavailable Reconciling=True/AlmUnavailable`,
    );
  });

  it('is not Ready where the pass could not tell whether a change waits', () => {
    expect(failing('InternalError', { pending: undefined })).toContain('Ready=False/InternalError');
  });
});

describe('findingsOf, where a mere re-assertion fails', () => {
  const wasReady = [condition('Ready', 'True'), condition('Synced', 'True', 9 * HOUR)];
  const keeping = (reason: string) => `Ready=True/Applied ${rest} Synced=Unknown/${reason}`;
  const failing = (reason: FailureReason, change: Partial<PassResult> = {}) =>
    words({ before: wasReady, failure: fail(reason, 'as the step says'), ...change });

  it.each<FailureReason>([
    'AlmUnavailable',
    'OutcomeUnknown',
    'Unauthorised',
    'PrivilegeMissing',
    'RateLimited',
    'TlsError',
    'MalformedAnswer',
    'EndpointNotFound',
    'ConnectionNotReady',
    'InternalError',
  ])('stays Ready on %s, because a failed look is no evidence of absence', (reason) => {
    expect(failing(reason)).toBe(keeping(reason));
  });

  it.each<[FailureReason, string]>([
    ['RecordDiffers', `${rest} Synced=False/RecordDiffers Reconciling=True/RecordDiffers`],
    ['RejectedByAlm', `${rest} Synced=False/RejectedByAlm Stalled=True/RejectedByAlm`],
    ['NotFoundForUpdate', `${rest} Synced=False/NotFoundForUpdate Stalled=True/NotFoundForUpdate`],
    [
      'SecretNotFound',
      'Accepted=True/Valid ResolvedRefs=False/SecretNotFound Synced=Unknown/SecretNotFound ' +
        'Reconciling=True/SecretNotFound',
    ],
  ])('is not Ready on %s, which is an answer', (reason, expected) => {
    expect(failing(reason)).toBe(`Ready=False/${reason} ${expected}`);
  });

  it('stays not Ready where the last answer of ALM was a refusal and now none comes', () => {
    const before = [condition('Ready', 'False'), condition('Synced', 'False')];
    expect(failing('AlmUnavailable', { before })).toBe(
      `Ready=False/AlmUnavailable ${rest} Synced=False/AlmUnavailable Reconciling=True/AlmUnavailable`,
    );
  });

  it.each<[string, Partial<PassResult>, 'True' | 'Unknown']>([
    ['at the first failure, however long nothing was asked', {}, 'True'],
    ['before two intervals are over', { before: [condition('Synced', 'Unknown', 2 * HOUR - 1)] }, 'True'],
    ['after two intervals', { before: [condition('Synced', 'Unknown', 2 * HOUR)] }, 'Unknown'],
    ['after many intervals', { before: [condition('Synced', 'Unknown', 99 * HOUR)] }, 'Unknown'],
    [
      'after two shorter intervals',
      { before: [condition('Synced', 'Unknown', 20_000)], resyncMs: 10_000 },
      'Unknown',
    ],
    [
      'never with 0s',
      { before: [condition('Synced', 'Unknown', 99_999 * HOUR)], resyncMs: undefined },
      'True',
    ],
  ])('Ready is told by ALM’s last answer %s', (_, change, status) => {
    const findings = findingsOf({ ...good, before: wasReady, failure: unavailable, ...change });
    expect(findCondition(findings, 'Ready')).toEqual(
      status === 'True'
        ? { type: 'Ready', status, reason: 'Applied', message: 'ALM holds this client as declared' }
        : { type: 'Ready', status, reason: 'AlmUnavailable', message: 'ALM is away' },
    );
    expect(findCondition(findings, 'Synced')).toEqual({
      type: 'Synced',
      status: 'Unknown',
      reason: 'AlmUnavailable',
      message: 'ALM is away',
    });
    expect(findings.map(({ type }) => type)).not.toContain('Reconciling');
  });
});

describe('findingsOf, while suspended', () => {
  const suspended = (change: Partial<PassResult>) => words({ suspended: true, ...change });

  it.each<[string, Partial<PassResult>, string]>([
    [
      'keeps Ready=True where nothing waits',
      { before: [condition('Ready', 'True'), condition('Synced', 'True')] },
      `Ready=True/Suspended ${rest} Synced=True/Created`,
    ],
    [
      'keeps Ready=Unknown where ALM had been silent, and goes on to say so',
      { before: [condition('Ready', 'Unknown'), condition('Synced', 'Unknown')] },
      `Ready=Unknown/Suspended ${rest} Synced=Unknown/Suspended`,
    ],
    [
      'keeps each of the two as it was',
      { before: [condition('Ready', 'True'), condition('Synced', 'Unknown')] },
      `Ready=True/Suspended ${rest} Synced=Unknown/Suspended`,
    ],
    [
      'keeps Ready=False where ALM had refused, and goes on to say so',
      { before: [condition('Ready', 'False'), condition('Synced', 'False')] },
      `Ready=False/Suspended ${rest} Synced=False/Suspended`,
    ],
    [
      'keeps Ready=True where a rotation waits, for what ALM holds works until then',
      { rotates: true, before: [condition('Ready', 'True'), condition('Synced', 'True')] },
      `Ready=True/Suspended ${rest} Synced=True/Created`,
    ],
    ['says Unknown where nothing was said before', {}, `Ready=Unknown/Suspended ${rest} Synced=True/Created`],
    [
      'is not Ready where a change waits',
      { pending: true, before: [condition('Ready', 'True'), condition('Synced', 'True')] },
      'Ready=False/Suspended Accepted=True/Valid ResolvedRefs=Unknown/Suspended Synced=False/Suspended',
    ],
    [
      'is not Ready where nothing was ever applied',
      { applied: undefined, pending: true },
      'Ready=False/Suspended Accepted=True/Valid ResolvedRefs=Unknown/Suspended Synced=False/Suspended',
    ],
    [
      'is not Ready where nothing was ever applied, whatever the pass believed',
      { applied: undefined, before: [condition('Ready', 'True')] },
      'Ready=False/Suspended Accepted=True/Valid ResolvedRefs=Unknown/Suspended Synced=False/Suspended',
    ],
  ])('%s', (_, change, expected) => {
    expect(suspended(change)).toBe(expected);
  });

  it('says whether a change or a rotation waits', () => {
    const message = (change: Partial<PassResult>) =>
      findCondition(findingsOf({ ...good, suspended: true, ...change }), 'Ready')?.message;
    expect(message({})).toBe('nothing is written to ALM while spec.suspend is true; no change waits');
    const change = 'nothing is written to ALM while spec.suspend is true; a change waits for its end';
    expect(message({ pending: true })).toBe(change);
    expect(message({ pending: true, rotates: true })).toBe(change);
    expect(message({ rotates: true })).toBe(
      'nothing is written to ALM while spec.suspend is true; a rotation waits for its end',
    );
  });
});

describe('every status that a pass can leave behind', () => {
  const failures = fc
    .constantFrom(...(Object.keys(FAILURES) as FailureReason[]))
    .map((reason) => fail(reason, reason));
  const standpoints = fc.record<Standpoint>({
    origin: fc.constantFrom('Created', 'Adopted'),
    operation: fc.constantFrom('Created', 'Adopted', 'Updated', 'Recreated'),
  });
  /** Reachable: a pass without failure and suspension has had an answer of ALM. */
  const passes = fc
    .record<Omit<PassResult, 'before'>>({
      failure: fc.option(failures, { nil: undefined }),
      pending: fc.constantFrom(true, false, undefined),
      suspended: fc.boolean(),
      rotates: fc.boolean(),
      applied: fc.option(standpoints, { nil: undefined }),
      proof: fc.constantFrom<PassResult['proof'][]>(
        undefined,
        { said: undefined },
        { said: 'issued' },
        { said: 'verifying' },
        { said: 'unprovable' },
      ),
      warning: fc.constantFrom(undefined, null, 'odd'),
      resyncMs: fc.constantFrom(undefined, HOUR),
      nowMs: fc.integer({ min: noon, max: noon + 9 * HOUR }),
    })
    .filter(({ failure, suspended, applied }) => failure !== undefined || suspended || applied !== undefined);
  /** One pass after the other, each on what the last one left behind. */
  const histories = fc.array(passes, { minLength: 1, maxLength: 5 });

  function live(
    history: readonly Omit<PassResult, 'before'>[],
    judge: (findings: readonly Finding[], pass: PassResult) => void,
  ) {
    let before: readonly Condition[] = [];
    for (const [generation, pass] of history.entries()) {
      const findings = findingsOf({ ...pass, before });
      judge(findings, { ...pass, before });
      before = stamp(findings, before, generation, new Date(pass.nowMs));
    }
  }
  const status = (findings: readonly Finding[], type: string) => findCondition(findings, type)?.status;

  it('has Ready, Accepted, ResolvedRefs and Synced, each once', () => {
    fc.assert(
      fc.property(histories, (history) => {
        live(history, (findings) => {
          const types = findings.map(({ type }) => type);
          expect(new Set(types).size).toBe(types.length);
          expect(types).toEqual(expect.arrayContaining(['Ready', 'Accepted', 'ResolvedRefs', 'Synced']));
        });
      }),
    );
  });

  it('is never both Reconciling and Stalled, never Ready while either, and has both only while true', () => {
    fc.assert(
      fc.property(histories, (history) => {
        live(history, (findings) => {
          const flags = ['Reconciling', 'Stalled'].flatMap((type) => status(findings, type) ?? []);
          expect(flags.length).toBeLessThanOrEqual(1);
          expect(flags.every((flag) => flag === 'True')).toBe(true);
          if (flags.length > 0) expect(status(findings, 'Ready')).toBe('False');
        });
      }),
    );
  });

  it('is Ready only where ALM took a state, no change waits and no step says False', () => {
    fc.assert(
      fc.property(histories, (history) => {
        live(history, (findings, { applied, pending, failure }) => {
          if (status(findings, 'Ready') !== 'True') return;
          expect(applied).toBeDefined();
          if (failure !== undefined) expect(pending).toBe(false);
          expect(findings.filter((finding) => finding.status === 'False')).toEqual([]);
        });
      }),
    );
  });

  it('never turns Ready=True by a failure', () => {
    fc.assert(
      fc.property(histories, (history) => {
        live(history, (findings, { failure, before }) => {
          if (failure === undefined || status(findings, 'Ready') !== 'True') return;
          expect(findCondition(before, 'Ready')?.status).not.toBe('False');
        });
      }),
    );
  });

  it('has a reason in CamelCase and a message without times or counters', () => {
    fc.assert(
      fc.property(histories, (history) => {
        live(history, (findings) => {
          for (const { reason, message } of findings) {
            expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
            expect(message).not.toMatch(/\d/);
          }
        });
      }),
    );
  });

  it('is the same after the same pass, so that an unchanged world causes no write', () => {
    fc.assert(
      fc.property(histories, passes, (history, last) => {
        live([...history, last, last, last], () => undefined);
        let before: readonly Condition[] = [];
        const now = new Date(noon);
        const statuses = [...history, last, last].map((pass) => {
          before = stamp(findingsOf({ ...pass, nowMs: noon, before }), before, 1, now);
          return before;
        });
        expect(statuses.at(-1)).toEqual(statuses.at(-2));
      }),
    );
  });
});
