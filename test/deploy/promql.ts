/** Which metrics and labels an expression of PromQL names: enough of its grammar for that. */

export type Selector = Readonly<{ metric: string; labels: readonly string[] }>;

export type Named = Readonly<{
  selectors: readonly Selector[];
  /** Of `by`, `on` and their like. */
  grouping: readonly string[];
}>;

const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_:][\w:]*|[0-9.]+[smhdwy]?|[=!<>]=?~?|\S/g;
const NAME = /^[a-zA-Z_:][\w:]*$/;
const WITH_LABELS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan']);

export function namedIn(expression: string): Named {
  const tokens: readonly string[] = expression.match(TOKEN) ?? [];
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    const found = look(tokens, at);
    selectors.push(...found.selectors);
    grouping.push(...found.grouping);
    at += found.length;
  }
  return { selectors, grouping };
}

function look(tokens: readonly string[], at: number): Named & Readonly<{ length: number }> {
  const token = tokens[at] ?? '';
  const next = tokens[at + 1] ?? '';
  const inside = bracketed(tokens, at + 1);
  if (WITH_LABELS.has(token) && next === '(')
    return { selectors: [], grouping: inside.filter((one) => NAME.test(one)), length: inside.length + 3 };
  if (!isMetric(token, next)) return { selectors: [], grouping: [], length: 1 };
  if (next !== '{') return { selectors: [{ metric: token, labels: [] }], grouping: [], length: 1 };
  return {
    selectors: [{ metric: token, labels: labelsOf(inside) }],
    grouping: [],
    length: inside.length + 3,
  };
}

/** Neither a function nor an aggregation, as in `sum by (…) (…)`. */
function isMetric(token: string, next: string): boolean {
  return NAME.test(token) && !WORDS.has(token) && !WITH_LABELS.has(token) && !/^(\(|by|without)$/.test(next);
}

/** What stands between the bracket there and the one that ends it; nothing where there is none. */
function bracketed(tokens: readonly string[], at: number): readonly string[] {
  const closing = { '(': ')', '{': '}' }[tokens[at] ?? ''];
  return closing === undefined ? [] : tokens.slice(at + 1, tokens.indexOf(closing, at));
}

/** The names before the comparisons. */
function labelsOf(tokens: readonly string[]): readonly string[] {
  return tokens.filter((token, at) => NAME.test(token) && /^(=|!=|=~|!~)$/.test(tokens[at + 1] ?? ''));
}
