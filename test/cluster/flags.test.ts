import { describe, expect, it } from 'vitest';
import { KNOB_NAMES } from '../support/alm/knobs.ts';
import { readFlags } from './flags.ts';

const NOTHING = { ports: {}, knobs: {}, faults: [] };

describe('readFlags', () => {
  it.each([
    ['nothing', [], NOTHING],
    ['files', ['--kubeconfig', 'a b', '--state=s'], { ...NOTHING, kubeconfig: 'a b', state: 's' }],
    [
      'ports',
      ['--api-port', '6443', '--alm-port', '1', '--control-port', '65535'],
      { ...NOTHING, ports: { api: 6443, alm: 1, control: 65535 } },
    ],
    [
      'knobs, the last word on each counting, numbers as numbers',
      ['--alm-knob', 'getItem=hash', '--alm-knob', 'latencyMs=20', '--alm-knob', 'getItem=omitted'],
      { ...NOTHING, knobs: { getItem: 'omitted', latencyMs: 20 } },
    ],
    [
      'faults, in their order',
      [
        ...['--alm-fault', '{"do": {"kind": "reset", "when": "after"}, "times": 1}'],
        ...['--alm-fault', '{"do": {"kind": "delay", "ms": 5}, "match": {"path": "/api/*"}}'],
      ],
      {
        ...NOTHING,
        faults: [
          { do: { kind: 'reset', when: 'after' }, times: 1 },
          { do: { kind: 'delay', ms: 5 }, match: { path: '/api/*' } },
        ],
      },
    ],
  ])('reads %s', (_, words, flags) => {
    expect(readFlags(words)).toEqual({ flags });
  });

  it.each([
    [
      ['--kubconfig', 'x'],
      ['--kubconfig is not known; --help lists the flags', 'x is not known; --help lists the flags'],
    ],
    [['--kubeconfig'], ["option '--kubeconfig <file>' argument missing"]],
    [['--api-port', '0'], ['--api-port: 0 is not a port; there are 1 to 65535']],
    [['--alm-port', '65536'], ['--alm-port: 65536 is not a port; there are 1 to 65535']],
    [['--control-port', 'https'], ['--control-port: https is not a port; there are 1 to 65535']],
    [['--alm-knob', 'getItem'], ['--alm-knob: getItem is not of the form name=value']],
    [
      ['--alm-knob', 'getItem=yes'],
      ['--alm-knob: getItem cannot be yes. It can be: absent-405, absent-404, omitted, blank, hash, plain.'],
    ],
    [
      ['--alm-knob', 'toString=1'],
      [expect.stringContaining('--alm-knob: No knob is called toString. There are: getItem,')],
    ],
    [
      ['--alm-fault', '{'],
      ['--alm-fault: fault: not JSON, such as {"do": {"kind": "status", "status": 503}}'],
    ],
  ])('refuses %j', (words, problems) => {
    expect(readFlags(words)).toEqual({ problems });
  });

  it('tells every problem at once', () => {
    const words = ['--api-port', 'a', '--alm-knob', 'b', '--alm-fault', '[]', 'c'];
    expect(readFlags(words)).toMatchObject({ problems: { length: 4 } });
  });

  it('lists every flag and knob when asked for help', () => {
    const { help } = readFlags(['--help']) as { help: string };
    for (const flag of [
      'kubeconfig',
      'state',
      'api-port',
      'alm-port',
      'control-port',
      'alm-knob',
      'alm-fault',
    ])
      expect(help).toContain(`--${flag} <`);
    for (const name of KNOB_NAMES) expect(help).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });
});
