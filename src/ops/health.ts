/** What `/livez` and `/readyz` say: one check a line, as the API server's own endpoints do. Pure. */

export type Check = Readonly<{
  name: string;
  /** What is wrong, or undefined. */
  trouble: () => string | undefined;
}>;

/**
 * `livez` fails where only a restart of the process helps, `readyz` while it does not know enough to work. An API
 * server or an ALM that is away is neither.
 */
export type Checks = Readonly<Record<'livez' | 'readyz', readonly Check[]>>;

export type Health = Readonly<{ status: 200 | 503; text: string }>;

/** `verbose` names all checks also where nothing is wrong. */
export function healthOf(endpoint: keyof Checks, checks: Checks, verbose: boolean): Health {
  const found = checks[endpoint].map(({ name, trouble }) => ({ name, trouble: trouble() }));
  const ok = found.every(({ trouble }) => trouble === undefined);
  if (ok && !verbose) return { status: 200, text: 'ok\n' };
  const lines = found.map(({ name, trouble }) =>
    trouble === undefined ? `[+]${name} ok` : `[-]${name} failed: ${trouble}`,
  );
  const text = [...lines, `${endpoint} check ${ok ? 'passed' : 'failed'}`, ''].join('\n');
  return { status: ok ? 200 : 503, text };
}
