/** What the database's faults mean to us, and how they are said. */

/** postgres://user:***@host/db */
export const shownUrl = (url: string): string => url.replace(/(:\/\/[^:/@]+):[^@]*@/, '$1:***@');

export const reasonOf = (fault: unknown): string => {
  switch (codeOf(fault)) {
    case 'ECONNREFUSED':
      return 'nothing answers there';
    case 'ENOTFOUND':
      return 'the host is not known';
    case '28P01':
    case '28000':
      return 'user or password were refused';
    case '3D000':
      return 'the database does not exist';
    default:
      return fault instanceof Error ? fault.message : 'unknown fault';
  }
};

const codeOf = (fault: unknown): string => (fault instanceof Error && 'code' in fault ? String(fault.code) : '');

/** The database did not answer, or not in time: nothing was decided, and the same may be asked again later. */
export const isDatabaseAway = (fault: unknown): boolean => {
  if (!(fault instanceof Error)) return false;
  const code = codeOf(fault);
  // Connection faults (08), shutting down and starting (57P0x), too many connections, statement and lock time-outs; then the drivers' own words.
  if (/^(?:08\w{3}|57P0\d|53300|57014|55P03|25P03)$/.test(code)) return true;
  if (['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code)) return true;
  // The last ones: central is being stopped, and this request was still under way.
  return /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered|Cannot use a pool after|PGlite is closed)/.test(
    fault.message,
  );
};

/** Two transactions waited for each other, or saw each other's change (SQLSTATE 40): one was undone, and may be done again as it was. */
export const isCrossed = (fault: unknown): boolean => /^40(?:001|P01)$/.test(codeOf(fault));
