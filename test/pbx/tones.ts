/**
 * Level of a tone in a sound, dBFS (a full-scale sine is -3), -120 at the least. Hann windows of about 100 ms: a loud tone beside
 * it, 100 Hz away or more, leaves less than -70 dB here, so a voice that is absent can be told from one that is faint. The middle value
 * of all windows, so that one with a lost packet counts for nothing.
 */
export const toneDb = (samples: ArrayLike<number>, rate: number, hz: number): number => {
  const size = Math.round(rate / 10);
  const levels: number[] = [];
  for (let start = 0; start + size <= samples.length; start += size) {
    let [re, im] = [0, 0];
    for (let i = 0; i < size; i += 1) {
      const windowed = (samples[start + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
      const angle = (2 * Math.PI * hz * i) / rate;
      re += windowed * Math.cos(angle);
      im -= windowed * Math.sin(angle);
    }
    // A Hann window halves the amplitude; of a sine half of it is at the positive frequency.
    const amplitude = (4 * Math.hypot(re, im)) / size;
    levels.push(20 * Math.log10(amplitude / Math.SQRT2 + 1e-6));
  }
  const sorted = levels.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? -120;
};
