/**
 * Faults that a chaos run has to find, planted into a copy of the operator's bundle: each replaces text that is there
 * exactly once. None of them shows as long as nothing fails.
 */

export type Planted = Readonly<{
  name: string;
  edits: readonly (readonly [was: RegExp, is: string])[];
  /** What the run has to say of it. */
  shows: RegExp;
}>;

export const PLANTED: readonly Planted[] = [
  {
    name: 'lease ignored',
    shows: /without the lease/,
    edits: [
      [
        /(?<=function permitMs\([^)]*\) \{\s+)return [^;]*;/,
        'return heldUntilMs === undefined ? 0 : Number.POSITIVE_INFINITY;',
      ],
    ],
  },
  {
    name: 'watch events dropped',
    shows: /Not as declared/,
    edits: [
      [/(?<=apply: \((\w+)\) => \{\s+)(?=objects\.apply\(\1\);)/, 'if (Math.random() < 0.2) return;\n'],
    ],
  },
  {
    name: "status before ALM's answer",
    shows: /is Ready, and ALM has another record|is Ready, and its password does not log in/,
    edits: [
      [
        /return (client\.update\((\w+), (\w+)\));(?=\s+case "prove":\s+return \{ answer: "proof", proof: await client\.prove\((?:\w+), \w+\.clientSecret)/,
        'void $1.catch(() => undefined);\nreturn { answer: "accepted" };',
      ],
    ],
  },
  {
    name: 'revocation skipped',
    shows: /its claim is Revoked, and|and ALM has its client/,
    edits: [[/await pay\([^()]*\)/, '{ end: "revoked" }']],
  },
  {
    name: 'claim after the creation',
    shows: /AlreadyExists|and ALM has its client|its claims are none/,
    edits: [
      [
        /await (deps\.claimWriter\.create)\(name, (view), \w+\)/,
        '{ metadata: { name, namespace: deps.operatorNamespace, uid: "", resourceVersion: "" }, spec: view }',
      ],
      [
        /await deps\.claimWriter\.change\((\w+), (\{ phase: "Held", origin: move\.origin \}), (\w+)\)/,
        'await ($1.metadata.uid === "" ? deps.claimWriter.create($1.metadata.name, { ...$1.spec, ...$2 }, $3) : deps.claimWriter.change($1, $2, $3))',
      ],
    ],
  },
];

/** Throws where a text is not there, or more than once. */
export function plant({ name, edits }: Planted, bundle: string): string {
  return edits.reduce((text, [was, is]) => {
    const found = [...text.matchAll(new RegExp(was, 'g'))].length;
    if (found !== 1) throw new Error(`${name}: found ${found} times: ${was.source}`);
    return text.replace(was, is);
  }, bundle);
}
