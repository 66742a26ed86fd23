/** A moment as MicroTime: exactly six digits, anything else is refused (kubernetes/kubernetes#141204). */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}
