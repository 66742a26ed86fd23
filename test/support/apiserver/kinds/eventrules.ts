/**
 * What holds for every new event, through whichever group it comes (legacyValidateEvent upstream). One with an eventTime
 * has to say more than one without; neither may be told elsewhere than where its object lives.
 */

import { at, type Draft } from '../objects.ts';
import * as cause from '../schema/causes.ts';

/** What the group calls it. */
export type Reporter = 'reportingController' | 'reportingComponent';

const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const PREFIX_RULE =
  "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** `object` as it is stored: in the words of events.k8s.io. */
export function checkAnyNew(object: Draft, reporter: Reporter): readonly cause.Cause[] {
  if (object['eventTime'] === undefined) return checkHome(object, ['default']);
  return [
    ...(regardedNamespace(object) === '' ? checkHome(object, ['default', 'kube-system']) : []),
    ...checkReporter(object, reporter),
    ...bounded(object, 'action'),
    ...bounded(object, 'reason'),
    ...(text(object, 'note').length > 1024
      ? [cause.invalid('message', '', 'can have at most 1024 characters')]
      : []),
  ];
}

/** `homes`: where events of an object without a namespace may be. */
function checkHome(object: Draft, homes: readonly string[]): readonly cause.Cause[] {
  const regarded = regardedNamespace(object);
  const home = object.metadata.namespace ?? '';
  if (regarded === home || (regarded === '' && homes.includes(home))) return [];
  return [cause.invalid('involvedObject.namespace', regarded, 'does not match event.namespace')];
}

const text = (object: Draft, field: string) => String(object[field] ?? '');
const regardedNamespace = (object: Draft) => String(at(object, 'regarding', 'namespace') ?? '');

function checkReporter(object: Draft, told: Reporter): readonly cause.Cause[] {
  const controller = text(object, 'reportingController');
  const invalid = (why: string) => cause.invalid(told, controller, why);
  return [
    ...(controller === '' ? [cause.required(told)] : []),
    ...unqualified(controller).map(invalid),
    ...bounded(object, 'reportingInstance'),
  ];
}

/** Why text is no qualified name, such as example.org/operator. */
function unqualified(value: string): readonly string[] {
  const slash = value.indexOf('/');
  const name = value.slice(slash + 1);
  return [
    ...(slash >= 0 && !PREFIX.test(value.slice(0, slash)) ? [PREFIX_RULE] : []),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...(name.length > 63 ? ['name part must be no more than 63 bytes'] : []),
    ...(NAME.test(name) ? [] : [NAME_RULE]),
  ];
}

function bounded(object: Draft, field: string): readonly cause.Cause[] {
  const value = text(object, field);
  if (value === '') return [cause.required(field)];
  return value.length > 128 ? [cause.invalid(field, '', 'can have at most 128 characters')] : [];
}
