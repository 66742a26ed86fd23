/** The command line of `npm run cluster`: from words to what is to be started, or every problem at once. */

import { Command, CommanderError } from 'commander';
import { describeValues } from '../support/alm/knob.ts';
import { KNOB_NAMES, KNOBS, type Knobs } from '../support/alm/knobs.ts';
import { knobSetting } from '../support/alm/settings.ts';
import { type FaultSpec, parseFault } from './fault.ts';

/** What is absent is as the state file has it, else as it comes. */
export type ClusterFlags = Readonly<{
  kubeconfig?: string;
  state?: string;
  ports: Readonly<{ api?: number; alm?: number; control?: number }>;
  knobs: Partial<Knobs>;
  faults: readonly FaultSpec[];
}>;

export type ReadFlags = Readonly<
  { flags: ClusterFlags } | { help: string } | { problems: readonly [string, ...string[]] }
>;

type Given = Readonly<{
  kubeconfig?: string;
  state?: string;
  apiPort?: string;
  almPort?: string;
  controlPort?: string;
  almKnob?: readonly string[];
  almFault?: readonly string[];
}>;

const PORTS = [
  ['api', 'apiPort'],
  ['alm', 'almPort'],
  ['control', 'controlPort'],
] as const;

export function readFlags(words: readonly string[]): ReadFlags {
  const command = commandLine();
  try {
    command.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { help: `${command.helpInformation()}\n${knobTable()}` };
    return { problems: [error.message.replace(/^error: /, '')] };
  }
  return checked(command.opts<Given>(), command.args);
}

function checked(given: Given, strays: readonly string[]): ReadFlags {
  const problems = strays.map((word) => `${word} is not known; --help lists the flags`);
  const attempt = <T>(flag: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(`--${flag}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const ports = PORTS.map(([name, key]) => [name, attempt(`${name}-port`, () => portOf(given[key]))]);
  const knobs = (given.almKnob ?? []).map((word) => attempt('alm-knob', () => knobOf(word)) ?? []);
  const faults = (given.almFault ?? []).flatMap((word) => attempt('alm-fault', () => parseFault(word)) ?? []);
  const [first, ...others] = problems;
  if (first !== undefined) return { problems: [first, ...others] };
  const flags: ClusterFlags = {
    ...(given.kubeconfig === undefined ? {} : { kubeconfig: given.kubeconfig }),
    ...(given.state === undefined ? {} : { state: given.state }),
    ports: Object.fromEntries(ports.filter(([, port]) => port !== undefined)),
    knobs: Object.assign({}, ...knobs),
    faults,
  };
  return { flags };
}

function commandLine(): Command {
  const several = (value: string, before: readonly string[] = []) => [...before, value];
  return (
    new Command('npm run cluster --')
      .usage('[flags]')
      .description(
        'Starts an API server and an ALM simulator on 127.0.0.1, for kubectl and the operator. Ctrl-C ends both.',
      )
      .option('--kubeconfig <file>', 'where to write the kubeconfig; a temporary file when absent')
      .option('--state <file>', 'start from what it holds, if it is there; written at the end')
      .option('--api-port <port>', "of the API server; the state's, else a free one, when absent")
      .option('--alm-port <port>', 'of the ALM simulator')
      .option('--control-port <port>', 'of the address that knobs and faults are changed at')
      .option('--alm-knob <name=value>', 'what this ALM does otherwise; may be given several times', several)
      .option('--alm-fault <json>', 'as POST /faults takes it; may be given several times', several)
      .helpOption('-h, --help', 'show this')
      // Unknown words are reported together with every other problem.
      .allowUnknownOption()
      .allowExcessArguments()
      .exitOverride()
      .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  );
}

function portOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  const port = /^\d{1,5}$/.test(word) ? Number(word) : 0;
  if (port < 1 || port > 65_535) throw new Error(`${word} is not a port; there are 1 to 65535`);
  return port;
}

function knobOf(word: string): Partial<Knobs> {
  const [name = '', ...value] = word.split('=');
  if (value.length === 0) throw new Error(`${word} is not of the form name=value`);
  return { [name]: knobSetting(name, value.join('=')) };
}

function knobTable(): string {
  const width = Math.max(...KNOB_NAMES.map((name) => name.length));
  const lines = KNOB_NAMES.map((name) => `  ${name.padEnd(width)}  ${describeValues(KNOBS[name])}`);
  return [
    'Knobs, the first value being the default (test/support/alm/README.md says more):',
    ...lines,
    '',
  ].join('\n');
}
