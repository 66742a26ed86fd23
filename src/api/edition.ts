/**
 * What a CustomResourceDefinition says of itself, so that an operator sees when it is served an older one: Helm installs
 * definitions once and never upgrades them.
 */
import { createHash } from 'node:crypto';
import { RELEASE } from '../release.ts';

/** The release that wrote the definition. */
const WRITTEN_BY = 'alm-operator.dev/version';
/** Names its content: another release may well write the same one. */
const SCHEMA = 'alm-operator.dev/schema';

type Annotations = Readonly<Record<string, string>>;

export function editionOf(spec: unknown, release = RELEASE): Annotations {
  const schema = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 16);
  return { [WRITTEN_BY]: release, [SCHEMA]: schema };
}

/**
 * Whether the served definition is another than the own one, and not from a later release. One that says nothing of
 * itself is older than all that do.
 */
export function isOlderEdition(served: Annotations, own: Annotations): boolean {
  if (served[SCHEMA] === own[SCHEMA]) return false;
  return !isLater(served[WRITTEN_BY] ?? '', own[WRITTEN_BY] ?? '');
}

/** The release that a definition says it is of; undefined where it says none. */
export function releaseOf(served: Annotations): string | undefined {
  return served[WRITTEN_BY];
}

/** By major, minor and patch. What comes after them does not count. */
function isLater(a: string, b: string): boolean {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const differing = left.findIndex((number, at) => number !== right[at]);
  return differing >= 0 && (left[differing] ?? 0) > (right[differing] ?? 0);
}

function numbersOf(release: string): readonly number[] {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)/.exec(release) ?? [];
  return numbers.map(Number);
}
