/**
 * The string formats that the API server enforces. A format that is not listed here is ignored, as the server ignores
 * those it does not know; of its own list, only isbn*, creditcard, ssn, rgbcolor and bsonobjectid are missing.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { parseGoDuration } from './go-duration.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SHORT_NAME = new RegExp(`^${LABEL}$`);
const LONG_NAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:z|[+-]\d{2}:\d{2})$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MAC = /^(?:[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2})?)$/i;
const SCALA = /^\d+\s*(?:ns|us|µs|ms|s|m|h|d|w|nanos?|micros?|millis?|(?:second|minute|hour|day|week)s?)$/i;

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  const [, hours = '', minutes = '', seconds = ''] = TIME.exec(time) ?? [];
  return isDate(date) && hours !== '' && hours <= '23' && minutes <= '59' && seconds <= '59';
}

/** Go's url.ParseRequestURI: absolute, or a rooted path. */
function isUri(text: string): boolean {
  return text.startsWith('/') ? !/[\s#]/.test(text) : /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text);
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const version = isIP(address);
  return (
    version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
  );
}

function isUuid(version: string, variant: string): (text: string) => boolean {
  const hex = '[0-9a-f]';
  const tail = `-?${version}${hex}{3}-?${variant}${hex}{3}-?${hex}{12}`;
  const expression = new RegExp(`^${hex}{8}-?${hex}{4}${tail}$`, 'i');
  return (text) => expression.test(text);
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  datetime: isDateTime,
  date: isDate,
  duration: (text) => parseGoDuration(text) !== undefined || SCALA.test(text),
  byte: (text) => BASE64.test(text),
  password: () => true,
  uri: isUri,
  hostname: (text) =>
    text.length <= 255 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9][-a-z0-9]*)*\.?$/i.test(text),
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: (text) => MAC.test(text),
  uuid: isUuid('[0-9a-f]', '[0-9a-f]'),
  uuid3: isUuid('3', '[0-9a-f]'),
  uuid4: isUuid('4', '[89ab]'),
  uuid5: isUuid('5', '[89ab]'),
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  k8sshortname: (text) => text.length <= 63 && SHORT_NAME.test(text),
  k8slongname: (text) => text.length <= 253 && LONG_NAME.test(text),
};

/** The check of a format, or undefined where the server ignores the format. */
export function formatCheck(format: string): ((text: string) => boolean) | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}
