import { config } from 'zod';

/**
 * Imported first by the pages: their content policy forbids functions made from text, which zod tries for speed when a schema is
 * built. Off means no attempt and no report of one; parsing is interpreted either way.
 */
config({ jitless: true });
