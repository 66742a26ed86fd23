/** Waits for a condition, with a deadline. */
export async function eventually(
  holds: () => boolean,
  what = 'the condition',
  limitMs = 5000,
): Promise<void> {
  const until = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > until) throw new Error(`${what} did not come true within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
