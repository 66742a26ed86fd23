import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { crdFiles } from './cli/crds.ts';
import type { Environment } from './controllers.ts';
import { FLAGS, type FlagName, variableOf } from './flags.ts';
import { runOperator } from './operator.ts';
import { RELEASE } from './release.ts';
import { readSettings } from './settings.ts';

/** The command line, and the only user of `process`. Exit codes: 0 done, 1 failed, 2 wrong usage. */

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

const SERVICE_ACCOUNT_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

function program(): Command {
  const root = new Command('alm-operator')
    .version(RELEASE)
    .description("Keeps ALM's OAuth clients equal to ClientCredential objects.")
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  root
    .command('crds')
    .description('print the CustomResourceDefinitions, for kubectl apply --server-side -f -')
    .option('--out <directory>', 'write one file a kind there instead')
    .action(({ out }: { out?: string }) => crds(out));
  const run = root
    .command('run')
    .description('run the operator')
    // Unknown words are reported together with every other problem.
    .allowUnknownOption()
    .allowExcessArguments();
  for (const flag of FLAGS) {
    const syntax =
      flag.value === undefined ? `--${flag.name} [true|false]` : `--${flag.name} <${flag.value}>`;
    const fallback = 'fallback' in flag ? ` (default: ${flag.fallback})` : '';
    run.option(syntax, `${flag.description}${fallback}`);
  }
  run.addHelpText('after', `\nEach flag has a variable: --log-level is ${variableOf('log-level')}.`);
  run.action((_options, command: Command) => operate(command));
  return root;
}

function crds(out: string | undefined): void {
  if (out === undefined) {
    process.stdout.write(
      crdFiles()
        .map(({ text }) => text)
        .join('---\n'),
    );
    return;
  }
  mkdirSync(out, { recursive: true });
  for (const { file, text } of crdFiles()) writeFileSync(join(out, file), text);
}

async function operate(command: Command): Promise<void> {
  const read = readSettings(givenFlags(command), process.env);
  const problems = [
    ...command.args.map((word) => `${word} is not known; alm-operator run --help lists the flags`),
    ...(read.ok ? [] : read.problems),
  ];
  if (!read.ok || problems.length > 0) {
    for (const problem of problems) process.stderr.write(`alm-operator: ${problem}\n`);
    process.exitCode = WRONG_USAGE;
    return;
  }
  const failed = await runOperator(read.settings, environment(), stopSignal());
  if (failed !== undefined) process.stderr.write(`alm-operator: ${failed}\n`);
  // Whatever still hangs on a socket must not keep a process that is done.
  process.exit(failed === undefined ? DONE : FAILED);
}

/** Fires at the first SIGTERM or SIGINT; the second ends the process at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) {
        process.stderr.write(`alm-operator: a second signal (${signal}) ended it before it was done\n`);
        process.exit(FAILED);
      }
      stop.abort();
    });
  }
  return stop.signal;
}

function givenFlags(command: Command): Partial<Record<FlagName, string>> {
  const given = FLAGS.map(({ name }) => [name, command.getOptionValue(camel(name))] as const);
  // A flag without a value, as in `--leader-elect`, means true.
  return Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function camel(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function environment(): Environment {
  const { env } = process;
  const home = homeDirectory();
  const [httpsProxy, httpProxy, noProxy] = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].map(
    (name) => env[name] ?? env[name.toLowerCase()],
  );
  return {
    kube: {
      ...(env['KUBECONFIG'] !== undefined && { kubeconfigList: env['KUBECONFIG'] }),
      ...(home !== undefined && { home }),
      inCluster: env['KUBERNETES_SERVICE_HOST'] !== undefined,
    },
    hostname: hostname(),
    isTerminal: process.stdout.isTTY === true,
    serviceAccountNamespace: serviceAccountNamespace(),
    proxy: {
      ...(httpsProxy !== undefined && { httpsProxy }),
      ...(httpProxy !== undefined && { httpProxy }),
      ...(noProxy !== undefined && { noProxy }),
    },
    version: RELEASE,
  };
}

/** Undefined for a user that the system does not know, as pods have them on OpenShift. */
function homeDirectory(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

function serviceAccountNamespace(): string | undefined {
  try {
    return readFileSync(SERVICE_ACCOUNT_NAMESPACE, 'utf8').trim();
  } catch {
    return undefined;
  }
}

try {
  process.exitCode = DONE;
  await program().parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode !== 0) {
    process.stderr.write(`alm-operator: ${error.message.replace(/^error: /, '')}\n`);
    process.exitCode = WRONG_USAGE;
  }
}
