import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allOf, lastOf, pairsOf, stagesOf, wordsOf } from './dockerfile.ts';

const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
const GIVEN = { BUILDPLATFORM: 'linux/amd64', VERSION: '1.2.3', REVISION: 'abc' };
const stages = stagesOf(text, GIVEN);
const image = stages.at(-1)!;

describe('the Dockerfile', () => {
  it('takes every base image by digest, and lets each be replaced', () => {
    for (const { base } of stages) expect(base).toMatch(/^[\w.-]+\/[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
    const mirrored = stagesOf(text, { BUILD_IMAGE: 'mirror/a', BASE_IMAGE: 'mirror/b' });
    expect(mirrored.map(({ base }) => base)).toEqual(['mirror/a', 'mirror/b']);
  });

  it('ends on Node 24 without a shell', () => {
    expect(image.base).toMatch(/^gcr\.io\/distroless\/nodejs24-debian\d+:nonroot@/);
    expect(allOf(image, 'RUN')).toEqual([]);
  });

  it('builds where it runs, so that no platform is emulated', () => {
    expect(text.match(/^FROM .*$/gm)).toEqual([
      'FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build',
      'FROM ${BASE_IMAGE}',
    ]);
    expect(text).not.toMatch(/amd64[^,]|arm64[^ ]|x86|aarch64|TARGETARCH/);
  });

  it('installs what the lockfile says, and runs no script of a package', () => {
    const commands = stages.flatMap((stage) => allOf(stage, 'RUN')).map(({ rest }) => rest);
    expect(commands).toEqual(['npm ci --ignore-scripts', 'npm run build --ignore-scripts']);
  });

  it('starts as a user that is not root, given in figures, and is stopped as the operator expects', () => {
    expect(lastOf(image, 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(lastOf(image, 'STOPSIGNAL')).toBe('SIGTERM');
    expect(wordsOf(image, 'ENTRYPOINT')).toEqual([
      '/nodejs/bin/node',
      `${lastOf(image, 'WORKDIR')}/alm-operator.js`,
    ]);
    expect(wordsOf(image, 'CMD')).toEqual(['run']);
  });

  it('says what it is', () => {
    const labels = Object.assign({}, ...allOf(image, 'LABEL').map(({ rest }) => pairsOf(rest))) as object;
    expect(labels).toMatchObject({
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.revision': 'abc',
      'org.opencontainers.image.base.name': image.base,
    });
    for (const name of ['title', 'description', 'source', 'documentation'])
      expect(labels).toHaveProperty([`org.opencontainers.image.${name}`], expect.stringMatching(/\S/));
  });
});

describe('the reading of Dockerfiles', () => {
  it('joins lines, passes over comments, and fills in what it knows', () => {
    const lines = [
      '# a comment',
      'ARG BASE=a:1',
      'FROM --platform=$P ${BASE} AS one',
      'ARG X=x',
      'RUN echo \\',
      '  # a comment within',
      '  $X',
      'FROM other',
      'COPY --from=one /a /b ./',
      'LABEL a="b c" \\',
      '      d=e$X$BASE',
    ];
    expect(stagesOf(lines.join('\n'))).toEqual([
      { name: 'one', base: 'a:1', instructions: [{ keyword: 'RUN', flags: {}, rest: 'echo $X' }] },
      {
        name: '',
        base: 'other',
        instructions: [
          { keyword: 'COPY', flags: { from: 'one' }, rest: '/a /b ./' },
          { keyword: 'LABEL', flags: {}, rest: 'a="b c" d=e' },
        ],
      },
    ]);
    expect(pairsOf('a="b c" d=e')).toEqual({ a: 'b c', d: 'e' });
  });
});
