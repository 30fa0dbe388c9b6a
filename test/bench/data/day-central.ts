import { startFakeCentral } from '../../main/fake-central.ts';
import { feedOf } from '../../main/sample.ts';

/** A small central in a process of its own, as central is: what is measured is the seat. Tells its address. */
const central = await startFakeCentral(feedOf([]));
process.send?.(central.url);
process.on('disconnect', () => process.exit(0));
