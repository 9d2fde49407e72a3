/**
 * From a module's bytes to code that may run, with every check in between and none of it skipped.
 *
 * Of a component in this order: what the binary states (screen-component), the names and numbers of the core modules
 * that the generator puts out (screen-core-modules), the code that it writes (screen-javascript). What was screened is
 * made cheaper to run behind that (plain-calls, small-copies, shared-classes). A plain core module is screened as it is
 * (screen-service-module). Nothing of either has run when this returns.
 */
import { generateFiles } from './generate.ts';
import { plainCalls } from './plain-calls.ts';
import { screenComponent } from './screen-component.ts';
import { screenCoreModules, screenInstantiations } from './screen-core-modules.ts';
import { screenJavascript } from './screen-javascript.ts';
import { screenServiceModule } from './screen-service-module.ts';
import { shareClasses } from './shared-classes.ts';
import { smallCopies } from './small-copies.ts';
import { surveyComponent } from './survey.ts';
import type { Survey } from './survey.ts';
import { kindOf } from './wasm-binary.ts';

export interface Generated {
  /** As the binary names them, with their versions. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly files: ScreenedFiles;
}

export interface ScreenedFiles {
  /** None for a plain core module, which runs as it is. */
  readonly javascript: string | undefined;
  /** By the name under which the generated code asks for them. */
  readonly coreModules: ReadonlyMap<string, Uint8Array>;
}

/** What a plain core module is called among the core modules that were made of it: there is no other. */
const PLAIN_MODULE = 'component.core.wasm';

/** @throws INVALID_ARGUMENT with NOT_A_COMPONENT, FOREIGN_IMPORT or UNSAFE_NAME; RESOURCE_EXHAUSTED over a limit. */
export async function generateScreened(module: Uint8Array): Promise<Generated> {
  if (kindOf(module) === 'core module') return { ...screenServiceModule(module), files: plainFiles(module) };
  const survey = surveyComponent(module);
  screenComponent(survey);
  const files = await generateFiles(module);
  screenCoreModules(files.coreModules);
  const { javascript, instantiations } = screenJavascript(files.javascript, survey.imports);
  screenInstantiations(files.coreModules, instantiations);
  return { ...namesOf(survey), files: { ...files, javascript: shareClasses(smallCopies(plainCalls(javascript))) } };
}

/** What the checks would have stopped: for negative controls only. */
export async function generateUnscreened(module: Uint8Array): Promise<Generated> {
  if (kindOf(module) === 'core module') return { imports: [], exports: [], files: plainFiles(module) };
  return { ...namesOf(surveyComponent(module)), files: await generateFiles(module) };
}

function plainFiles(module: Uint8Array): ScreenedFiles {
  return { javascript: undefined, coreModules: new Map([[PLAIN_MODULE, module]]) };
}

function namesOf({ imports, exports }: Survey): Pick<Generated, 'imports' | 'exports'> {
  return { imports: imports.map(({ name }) => name), exports: exports.map(({ name }) => name) };
}
