/** Wall time that runs faster than the machine's, from a common beginning, and can be put forward and back. Timers keep to durations. */
export type BentClock = {
  readonly nowMs: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  /** How far this clock is off. */
  readonly jump: (offsetMs: number) => void;
  /** Goes on from here, faster or slower. */
  readonly pace: (pace: Pace) => void;
};

/** `epochMs` is shown when the machine's clock says `beganMs`: what is done must not depend on the hour at which a run is started. */
export type Pace = { readonly beganMs: number; readonly epochMs: number; readonly speed: number };
export type ClockStart = Pace & { readonly offsetMs: number };

const shownBy = ({ beganMs, epochMs, speed }: Pace): number => epochMs + (Date.now() - beganMs) * speed;

export const bentClock = ({ offsetMs, ...start }: ClockStart): BentClock => {
  let pace: Pace = start;
  let off = offsetMs;
  return {
    nowMs: () => Math.round(shownBy(pace) + off),
    after: (ms, then) => {
      const timer = setTimeout(then, Math.min(Math.max(0, ms) / pace.speed, 2_147_483_647));
      timer.unref();
      return () => clearTimeout(timer);
    },
    jump: (offset) => {
      off = offset;
    },
    pace: (next) => {
      pace = next;
    },
  };
};

/** The pace of a whole run. */
export type Pacemaker = {
  readonly pace: () => Pace;
  /** A request was answered after so long, by the machine's clock. @returns the new pace, if it is another one */
  readonly answered: (ms: number) => Pace | undefined;
};

const fastest = 12;
const slowest = 1.5;
/** Of the seat's deadline (8 s): an answer takes so much of it at most, on average. */
const shareOfDeadlineMs = 8_000 / 6;

/**
 * As fast as the machine can follow: where an answer takes longer than the seats' deadline nothing but time-outs would be tested, and on a
 * busy machine nothing would ever come through.
 */
export const makePacemaker = (epochMs: number): Pacemaker => {
  let pace: Pace = { beganMs: Date.now(), epochMs, speed: fastest / 2 };
  let meanMs = 50;
  return {
    pace: () => pace,
    answered: (ms) => {
      meanMs += (Math.min(ms, 2_000) - meanMs) / 16;
      const speed = Math.max(slowest, Math.min(fastest, shareOfDeadlineMs / meanMs));
      if (Math.abs(speed - pace.speed) < pace.speed / 5) return undefined;
      pace = { beganMs: Date.now(), epochMs: shownBy(pace), speed };
      return pace;
    },
  };
};
