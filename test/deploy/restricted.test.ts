import { describe, expect, it } from 'vitest';
import { violationsOf } from './restricted.ts';

describe('the check for restricted pods', () => {
  const container = {
    name: 'c',
    securityContext: {
      ...{ allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };

  it.each([
    [{ hostNetwork: true }, {}, 'hostNetwork is true'],
    [{ volumes: [{ name: 'v', hostPath: { path: '/' } }] }, {}, 'volume v is hostPath'],
    [{}, { allowPrivilegeEscalation: undefined }, 'c: allowPrivilegeEscalation is not false'],
    [{}, { runAsNonRoot: undefined }, 'c: runAsNonRoot is not true'],
    [{}, { runAsUser: 0 }, 'c: runAsUser is 0'],
    [{}, { seccompProfile: { type: 'Unconfined' } }, 'c: no seccompProfile'],
    [{}, { capabilities: { drop: ['NET_RAW'] } }, 'c: capabilities are not dropped'],
    [{}, { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }, 'c: capabilities SYS_ADMIN are added'],
  ])('finds %j and %j', (pod, security, problem) => {
    const changed = { ...container, securityContext: { ...container.securityContext, ...security } };
    expect(violationsOf({ containers: [container] })).toEqual([]);
    expect(violationsOf({ containers: [changed], ...pod })).toEqual([problem]);
  });
});
