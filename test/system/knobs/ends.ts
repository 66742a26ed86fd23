/** How a story may end: what kubectl shows, and what ALM holds, beside each other. Pure. */

/** Conditions and claim as `status reason` and `phase origin`. */
export type End = Readonly<{
  ready: string;
  synced: string;
  claim: string;
  /** Whose record ALM has under the declared id. */
  holds: 'declared' | 'stranger' | 'nothing' | 'something else';
  /** Whose secret logs that client in. */
  opens: string;
  /** What the requests of this chapter did to that client. */
  did: string;
  /** The client that was there before, where there was one. */
  stranger: 'untouched' | 'touched' | 'none';
}>;

export const created: End = {
  ready: 'True Applied',
  synced: 'True Created',
  claim: 'Held Created',
  holds: 'declared',
  opens: 'declared',
  did: 'created',
  stranger: 'none',
};

/** The answer to the creation was lost; a login showed whose the client is, and a PUT settled it. */
export const createdAndAsserted: End = { ...created, did: 'created, updated' };

export const updated: End = { ...created, synced: 'True Updated', did: 'updated' };

export const recreated: End = { ...created, synced: 'True Recreated' };

export const adopted: End = {
  ready: 'True Adopted',
  synced: 'True Updated',
  claim: 'Held Adopted',
  holds: 'declared',
  opens: 'declared',
  did: 'updated',
  stranger: 'touched',
};

/** Not ready for this reason, and no trace of an attempt. */
export function given(reason: string): End {
  return {
    ready: `False ${reason}`,
    synced: `False ${reason}`,
    claim: 'none',
    holds: 'nothing',
    opens: 'nobody',
    did: 'nothing',
    stranger: 'none',
  };
}

/** The same where a stranger's client was in the way and still is. */
export function spared(reason: string): End {
  return { ...given(reason), holds: 'stranger', opens: 'stranger', stranger: 'untouched' };
}

/** Not ready for this reason, and to be tried again: the attempt stays on record. */
export function tried(end: End): End {
  return { ...end, claim: 'Pending' };
}

/** What ALM took before it is still believed to hold; that it could not be asked stands beside it. */
export function believed(reason: string): End {
  return {
    ...created,
    synced: `Unknown ${reason}`,
    holds: 'nothing',
    opens: 'nobody',
    did: 'nothing',
  };
}

/** Why `believed` is no offence. */
export const SILENT =
  'not ALM’s word for "gone": what it took last is believed until two resync intervals have passed without an answer';

export const refused = given('RejectedByAlm');
export const rejected = spared('RejectedByAlm');
export const unavailable = tried(given('AlmUnavailable'));
export const elsewhere = given('EndpointNotFound');
export const taken = spared('AlreadyExists');
export const missing = given('NotFoundForUpdate');

/** What no ALM may bring about, in words; empty for an honest end. `consented`: the object may take a client over. */
export function offences(end: End, consented: boolean): readonly string[] {
  const said = end.ready.startsWith('True');
  return [
    said && end.holds !== 'declared' ? ['Ready, and ALM holds another record'] : [],
    said && end.opens !== 'declared' ? ['Ready, and another secret logs in'] : [],
    !consented && end.stranger === 'touched' ? ['a stranger’s client was written without consent'] : [],
    end.opens.includes(',') ? ['more than one secret logs in'] : [],
  ].flat();
}
