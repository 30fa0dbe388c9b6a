/**
 * npm start: installs what is missing, builds the pages when they changed, then runs practice mode under Node 24 with
 * the arguments given (--host electron|browser, --port N, --no-open, --pbx practice|asterisk).
 */
import { buildPages, superviseNode } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

await ensureDependencies();
await buildPages();
process.exitCode = await superviseNode('practice/main.ts', process.argv.slice(2));
