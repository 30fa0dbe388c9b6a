/**
 * `npm run pbx`: a private Asterisk with the reference configuration, until Ctrl-C.
 *
 *   --out FILE    where the description (addresses, passwords) is written, mode 0600
 *   --agents N    how many agents, from 1001 (20)
 *   --keep        leave logs and recordings behind
 *   --install     only make sure that Asterisk is there
 */
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { networkAddress, startPbx } from './pbx-instance.mjs';
import { PbxUnavailable, provideAsterisk } from './pbx-install.mjs';

const tell = (/** @type {string} */ line) => console.log(`pbx: ${line}`);

const main = async () => {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      agents: { type: 'string' },
      keep: { type: 'boolean' },
      install: { type: 'boolean' },
    },
  });
  const agents = Number(values.agents ?? 20);
  if (!Number.isInteger(agents) || agents < 1 || agents > 99)
    throw new PbxUnavailable('--agents takes a number from 1 to 99.');
  if (values.install === true) {
    const asterisk = await provideAsterisk(tell);
    tell(`Asterisk ${asterisk.version} is there.`);
    return;
  }
  // Listened for before anything is started, so that an early Ctrl-C still cleans up.
  const asked = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve('asked'));
  });
  const pbx = await startPbx({
    tell,
    agents,
    keepFolder: values.keep === true,
    ...(values.out === undefined ? {} : { out: values.out }),
  });
  console.log(`pbx ready: ${pbx.descriptor.ws}`);
  tell(`Asterisk ${pbx.descriptor.version}; described in ${values.out ?? join(pbx.dir, 'pbx.json')}`);
  if (networkAddress() === undefined) tell('this machine has no network but loopback: calls will have no audio.');
  const why = await Promise.race([asked, pbx.exited().then(() => 'ended')]);
  if (why === 'ended') {
    tell(`Asterisk ended by itself. ${pbx.messages()}`);
    process.exitCode = 1;
  }
  await pbx.stop();
};

try {
  await main();
} catch (error) {
  if (!(error instanceof PbxUnavailable) && !(error instanceof TypeError)) throw error;
  console.error(`pbx: ${error.message}`);
  process.exitCode = 1;
}
