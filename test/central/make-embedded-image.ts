import { renameSync, writeFileSync } from 'node:fs';
import { silent } from '../../central/ambient.ts';
import { embeddedImage } from '../../central/db.ts';

/** `FILE`: an embedded database with central's schema and nothing in it, as others begin with it (shared-databases.ts). */
const [, , file = ''] = process.argv;
const image = await embeddedImage(silent);
// Whole or not there: another run may look for it at this moment.
writeFileSync(`${file}.${process.pid}`, Buffer.from(await image.arrayBuffer()));
renameSync(`${file}.${process.pid}`, file);
