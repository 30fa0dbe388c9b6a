/** Loudness of a stream in dBFS; -100 is silence. `stop` lets go of the stream. */
export type Meter = { readonly readDb: () => number; readonly stop: () => void };

export const silenceDb = -100;

export type Meters = {
  readonly meter: (stream: MediaStream) => Meter;
  readonly unlock: () => void;
  readonly close: () => void;
};

/**
 * Chromium keeps both streams of every source node until the node's context is closed, disconnected and collected or not. So all meters
 * that run at a time share a context of their own, which plays nowhere and ends with the last of them.
 */
export const createMeters = (): Meters => {
  let context: AudioContext | undefined;
  let running = 0;

  const close = (): void => {
    void context?.close().catch(() => undefined);
    context = undefined;
  };
  return {
    meter: (stream) => {
      context ??= new AudioContext(silentOptions);
      const on = context;
      running += 1;
      const { readDb, stop } = meterOn(on, stream);
      let isStopped = false;
      return {
        readDb,
        stop: () => {
          if (isStopped) return;
          isStopped = true;
          stop();
          running -= 1;
          if (running === 0) close();
        },
      };
    },
    unlock: () => {
      if (context?.state === 'suspended') void context.resume().catch(() => undefined);
    },
    close,
  };
};

/** Opens no output. A browser that does not know this plays the nothing it is given. */
const silentOptions: AudioContextOptions & { readonly sinkId: { readonly type: 'none' } } = {
  latencyHint: 'interactive',
  sinkId: { type: 'none' },
};

const meterOn = (context: AudioContext, stream: MediaStream): Meter => {
  const source = context.createMediaStreamSource(stream);
  const analyser = context.createAnalyser();
  analyser.fftSize = 1_024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    readDb: () => {
      analyser.getFloatTimeDomainData(samples);
      return loudnessDb(samples);
    },
    stop: () => source.disconnect(),
  };
};

/** Root mean square in dBFS, a full-scale sine being -3; whole tenths. */
export const loudnessDb = (samples: Float32Array): number => {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return rms <= 1e-5 ? silenceDb : Math.round(200 * Math.log10(rms)) / 10;
};
