import { readFileSync, writeFileSync } from 'node:fs';
import { protocolVersion } from '../../../shared/central-api.ts';
import { wireContract } from '../../../shared/wire.ts';
import { wireChanges } from './changes.ts';
import type { Frozen } from './frozen.ts';

/** `node test/shared/wire/freeze.ts "what changed, for whom"`: takes the contract as it is now for the frozen one. */
const path = new URL('./frozen.json', import.meta.url);
const [note] = process.argv.slice(2);
const before = JSON.parse(readFileSync(path, 'utf8')) as Frozen;
const contract = wireContract();
const changes = wireChanges(before.contract, contract);
const broken = changes.filter(({ kind }) => kind === 'breaking');
for (const { kind, at, what } of changes) process.stdout.write(`${kind}: ${at}: ${what}\n`);

const refusal =
  note === undefined || note.length < 10
    ? 'Say in a sentence what changed and for whom: node test/shared/wire/freeze.ts "…"'
    : broken.length > 0 && protocolVersion <= before.protocolVersion
      ? 'This breaks seats in the field: make it additive, or raise protocolVersion in shared/central-api.ts first.'
      : changes.length === 0 && protocolVersion === before.protocolVersion
        ? 'Nothing has changed.'
        : undefined;
if (refusal === undefined) {
  const notes = [...before.notes, `v${protocolVersion}: ${note}`];
  writeFileSync(path, `${JSON.stringify({ protocolVersion, notes, contract }, null, 2)}\n`);
  process.stdout.write('Written. Format it (npm run format -- test/shared/wire) and commit it with the change.\n');
} else {
  process.stderr.write(`${refusal}\n`);
  process.exitCode = 1;
}
