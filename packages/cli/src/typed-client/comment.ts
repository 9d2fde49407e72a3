/** Notes of a description as TypeScript's doc comments. */

interface Noted {
  readonly doc: string;
  readonly deprecated?: string | undefined;
}

/** With its line end; empty where there is nothing to say. */
export function comment({ doc, deprecated }: Noted, indent: string): string {
  const told = deprecated === undefined ? [doc] : [doc, `@deprecated ${deprecated.replaceAll(/\s+/g, ' ')}`];
  const lines = told.flatMap(linesOf);
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

/** Without what would end the comment, and without control characters. */
function linesOf(text: string): string[] {
  if (text.trim() === '') return [];
  const lines = text.trim().split(/\r\n|[\n\r\u2028\u2029]/);
  return lines.map((line) =>
    line
      .replaceAll(/\p{Cc}/gu, ' ')
      .replaceAll('*/', '*\\/')
      .trimEnd(),
  );
}
