/** Where each language keeps the actors that every language has, and what of them is there on this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plexspacesJson, PROJECT } from './command-line.ts';

const ACTORS = ['echo', 'counter', 'calculator', 'tuplespace_calculator', 'word_count', 'poller'] as const;
export type ActorName = (typeof ACTORS)[number];

export interface ConformingLanguage {
  readonly name: string;
  /** Below actors/. */
  readonly folder: string;
  /** Where an actor's directory has another name. */
  readonly directories?: Partial<Record<ActorName, string>>;
  /** Whether the component is built here; else the one that is committed is taken. */
  readonly isBuilt: boolean;
}

export const LANGUAGES: readonly ConformingLanguage[] = [
  { name: 'Python', folder: 'python', directories: { calculator: 'durable_calculator' }, isBuilt: true },
  { name: 'Rust', folder: 'rust', isBuilt: false },
  { name: 'TypeScript', folder: 'typescript', isBuilt: true },
];

export interface ConformingApplication {
  readonly directory: string;
  readonly name: string;
  readonly service: string;
  readonly component: string;
}

/** Those that this machine has. */
export function findApplications(language: ConformingLanguage): Map<ActorName, ConformingApplication> {
  return new Map(
    ACTORS.flatMap((actor) => {
      const found = findApplication(language, actor);
      return found === undefined ? [] : [[actor, found] as const];
    }),
  );
}

function findApplication(language: ConformingLanguage, actor: ActorName): ConformingApplication | undefined {
  const directory = join(PROJECT, 'actors', language.folder, language.directories?.[actor] ?? actor);
  const manifest = join(directory, 'plexspaces.json');
  if (!existsSync(manifest)) return undefined;
  const { name, service, component } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, string>;
  if (name === undefined || service === undefined || component === undefined) {
    throw new Error(`${manifest}: expected name, service and component`);
  }
  const application = { directory, name, service, component: join(directory, component) };
  return language.isBuilt || existsSync(application.component) ? application : undefined;
}

/** @returns the application's directory, ready to be deployed. */
export async function makeReady(language: ConformingLanguage, application: ConformingApplication): Promise<string> {
  if (language.isBuilt) await plexspacesJson(['build', application.directory]);
  return application.directory;
}
