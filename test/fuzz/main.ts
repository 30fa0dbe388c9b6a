import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFolder } from './check-folder.ts';
import { writeCorpus } from './corpus.ts';
import { fuzz } from './fuzz.ts';

/**
 * The SIP guard's programs: `check DIR` (npm run sip:check), `fuzz --seed S --count N` (npm run test:sip-fuzz), `corpus` writes the
 * torture messages under corpus/ anew.
 */
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

const wholeNumber = (text: string, least: number): number | undefined =>
  /^\d{1,9}$/.test(text) && Number(text) >= least ? Number(text) : undefined;

const run = async (): Promise<number> => {
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'check') {
    const [folder, ...more] = rest;
    if (folder === undefined || more.length > 0) {
      note('npm run sip:check -- DIR: name one folder with SIP messages, one per file.');
      return 1;
    }
    // npm runs scripts in the package's folder, whatever folder its user is in.
    return (await checkFolder(resolve(process.env['INIT_CWD'] ?? '.', folder), say, note)) ? 0 : 1;
  }
  if (command === 'corpus') {
    say(`${writeCorpus()} messages written`);
    return 0;
  }
  const { values } = parseArgs({
    args: rest,
    options: { seed: { type: 'string', default: '' }, count: { type: 'string', default: '100000' } },
  });
  const seed = values.seed === '' ? Date.now() % 1_000_000_000 : wholeNumber(values.seed, 0);
  const count = wholeNumber(values.count, 1);
  if (command !== 'fuzz' || seed === undefined || count === undefined) {
    note('npm run test:sip-fuzz -- --seed S --count N: both are whole numbers of at most nine digits, N at least 1.');
    return 1;
  }
  return (await fuzz({ seed, count }, say)).failures.length === 0 ? 0 : 1;
};

try {
  process.exitCode = await run();
} catch (fault) {
  note(fault instanceof Error ? fault.message : String(fault));
  process.exitCode = 1;
}
// SIP.js keeps timers of up to 32 s for what it has answered.
process.exit();
