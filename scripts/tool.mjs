/** Runs an installed command after seeing that it is installed: `tool.mjs PACKAGE COMMAND [ARGS…]`. */
import { superviseNode, toolPath } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

const [packageName, command, ...args] = process.argv.slice(2);
await ensureDependencies();
process.exitCode = await superviseNode(toolPath(packageName, command), args);
