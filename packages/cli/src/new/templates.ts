/** The table of the languages that `plexspaces new` writes; each has a directory of its name in templates/. */

interface Template {
  /** The directory of its SDK, below sdk/. */
  readonly sdk: string;
  /** Runs the tests that it comes with. */
  readonly test: string;
  /** Under which name a program finds the SDK in node_modules, where it is one for Node. */
  readonly linkedAs?: string;
}

export const TEMPLATES: Readonly<Record<'python' | 'rust' | 'typescript', Template>> = {
  python: { sdk: 'python', test: 'python3 -m unittest' },
  rust: { sdk: 'rust', test: 'cargo test' },
  typescript: { sdk: 'typescript', test: 'npm test', linkedAs: '@plexspaces/actor' },
};

export type TemplateName = keyof typeof TEMPLATES;
