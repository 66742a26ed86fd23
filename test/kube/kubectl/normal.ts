/** What differs from run to run, and from server to server, has one name in sessions. */

const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>'],
  [/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z| [+-]\d{4})/g, '<time>'],
  [/(resource ?version"?: *"?)\d+/gi, '$1<version>'],
  [/\/\S*?(LIVE|MERGED)-\d+/g, '$1'],
  // From 1.34 on kubectl says where something was deleted.
  [/" deleted from \S+ namespace/g, '" deleted'],
  [/(?<=^|\s)(\d+[smhdy])+(?=\s|$)/gm, '<age>'],
];

export function normal(text: string, namespace: string): string {
  const named = text.replaceAll(namespace, '<ns>');
  return REPLACED.reduce((result, [pattern, name]) => result.replace(pattern, name), named)
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .join('\n');
}
