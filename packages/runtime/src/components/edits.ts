/** Changes of source text by place, all of them made at once. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}

/** What lies between two places, with the edits that do. No two of them overlap. */
export function edited(source: string, from: number, to: number, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let position = from;
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    if (start < from || end > to) continue;
    pieces.push(source.slice(position, start), text);
    position = end;
  }
  pieces.push(source.slice(position, to));
  return pieces.join('');
}
