/** G.711 µ-law (ITU-T G.711): 8,000 samples a second, a byte each. */
const decodeOne = (code: number): number => {
  const inverted = ~code & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4);
  return (inverted & 0x80) === 0 ? magnitude - 0x84 : 0x84 - magnitude;
};
const decoded = Int16Array.from({ length: 256 }, (_, code) => decodeOne(code));

/** 16 bits, linear. */
export const decodeUlaw = (codes: Uint8Array): Int16Array => Int16Array.from(codes, (code) => decoded[code] ?? 0);

/** @param sample 16-bit linear; clipped to ±32,635 */
export const encodeUlaw = (sample: number): number => {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(Math.abs(Math.trunc(sample)), 32_635) + 0x84;
  const exponent = 24 - Math.clz32(biased);
  const mantissa = (biased >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
};
