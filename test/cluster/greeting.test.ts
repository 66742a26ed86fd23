import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { greeting, shellWord } from './greeting.ts';

const ADDRESSES = {
  api: 'https://127.0.0.1:1',
  alm: 'https://127.0.0.1:2',
  control: 'http://127.0.0.1:3',
  kubeconfig: "/home/a b/it's",
  seconds: 0.44,
};

describe('shellWord', () => {
  it.each(['/tmp/kubeconfig', '/home/a b/config', "it's", '$HOME `id` "x" \\', '*', 'ä'])(
    'is read back by a shell as %s',
    (word) => {
      expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
    },
  );

  it('leaves plain words plain', () => {
    expect(shellWord('/tmp/alm-cluster-x1/kubeconfig')).toBe('/tmp/alm-cluster-x1/kubeconfig');
  });
});

describe('greeting', () => {
  it('has lines to copy that a shell takes for what they are', () => {
    const text = greeting(ADDRESSES);
    const line = text.split('\n').find((one) => one.includes('export '));
    const said = execFileSync('sh', ['-c', `${line}; printf %s "$KUBECONFIG"`], { encoding: 'utf8' });
    expect(said).toBe(ADDRESSES.kubeconfig);
    for (const address of [ADDRESSES.api, ADDRESSES.alm, ADDRESSES.control, '0.4 s'])
      expect(text).toContain(address);
  });

  it('says whether anything is kept', () => {
    expect(greeting(ADDRESSES)).toContain('nothing is kept');
    expect(greeting({ ...ADDRESSES, state: '/s' })).toContain('/s keeps what it holds');
  });
});
