/** Ids, kinds, counts and milliseconds only: no number, name or answer ever enters a log. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/**
 * error: someone is affected and we gave up; warn: recovered; info: one line per life-cycle step; debug: the rest.
 */
export interface Log {
  error(what: string, fields?: LogFields): void;
  warn(what: string, fields?: LogFields): void;
  info(what: string, fields?: LogFields): void;
  debug(what: string, fields?: LogFields): void;
}

/** What may be said of a fault in a log: its class and code. Messages of drivers and parsers can carry values. */
export const faultFields = (fault: unknown): LogFields => {
  if (!(fault instanceof Error)) return { fault: typeof fault };
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : null;
  return { fault: fault.name, code };
};
