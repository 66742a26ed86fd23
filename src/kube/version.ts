/**
 * Resource versions. Within one kind they are comparable decimal numbers (KEP-5504); they outgrow a double.
 */

const DECIMAL = /^\d+$/;

/** Below 0 where `a` is older than `b`. Undefined where either is not a number: then nothing can be said. */
export function compareVersions(a: string, b: string): number | undefined {
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  const [left, right] = [BigInt(a), BigInt(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Whether `a` is certainly older than `b`. */
export function isOlder(a: string, b: string): boolean {
  return (compareVersions(a, b) ?? 0) < 0;
}
