/** Label selectors, in the text form of the API (`a=b,c in (d,e),!f`) and as objects. Pure. */

export type Labels = Readonly<Record<string, string>>;
export type LabelMatcher = (labels: Labels | undefined) => boolean;

/** A LabelSelector as objects hold it; what it leaves out asks for nothing. */
export type LabelSelector = Readonly<{
  matchLabels?: Labels;
  matchExpressions?: readonly LabelExpression[];
}>;

type LabelExpression = Readonly<{
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: readonly string[];
}>;

const VALUE = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const KEY = `(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?${VALUE}`;
const EQUALITY = new RegExp(`^(${KEY})\\s*(=|==|!=)\\s*(${VALUE})?$`);
const MEMBERSHIP = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const LISTED = new RegExp(`^(${VALUE})?$`);
const EXISTENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/** The matcher of a selector, or undefined where the text is none. An empty selector matches everything. */
export function parseSelector(text: string): LabelMatcher | undefined {
  if (text.trim() === '') return () => true;
  // A comma inside parentheses separates values, not requirements.
  const requirements = text.split(/,(?![^(]*\))/).map((requirement) => parseRequirement(requirement.trim()));
  const matchers = requirements.filter((matcher) => matcher !== undefined);
  if (matchers.length < requirements.length) return undefined;
  return (labels) => matchers.every((matches) => matches(labels));
}

function parseRequirement(text: string): LabelMatcher | undefined {
  return parseMembership(text) ?? parseEquality(text) ?? parseExistence(text);
}

function parseEquality(text: string): LabelMatcher | undefined {
  const [, key, operator, value = ''] = EQUALITY.exec(text) ?? [];
  if (key === undefined) return undefined;
  if (operator === '!=') return (labels) => labels?.[key] !== value;
  return (labels) => labels?.[key] === value;
}

function parseMembership(text: string): LabelMatcher | undefined {
  const [, key, operator, list = ''] = MEMBERSHIP.exec(text) ?? [];
  if (key === undefined) return undefined;
  const values = new Set(list.split(',').map((value) => value.trim()));
  if ([...values].some((value) => !LISTED.test(value))) return undefined;
  if (operator === 'notin') return (labels) => !values.has(labels?.[key] ?? '\0');
  return (labels) => values.has(labels?.[key] ?? '\0');
}

function parseExistence(text: string): LabelMatcher | undefined {
  const [, not, key] = EXISTENCE.exec(text) ?? [];
  if (key === undefined) return undefined;
  return (labels) => (labels !== undefined && Object.hasOwn(labels, key)) === (not === '');
}

export function matchesSelector(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Labels,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(labels, key) === value) &&
    matchExpressions.every((expression) => matchesExpression(expression, labelOf(labels, expression.key)))
  );
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function matchesExpression({ operator, values = [] }: LabelExpression, value: string | undefined): boolean {
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  return (value !== undefined && values.includes(value)) === (operator === 'In');
}
