/**
 * From a component's bytes to code that may run, with every check in between and none of it skipped.
 *
 * In this order: what the binary states (screen-component), the names and numbers of the core modules that
 * the generator puts out (screen-core-modules), the code that it writes (screen-javascript). What was screened is
 * made cheaper to run behind that (plain-calls, small-copies, shared-classes). Nothing of the component has run when
 * this returns.
 */
import { generateFiles } from './generate.ts';
import type { GeneratedFiles } from './generate.ts';
import { plainCalls } from './plain-calls.ts';
import { screenComponent } from './screen-component.ts';
import { screenCoreModules, screenInstantiations } from './screen-core-modules.ts';
import { screenJavascript } from './screen-javascript.ts';
import { shareClasses } from './shared-classes.ts';
import { smallCopies } from './small-copies.ts';
import { surveyComponent } from './survey.ts';
import type { Survey } from './survey.ts';

export interface Generated {
  readonly survey: Survey;
  readonly files: GeneratedFiles;
}

/** @throws INVALID_ARGUMENT with NOT_A_COMPONENT, FOREIGN_IMPORT or UNSAFE_NAME; RESOURCE_EXHAUSTED over a limit. */
export async function generateScreened(component: Uint8Array): Promise<Generated> {
  const survey = surveyComponent(component);
  screenComponent(survey);
  const files = await generateFiles(component);
  screenCoreModules(files.coreModules);
  const { javascript, instantiations } = screenJavascript(files.javascript, survey.imports);
  screenInstantiations(files.coreModules, instantiations);
  return { survey, files: { ...files, javascript: shareClasses(smallCopies(plainCalls(javascript))) } };
}

/** What the checks would have stopped: for negative controls only. */
export async function generateUnscreened(component: Uint8Array): Promise<Generated> {
  return { survey: surveyComponent(component), files: await generateFiles(component) };
}
