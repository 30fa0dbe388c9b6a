/**
 * Speech faster at the same pitch (WSOLA: Verhelst and Roelands 1993): windows are taken from the sound `speed` times as far apart as they
 * are laid down, each moved by up to 10 ms to where it fits best on what is there already.
 */
const hop = 120;
const windowSamples = 2 * hop;
const reach = 80;
/** Every n-th sample is compared: enough for a voice, and a quarter of the work. */
const stride = 4;

const slope = Float32Array.from({ length: hop }, (_, n) => 0.5 - 0.5 * Math.cos((Math.PI * (n + 0.5)) / hop));

/** @param sound 8,000 samples a second. @param speed 1 to 2; the result is that much shorter */
export const faster = (sound: Float32Array, speed: number): Float32Array => {
  const out = new Float32Array(Math.floor(sound.length / speed));
  const steps = Math.floor(out.length / hop) - 2;
  if (speed === 1 || steps < 2) return sound;
  out.set(sound.subarray(0, hop));
  let at = 0;
  for (let step = 1; step <= steps; step += 1) {
    // What would follow by itself, and where the window is to come from.
    const follows = at + hop;
    at = bestFit(sound, Math.round(step * hop * speed), follows);
    for (let n = 0; n < hop; n += 1) {
      const rise = slope[n] ?? 0;
      out[step * hop + n] = (sound[follows + n] ?? 0) * (1 - rise) + (sound[at + n] ?? 0) * rise;
    }
  }
  // What is left goes on from where the last window ended.
  const done = (steps + 1) * hop;
  out.set(sound.subarray(at + hop, at + hop + out.length - done), done);
  return out;
};

const bestFit = (sound: Float32Array, around: number, follows: number): number => {
  let best = around;
  let bestLikeness = Number.NEGATIVE_INFINITY;
  const last = Math.min(around + reach, sound.length - windowSamples);
  for (let from = Math.max(0, around - reach); from <= last; from += 1) {
    let likeness = 0;
    for (let n = 0; n < hop; n += stride) likeness += (sound[follows + n] ?? 0) * (sound[from + n] ?? 0);
    if (likeness > bestLikeness) [best, bestLikeness] = [from, likeness];
  }
  return best;
};
