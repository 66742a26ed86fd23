import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { RELEASE } from '../../src/release.ts';
import { firstSteps, playGuide, readGuide } from './play.ts';

const guide = readGuide('install');
const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

it('names the release, its image, its chart and its workflow as they are', () => {
  const { image } = parse(text('deploy/helm/alm-credential-operator/values.yaml')) as {
    image: { repository: string };
  };
  const owner = /^ghcr\.io\/([\w-]+)\//.exec(image.repository)?.[1];
  const images = guide.page.match(/(?<!\/\/)ghcr\.io\/[\w/-]+:[\w.]+/g) ?? [];
  expect(new Set(images)).toEqual(
    new Set([`${image.repository}:${RELEASE}`, `ghcr.io/${owner}/charts/alm-credential-operator:${RELEASE}`]),
  );
  const repository = `https://github.com/${owner}/alm-credential-operator`;
  expect(guide.page).toContain(
    `IDENTITY=${repository}/.github/workflows/release.yaml@refs/tags/v${RELEASE}\n`,
  );
  expect(text('Dockerfile')).toContain(`image.source="${repository}"`);
  expect(text('.github/workflows/release.yaml')).toMatch(/^name: release$/m);
  const versions = guide.page.match(/\b\d+\.\d+\.\d+\b/g) ?? [];
  expect(new Set(versions)).toEqual(new Set([RELEASE]));
});

playGuide(guide, { before: firstSteps() });
