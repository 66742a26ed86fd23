// Finds functions by the shape that the formatter gives them: a head that ends in `{` and a `}` at the same indent.

/** `ownLines` leaves out the functions inside, so that a closure over some state counts as its parts do. */
export type Measured = Readonly<{ line: number; ownLines: number }>;

type Span = Readonly<{ start: number; end: number }>;

const HEADS: readonly RegExp[] = [
  /^(?:export )?(?:async )?function\b/,
  /^(?:static |async |get |\*)*(?!if\b|for\b|while\b|switch\b|catch\b)#?\w+\(.*\{$/,
  /(?:=|:|return|\() ?(?:async )?\(.*\)(?:: [^=]+)? => \{$/,
];

export function measureFunctions(code: string): readonly Measured[] {
  const lines = code.split('\n');
  const spans = lines.flatMap((line, start) => {
    const body = line.trimStart();
    if (!HEADS.some((head) => head.test(body))) return [];
    const close = `${line.slice(0, line.length - body.length)}}`;
    const length = lines.slice(start + 1).findIndex((candidate) => candidate.startsWith(close));
    return length < 0 ? [] : [{ start, end: start + 1 + length }];
  });
  return spans.map((span) => ({ line: span.start + 1, ownLines: linesOf(span) - linesInside(span, spans) }));
}

function linesOf({ start, end }: Span): number {
  return end - start + 1;
}

function linesInside(outer: Span, spans: readonly Span[]): number {
  const inside = spans.filter(({ start, end }) => start > outer.start && end < outer.end);
  const outermost = inside.filter(
    (span) => !inside.some((other) => other.start < span.start && other.end > span.end),
  );
  return outermost.reduce((sum, span) => sum + linesOf(span), 0);
}
