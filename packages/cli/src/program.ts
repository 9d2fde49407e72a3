/** The command line: its commands, and the one place where a failure becomes a line and an exit code. */
import { PlexSpacesError } from '@plexspaces/core';
import { Command, CommanderError } from 'commander';
import { actorCommand } from './commands/actor.ts';
import { actorsCommand } from './commands/actors.ts';
import { buildCommand } from './commands/build.ts';
import { checkpointCommand } from './commands/checkpoint.ts';
import { typedClientCommand } from './commands/client.ts';
import { deployCommand } from './commands/deploy.ts';
import { describeCommand } from './commands/describe.ts';
import { devCommand } from './commands/dev.ts';
import { doctorCommand } from './commands/doctor.ts';
import { invokeCommand } from './commands/invoke.ts';
import { journalCommand } from './commands/journal.ts';
import { listCommand } from './commands/list.ts';
import { newCommand } from './commands/new.ts';
import { poolCommand } from './commands/pool.ts';
import { quarantineCommand } from './commands/quarantine.ts';
import { serveCommand } from './commands/serve.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { tellCommand } from './commands/tell.ts';
import { tuplesCommand } from './commands/tuples.ts';
import { undeployCommand } from './commands/undeploy.ts';
import { printJson, reportFailure } from './output.ts';
import { errorDocument } from './shapes.ts';
import { readVersion } from './version.ts';

const USAGE_EXIT_CODE = 2;

/** Runs one command line; sets process.exitCode to 0 only where it did what was asked. */
export async function run(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) return endOfParsing(thrown, args);
    const error = PlexSpacesError.from(thrown);
    if (args.includes('--json')) printJson(errorDocument(error));
    reportFailure(error);
  }
}

function createProgram(): Command {
  const program = new Command('plexspaces')
    .description('Runs actors compiled to WebAssembly components.')
    .version(readVersion())
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  const commands = [
    serveCommand(),
    newCommand(),
    buildCommand(),
    devCommand(),
    deployCommand(),
    undeployCommand(),
    listCommand(),
    statusCommand(),
    startCommand(),
    stopCommand(),
    invokeCommand(),
    tellCommand(),
    describeCommand(),
    typedClientCommand(),
    tuplesCommand(),
    poolCommand(),
    actorsCommand(),
    checkpointCommand(),
    journalCommand(),
    actorCommand(),
    quarantineCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(inherit(command, program));
  return program;
}

/** addCommand, unlike command(), hands nothing down. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inherit(inner, command);
  return command;
}

/** Help and version were printed; everything else that commander ends with is a mistake on the command line. */
function endOfParsing(end: CommanderError, args: readonly string[]): void {
  if (end.exitCode === 0) return;
  if (end.code !== 'commander.help') {
    const error = new PlexSpacesError('INVALID_ARGUMENT', end.message.replace(/^error: /, ''));
    if (args.includes('--json')) printJson(errorDocument(error));
    reportFailure(error);
  }
  process.exitCode = USAGE_EXIT_CODE;
}
