import { describe, expect, it } from 'vitest';
import type { AlmClient } from '../../src/domain/record.ts';
import { Sessions } from '../../src/reconcile/sessions.ts';

const client = {} as AlmClient;
const usable = { usable: true, client, endpoint: 'https://alm', readable: false } as const;

describe('sessions', () => {
  it('know nothing of a connection that was never probed', () => {
    const sessions = new Sessions();
    expect(sessions.of('main')).toBeUndefined();
    expect(sessions.written('main')).toBe('unknown');
    expect(sessions.writtenClient('main')).toBeUndefined();
  });

  it.each<[string, (sessions: Sessions) => void, boolean]>([
    ['where nobody logged in yet', () => undefined, true],
    ['where the last login failed', (sessions) => sessions.set('main', { usable: false }), true],
    ['not where the login stands', (sessions) => sessions.set('main', usable), false],
    [
      'where a call cast doubt on it',
      (sessions) => {
        sessions.set('main', usable);
        sessions.suspect('main');
      },
      true,
    ],
    [
      'not for the doubt about another',
      (sessions) => {
        sessions.set('main', usable);
        sessions.suspect('other');
      },
      false,
    ],
  ])('ask for a login %s', (_, prepare, needed) => {
    const sessions = new Sessions();
    prepare(sessions);
    expect(sessions.needsLogin('main')).toBe(needed);
  });

  it('ask for one login for one doubt', () => {
    const sessions = new Sessions();
    sessions.set('main', usable);
    sessions.suspect('main');
    expect([sessions.needsLogin('main'), sessions.needsLogin('main')]).toEqual([true, false]);
  });

  type Write = [clientId: string, privilege: 'shown' | 'denied', news: boolean];
  it.each<[string, Write[], string, string | undefined]>([
    ['the first accepted write is news', [['a', 'shown', true]], 'shown', 'a'],
    [
      'the second is none',
      [
        ['a', 'shown', true],
        ['b', 'shown', false],
      ],
      'shown',
      'a',
    ],
    ['the first refused write is news', [['a', 'denied', true]], 'denied', undefined],
    [
      'the second refused one is none',
      [
        ['a', 'denied', true],
        ['b', 'denied', false],
      ],
      'denied',
      undefined,
    ],
    [
      'an accepted write after a refused one is news',
      [
        ['a', 'denied', true],
        ['b', 'shown', true],
      ],
      'shown',
      'b',
    ],
    [
      'a refusal among accepted writes is the object’s own',
      [
        ['a', 'shown', true],
        ['b', 'denied', false],
      ],
      'shown',
      'a',
    ],
  ])('%s', (_, writes, privilege, client) => {
    const sessions = new Sessions();
    for (const [clientId, said, news] of writes)
      expect(sessions.noteWrite('main', clientId, said)).toBe(news);
    expect(sessions.written('main')).toBe(privilege);
    expect(sessions.writtenClient('main')).toBe(client);
    expect(sessions.written('other')).toBe('unknown');
  });

  it('forget all of a connection that is removed', () => {
    const sessions = new Sessions();
    sessions.set('main', usable);
    sessions.noteWrite('main', 'a', 'shown');
    sessions.suspect('main');
    sessions.remove('main');
    expect(sessions.of('main')).toBeUndefined();
    expect(sessions.written('main')).toBe('unknown');
    expect(sessions.writtenClient('main')).toBeUndefined();
    sessions.set('main', usable);
    expect(sessions.needsLogin('main')).toBe(false);
  });
});
