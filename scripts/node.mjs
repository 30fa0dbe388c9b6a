/** Runs a program of the repository under Node 24 after seeing to what it needs: `node.mjs FILE [ARGS…]`. */
import { superviseNode } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

const [program, ...args] = process.argv.slice(2);
await ensureDependencies();
process.exitCode = await superviseNode(program, args);
