/** The query of a list or watch, with the combinations that the server refuses (ValidateListOptions upstream). */

import * as cause from '../schema/causes.ts';
import { badRequest, invalid, unnamed } from '../status.ts';

export type ListOptions = Readonly<{
  watch: boolean;
  /** As asked for; undefined where nothing was. */
  version: number | undefined;
  exact: boolean;
  limit: number;
  continue: string;
  bookmarks: boolean;
  initialEvents: boolean | undefined;
  timeoutSeconds: number | undefined;
}>;

export function listOptions(query: URLSearchParams, watchList: boolean): ListOptions {
  const text = (name: string) => query.get(name) ?? '';
  const watch = isTrue(query, 'watch');
  const causes = watch ? watchCauses(query, watchList) : listCauses(query);
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes);
  const version = watch ? parsedVersion(text('resourceVersion')) : listedVersion(text('resourceVersion'));
  if (text('continue') !== '' && (version ?? 0) !== 0) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  return {
    watch,
    version,
    exact: text('resourceVersionMatch') === 'Exact',
    limit: parsedNumber(text('limit')) ?? 0,
    continue: text('continue'),
    bookmarks: isTrue(query, 'allowWatchBookmarks'),
    initialEvents: query.has('sendInitialEvents')
      ? isTrue(query, 'sendInitialEvents')
      : impliesInitialEvents(query, version, watchList),
    timeoutSeconds: parsedNumber(text('timeoutSeconds')) || undefined,
  };
}

/** A watch from the state that takes bookmarks is a WatchList, asked for or not (SetListOptionsDefaults upstream). */
function impliesInitialEvents(query: URLSearchParams, version: number | undefined, watchList: boolean) {
  const fromState = isTrue(query, 'watch') && (version ?? 0) === 0;
  return watchList && fromState && isTrue(query, 'allowWatchBookmarks') ? true : undefined;
}

export function parsedVersion(text: string): number | undefined {
  if (text === '') return undefined;
  if (/^[0-9]+$/.test(text)) return Number(text);
  const why = `strconv.ParseUint: parsing "${text}": invalid syntax`;
  throw unnamed(`resourceVersion: Invalid value: "${text}": ${why}`);
}

/** Lists name the same mistake a bad request. */
function listedVersion(text: string): number | undefined {
  try {
    return parsedVersion(text);
  } catch (error) {
    throw badRequest(`invalid resource version: ${(error as Error).message}`);
  }
}

/** Throws 400 for what is no whole number. */
export function parsedNumber(text: string): number | undefined {
  if (text === '') return undefined;
  if (/^[+-]?[0-9]+$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
}

/** Whatever is there and says neither 0 nor false; people say `?watch`. */
function isTrue(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && !['0', 'false'].includes(text.toLowerCase());
}

const MATCH = 'resourceVersionMatch';

function listCauses(query: URLSearchParams): readonly cause.Cause[] {
  const match = query.get(MATCH) ?? '';
  const version = query.get('resourceVersion') ?? '';
  const refuse = (wrong: boolean, why: string) => (wrong ? [cause.forbidden(MATCH, why)] : []);
  const ofMatch =
    match === ''
      ? []
      : [
          ...refuse(version === '', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
          ...refuse(query.has('continue'), 'resourceVersionMatch is forbidden when continue is provided'),
          ...(match === 'Exact' || match === 'NotOlderThan'
            ? []
            : [cause.notSupported(MATCH, match, ['Exact', 'NotOlderThan', ''])]),
          ...refuse(
            match === 'Exact' && version === '0',
            'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
          ),
        ];
  const asksEvents = query.has('sendInitialEvents');
  return [
    ...ofMatch,
    ...(asksEvents ? [cause.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')] : []),
  ];
}

function watchCauses(query: URLSearchParams, watchList: boolean): readonly cause.Cause[] {
  const match = query.get(MATCH) ?? '';
  const asksEvents = query.has('sendInitialEvents');
  const notOlder = match === 'NotOlderThan';
  const gate = 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
  const alone = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
  return [
    ...(asksEvents && !notOlder
      ? [cause.forbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
      : []),
    ...(asksEvents && !watchList ? [cause.forbidden('sendInitialEvents', gate)] : []),
    ...(match !== '' && !asksEvents ? [cause.forbidden(MATCH, alone)] : []),
    ...(match !== '' && !notOlder ? [cause.notSupported(MATCH, match, ['NotOlderThan'])] : []),
  ];
}
