/** The table of the languages that `plexspaces new` writes; each has a directory of its name in templates/. */

interface Template {
  /** The directory of its SDK, below sdk/. */
  readonly sdk: string;
  /** Runs the tests that it comes with. */
  readonly test: string;
}

export const TEMPLATES = {
  python: { sdk: 'python', test: 'python3 -m unittest' },
  typescript: { sdk: 'typescript', test: 'npm install && npm test' },
} as const satisfies Readonly<Record<string, Template>>;

export type TemplateName = keyof typeof TEMPLATES;
