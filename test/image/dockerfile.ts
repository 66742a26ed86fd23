/** A Dockerfile as far as ours goes: stages of instructions, with the arguments and flags filled in. Pure. */

export type Instruction = Readonly<{
  keyword: string;
  flags: Readonly<Record<string, string>>;
  /** What comes after keyword and flags. */
  rest: string;
}>;

export type Stage = Readonly<{ name: string; base: string; instructions: readonly Instruction[] }>;

type Names = Readonly<Record<string, string>>;

/** `given` are build arguments; those that Docker itself gives, such as BUILDPLATFORM, among them. */
export function stagesOf(text: string, given: Names = {}): readonly Stage[] {
  const instructions = instructionsOf(text);
  const starts = instructions.flatMap(({ keyword }, at) => (keyword === 'FROM' ? [at] : []));
  const { names: global, kept: stray } = resolved(instructions.slice(0, starts[0]), given, {});
  if (stray[0] !== undefined) throw new Error(`${stray[0].keyword} comes before the first FROM`);
  return starts.map((start, at) => {
    const { rest } = filledIn(instructions[start]!, { ...global, ...given });
    const [base = '', , name = ''] = rest.split(/\s+/);
    const { kept } = resolved(instructions.slice(start + 1, starts[at + 1]), given, global);
    return { name, base, instructions: kept };
  });
}

/** Takes arguments in, each from where it stands on, and fills them into the rest. */
function resolved(instructions: readonly Instruction[], given: Names, outer: Names) {
  const names: Record<string, string> = {};
  const kept: Instruction[] = [];
  for (const raw of instructions) {
    const instruction = filledIn(raw, names);
    if (raw.keyword !== 'ARG') kept.push(instruction);
    const [name = '', fallback] = instruction.rest.split('=', 2);
    if (raw.keyword === 'ARG') names[name] = given[name] ?? fallback ?? outer[name] ?? '';
  }
  return { names, kept };
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => {
      const [, keyword = '', flags = '', rest = ''] = /^(\w+)((?:\s+--\S+)*)\s+(.*)$/.exec(line) ?? [];
      const pairs = [...flags.matchAll(/--([\w-]+)=(\S+)/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]);
      return { keyword: keyword.toUpperCase(), flags: Object.fromEntries(pairs), rest: rest.trim() };
    });
}

/** Docker leaves commands to their shell. */
function filledIn({ keyword, flags, rest }: Instruction, names: Names): Instruction {
  if (keyword === 'RUN') return { keyword, flags, rest };
  const fill = (text: string) =>
    text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, bare) => names[braced ?? bare] ?? '');
  const filled = Object.entries(flags).map(([name, value]) => [name, fill(value)]);
  return { keyword, flags: Object.fromEntries(filled), rest: fill(rest) };
}

/** `a="b c" d=e` of LABEL and ENV. */
export function pairsOf(rest: string): Names {
  const pairs = [...rest.matchAll(/([\w.-]+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name, quoted ?? bare]));
}

export function allOf({ instructions }: Stage, keyword: string): readonly Instruction[] {
  return instructions.filter((instruction) => instruction.keyword === keyword);
}

/** The last one of its kind counts; empty where there is none. */
export function lastOf(stage: Stage, keyword: string): string {
  return allOf(stage, keyword).at(-1)?.rest ?? '';
}

/** Of ENTRYPOINT or CMD, which are lists of words here and no lines for a shell. */
export function wordsOf(stage: Stage, keyword: string): readonly string[] {
  return JSON.parse(lastOf(stage, keyword)) as readonly string[];
}
