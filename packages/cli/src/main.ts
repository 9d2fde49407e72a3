/** The command's entry: what bin/plexspaces.js starts. */
import { enableCompileCache } from 'node:module';

const args = process.argv.slice(2);

// A reader that has seen enough (`plexspaces list | head -1`) is no failure of ours to report.
process.stdout.on('error', () => process.exit());

// Half of a short command's time is compiling its own code. Not for a node: what is made of components stays out of
// a cache that others share.
if (args[0] !== 'serve' && args[0] !== 'dev') enableCompileCache();

// What the gRPC library says on stderr beside the error that it throws; it is asked for by its own variable.
process.env['GRPC_VERBOSITY'] ??= 'NONE';

const { run } = await import('./program.ts');
await run(args);
