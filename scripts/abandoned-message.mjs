import { spawnSync } from 'node:child_process';
import { wavOf } from './hold-music.mjs';

/** What a customer hears whom the dialler called and no agent can talk to (R25). An operator puts its own recording here. */
const words =
  '您好，这里是客户服务中心。很抱歉，刚才给您拨打了电话，现在没有客服代表可以为您服务。本次活动不会再次来电，打扰您了，再见。';
const rate = 8_000;

/**
 * Spoken by espeak-ng where there is one; three falling tones elsewhere, so that nobody hears nothing.
 * @returns {Buffer} a wav file: 8 kHz, 16 bit, mono
 */
export const abandonedMessage = () => {
  const spoken = spawnSync('espeak-ng', ['-v', 'cmn', '-s', '170', '--stdout', words], { maxBuffer: 32 * 1024 * 1024 });
  return wavOf(spoken.status === 0 && spoken.stdout.length > 44 ? resampled(spoken.stdout) : tones(), rate);
};

/**
 * Mean of the samples each new one stands for.
 * @param {Buffer} wav with a header of 44 bytes, as espeak-ng writes it
 */
const resampled = (wav) => {
  const from = wav.readUInt32LE(24);
  const count = Math.floor((wav.length - 44) / 2);
  const made = Buffer.alloc(2 * Math.floor((count * rate) / from));
  for (let at = 0; at < made.length / 2; at += 1) {
    const first = Math.floor((at * from) / rate);
    const last = Math.min(count, Math.max(first + 1, Math.floor(((at + 1) * from) / rate)));
    let sum = 0;
    for (let n = first; n < last; n += 1) sum += wav.readInt16LE(44 + 2 * n);
    made.writeInt16LE(Math.round(sum / (last - first)), 2 * at);
  }
  return made;
};

const tones = () => {
  const notes = [950, 700, 500];
  const samples = Buffer.alloc(notes.length * rate);
  for (let at = 0; at < samples.length / 2; at += 1)
    samples.writeInt16LE(
      Math.round(6_000 * Math.sin((2 * Math.PI * (notes[Math.floor((2 * at) / rate)] ?? 0) * at) / rate)),
      2 * at,
    );
  return samples;
};
