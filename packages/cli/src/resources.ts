/**
 * Where the files lie that builds and new applications are made with: the actor's interface and the SDKs. In a checkout
 * they are the project's own; a packed command has a copy beside it (scripts/copy-resources.ts).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of this package. */
export const PACKAGE: string = fileURLToPath(new URL('../', import.meta.url));

const PROJECT = join(PACKAGE, '..', '..');
const IS_CHECKOUT = existsSync(join(PACKAGE, 'src'));
const ROOT = IS_CHECKOUT ? PROJECT : join(PACKAGE, 'resources');

export const WIT: string = join(ROOT, 'wit');
/** Each in a directory of its language's name; the one for Node is a package of its own. */
export const SDKS: string = join(ROOT, 'sdk');
/** The Python that scripts/setup.sh makes in a checkout; elsewhere the one of the PATH. */
export const PYTHON: string = IS_CHECKOUT ? join(PROJECT, '.venv', 'bin', 'python') : 'python3';
