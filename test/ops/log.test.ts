import { describe, expect, it } from 'vitest';
import { createLog, type LogFormat } from '../../src/ops/log.ts';
import { CANARY, findCanary } from '../support/canary.ts';

function logInto(format: LogFormat = 'json', context: () => object | undefined = () => undefined) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format, context }, { write: (line) => lines.push(line) });
  return { log, lines, entries: () => lines.map((line) => JSON.parse(line)) };
}

describe('the log', () => {
  it('is a JSON line with time, level, message and fields', () => {
    const { log, entries } = logInto();
    log.info({ phase: 'Held' }, 'claim changed');
    expect(entries()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        phase: 'Held',
        msg: 'claim changed',
      },
    ]);
  });

  it('has the context of its moment on every line, which no line changes', () => {
    const trace = { correlationId: '00ff', name: 'orders' };
    let context: object | undefined = trace;
    const { log, entries } = logInto('json', () => context);
    log.info({ name: 'own', more: 1 }, 'first');
    log.info({}, 'second');
    context = undefined;
    log.info({}, 'third');
    const shown = entries().map(({ correlationId, name, more }) => [correlationId, name, more]);
    expect(shown).toEqual([
      ['00ff', 'own', 1],
      ['00ff', 'orders', undefined],
      [undefined, undefined, undefined],
    ]);
    expect(trace).toEqual({ correlationId: '00ff', name: 'orders' });
  });

  it('shows a bug with its stack, its code and its causes, and nothing else that hangs on it', () => {
    const { log, entries, lines } = logInto();
    const cause = Object.assign(new TypeError('inner'), { request: { headers: `Basic ${CANARY}` } });
    const err = Object.assign(new Error('outer', { cause }), { code: 'EODD', options: CANARY });
    log.error({ err }, 'a pass hit a bug');
    expect(entries()[0].err).toEqual({
      type: 'Error',
      message: 'outer',
      code: 'EODD',
      stack: err.stack,
      cause: { type: 'TypeError', message: 'inner', stack: cause.stack },
    });
    expect(findCanary(lines.join(''))).toBeUndefined();
  });

  it('is text where people look', () => {
    const { log, lines } = logInto('pretty');
    log.warn({ reason: 'Conflict' }, 'a pass failed');
    expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}a pass failed reason=Conflict\n$/);
  });
});
