/** What a language has to say about building its actors; languages.ts has the table, build.ts runs it. */

/** A source as the author knows it. */
export interface Source {
  /** The file, or the directory, that the author named. */
  readonly path: string;
  /** Names the component where nothing else does. */
  readonly name: string;
  /** Where `dist` lies. */
  readonly directory: string;
}

/** A path that exists. */
export interface Candidate {
  readonly path: string;
  readonly isDirectory: boolean;
}

export interface LanguageOptions {
  /** The compiler's output, line by line. */
  readonly onOutput?: (line: string) => void;
  /** The language's compiler, where it is not the one that the project set up. */
  readonly tool?: string;
  readonly signal?: AbortSignal;
}

/** A source whose tools are there: it can be compiled. */
export interface PreparedBuild {
  /** One hash over all that the component is made of, tools among them: the same hash, nothing to do. */
  readonly inputs: string;
  /**
   * Writes the component.
   * @throws INVALID_ARGUMENT for what the author has to mend, in the compiler's own words.
   */
  compile(output: string): Promise<void>;
}

export interface Language {
  /** As `--lang` and results have it. */
  readonly name: string;
  /** What its sources are, for messages: `a .py file`. */
  readonly sources: string;
  /**
   * The source, if it is one of this language.
   * @throws INVALID_ARGUMENT if it is, and cannot be built by that name.
   */
  recognise(candidate: Candidate): Promise<Source | undefined>;
  /** @throws FAILED_PRECONDITION if the tools are not there, and how to get them. */
  prepare(source: Source, options: LanguageOptions): Promise<PreparedBuild>;
}
