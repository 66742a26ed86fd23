/** The alerts, the cases that they are tested with, and how both are given to promtool. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { promtool } from '../support/promtool.ts';

export type Alert = Readonly<{
  alert: string;
  expr: string;
  for?: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}>;

export type Group = Readonly<{ name: string; rules: readonly Alert[] }>;

type Expectation = Readonly<{ expr: string; exp_samples: readonly Readonly<{ labels: string }>[] }>;

export type Case = Readonly<{ name: string; promql_expr_test: readonly Expectation[] }>;

type Cases = Readonly<{ rule_files: readonly string[]; tests: readonly Case[] }>;

export const RULES = new URL('../../deploy/monitoring/rules.yaml', import.meta.url);

const FILES = ['process', 'alm', 'objects'].map((name) => new URL(`rules/${name}.yaml`, import.meta.url));

export function readGroups(): readonly Group[] {
  return (parse(readFileSync(RULES, 'utf8')) as { groups: readonly Group[] }).groups;
}

const cases = FILES.map((file) => parse(readFileSync(file, 'utf8')) as Cases);

/** Each case is named after its alert. */
export function casesOf(name: string): readonly Case[] {
  return cases.flatMap(({ tests }) => tests).filter((one) => one.name.split(' ')[0] === name);
}

export function allCases(): readonly Case[] {
  return cases.flatMap(({ tests }) => tests);
}

/** What promtool has to say against the cases of the alert, where there is no other alert than this one. */
export async function judged(alert: Alert): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'alm-rules-'));
  try {
    const { tests: _, ...head } = cases[0] ?? { tests: [] };
    const tests = casesOf(alert.alert);
    const rules = { groups: [{ name: 'one', rules: [alert] }] };
    writeFileSync(join(folder, 'rules.yaml'), stringify(rules));
    writeFileSync(join(folder, 'cases.yaml'), stringify({ ...head, rule_files: ['rules.yaml'], tests }));
    return await promtool(['test', 'rules', join(folder, 'cases.yaml')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
