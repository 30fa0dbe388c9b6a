/** What a leg of a call hears at one frequency. Pure: the page, the RTP peer and recorded files are measured alike. */
export type Tone = {
  /** dBFS; a full-scale sine is -3, silence -120. */
  readonly db: number;
  /** How far the tone stands above everything else that is heard, in dB. */
  readonly overRestDb: number;
};

/** Long enough for 10 Hz of resolution, short enough that a lost packet spoils one of many. */
const windowS = 0.1;
const faint = 1e-12;

/**
 * Hann windows of 100 ms, half overlapping; the middle value of all. The rest is what is left of each window's power without the
 * tone's own (Parseval), so noise, clipping and other voices count whatever their frequency.
 */
export const toneIn = (samples: ArrayLike<number>, rate: number, hz: number): Tone => {
  const size = Math.round(rate * windowS);
  const readings: { readonly tone: number; readonly rest: number }[] = [];
  for (let start = 0; start + size <= samples.length; start += Math.floor(size / 2))
    readings.push(reading(samples, start, size, (2 * Math.PI * hz) / rate));
  const tone = middle(readings.map((one) => one.tone));
  return {
    db: Math.max(-120, 10 * Math.log10(tone + faint)),
    overRestDb: middle(readings.map((one) => 10 * Math.log10((one.tone + faint) / (one.rest + faint)))),
  };
};

const reading = (samples: ArrayLike<number>, start: number, size: number, step: number) => {
  let [re, im, power, weight] = [0, 0, 0, 0];
  for (let i = 0; i < size; i += 1) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
    const windowed = (samples[start + i] ?? 0) * window;
    re += windowed * Math.cos(step * i);
    im -= windowed * Math.sin(step * i);
    power += windowed * windowed;
    weight += window * window;
  }
  // Of a sine half of the amplitude is at the positive frequency, and a Hann window halves it again.
  const amplitude = (4 * Math.hypot(re, im)) / size;
  const tone = (amplitude * amplitude) / 2;
  return { tone, rest: Math.max(0, power / weight - tone) };
};

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? -120;
