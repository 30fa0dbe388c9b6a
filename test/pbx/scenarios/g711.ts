/** G.711 (ITU-T), both laws: bytes as on the wire, samples from -1 to 1. */
export type Law = 'PCMU' | 'PCMA';

export const silenceByte: Readonly<Record<Law, number>> = { PCMU: 0xff, PCMA: 0xd5 };

export const encode = (law: Law, sample: number): number => {
  const value = Math.max(-32_635, Math.min(32_635, Math.round(sample * 32_768)));
  return law === 'PCMU' ? toMu(value) : toA(value);
};

export const decode = (law: Law, byte: number): number => tables[law][byte] ?? 0;

const toMu = (value: number): number => {
  const sign = value < 0 ? 0x80 : 0;
  const magnitude = Math.min(32_635, Math.abs(value)) + 132;
  const exponent = Math.max(0, Math.floor(Math.log2(magnitude)) - 7);
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
};

const fromMu = (byte: number): number => {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
};

const toA = (value: number): number => {
  const sign = value < 0 ? 0 : 0x80;
  const magnitude = Math.min(32_635, Math.abs(value)) >> 4;
  const exponent = magnitude < 16 ? 0 : Math.floor(Math.log2(magnitude)) - 3;
  const mantissa = exponent === 0 ? magnitude : (magnitude >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | (mantissa & 0x0f)) ^ 0x55;
};

const fromA = (byte: number): number => {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
};

const bytes = Array.from({ length: 256 }, (_, byte) => byte);
const tables: Readonly<Record<Law, readonly number[]>> = {
  PCMU: bytes.map((byte) => fromMu(byte) / 32_768),
  PCMA: bytes.map((byte) => fromA(byte) / 32_768),
};
