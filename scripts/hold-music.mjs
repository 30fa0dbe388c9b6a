/**
 * Music on hold for the private exchange: five seconds of a soft rising chord, composed here so that no recording and no licence
 * is needed. 8 kHz, 16 bit, mono.
 * @returns {Buffer} a wav file
 */
export const holdMusic = () => {
  const rate = 8_000;
  const notes = [261.63, 329.63, 392, 523.25, 392]; // C E G C' G, one second each
  const samples = Buffer.alloc(notes.length * rate * 2);
  for (let i = 0; i < notes.length * rate; i += 1) {
    const inNote = (i % rate) / rate;
    const swell = Math.sin(Math.PI * inNote) ** 2;
    samples.writeInt16LE(
      Math.round(2_000 * swell * Math.sin(2 * Math.PI * (notes[Math.floor(i / rate)] ?? 0) * inNote)),
      i * 2,
    );
  }
  return wavOf(samples, rate);
};

/**
 * @param {Buffer} samples 16 bit, mono
 * @param {number} rate
 * @returns {Buffer}
 */
export const wavOf = (samples, rate) => {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
};
