/** Names of objects, keys and values of labels, and what is wrong with one, in the server's words. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const VALUE = `(${KEY})?`;

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const KEY_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

function regexText(rule: string, regex: string, ...examples: readonly string[]): string {
  return `${rule} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${regex}')`;
}

const fits = (text: string, regex: string): boolean => new RegExp(`^${regex}$`).test(text);
export const bytes = (text: string): number => Buffer.byteLength(text);

/** Why a name is no DNS subdomain; `unit` is what the limit says it counts. */
export function subdomainErrors(
  name: string,
  unit: 'characters' | 'bytes' = 'characters',
): readonly string[] {
  return [
    ...(bytes(name) > 253 ? [`must be no more than 253 ${unit}`] : []),
    ...(fits(name, SUBDOMAIN) ? [] : [regexText(SUBDOMAIN_RULE, SUBDOMAIN, 'example.com')]),
  ];
}

/** Why a name is no DNS label, such as that of a namespace. */
export function labelErrors(name: string): readonly string[] {
  const shape = fits(name, SUBDOMAIN)
    ? 'must not contain dots'
    : regexText(LABEL_RULE, LABEL, 'my-name', '123-abc');
  return [
    ...(bytes(name) > 63 ? ['must be no more than 63 characters'] : []),
    ...(fits(name, LABEL) ? [] : [shape]),
  ];
}

/** Why text is no qualified name: an optional DNS prefix and a name of at most 63 bytes. */
export function qualifiedNameErrors(text: string): readonly string[] {
  const parts = text.split('/');
  const rule = regexText(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc');
  const whole = `a valid label key ${rule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  if (parts.length > 2) return [whole];
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const errors = prefix === '' ? ['prefix part must be non-empty'] : [];
  if (prefix !== undefined && prefix !== '') {
    errors.push(...subdomainErrors(prefix, 'bytes').map((error) => `prefix part ${error}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  if (bytes(name) > 63) errors.push('name part must be no more than 63 bytes');
  return fits(name, KEY) ? errors : [...errors, `name part ${rule}`];
}

/** Why text is no label value. */
export function labelValueErrors(value: string): readonly string[] {
  return [
    ...(bytes(value) > 63 ? ['must be no more than 63 bytes'] : []),
    ...(fits(value, VALUE) ? [] : [regexText(VALUE_RULE, VALUE, 'MyValue', 'my_value', '12345')]),
  ];
}
