/**
 * Three in one conversation, mixed in the page: each party hears the agent and the other party, the agent hears both. Nothing is
 * asked of the exchange, so it works with every one, and each leg stays a call of its own.
 *
 *   party A ──▶ ┬─▶ agent's ear          microphone A ─▶ mix to A ◀── party B
 *   party B ──▶ ┘                        microphone B ─▶ mix to B ◀── party A
 */
export type Conference = {
  /** What the agent hears. */
  readonly heard: MediaStream;
  /** What each party hears, in the order of the parties. */
  readonly sent: readonly MediaStreamTrack[];
  readonly stop: () => void;
};

/** `microphone` is the call's own copy, silent while muted or held: mute takes out the agent and nobody else. */
export type Party = { readonly heard: MediaStream; readonly microphone: MediaStream };

export const createConference = (context: AudioContext, parties: readonly Party[]): Conference => {
  const sources = parties.map(({ heard, microphone }) => ({
    voice: sourceOf(context, heard),
    agent: context.createMediaStreamSource(microphone),
  }));
  const ear = context.createMediaStreamDestination();
  for (const { voice } of sources) voice.node.connect(ear);
  const mixes = sources.map(({ agent }, index) => {
    const mix = context.createMediaStreamDestination();
    // Telephone sound has one channel; two would be sent as two.
    mix.channelCount = 1;
    agent.connect(mix);
    for (const [other, { voice }] of sources.entries()) if (other !== index) voice.node.connect(mix);
    return mix;
  });
  return {
    heard: ear.stream,
    sent: mixes.flatMap(({ stream }) => stream.getAudioTracks()),
    stop: () => {
      for (const { voice, agent } of sources) {
        voice.stop();
        agent.disconnect();
      }
      for (const { stream } of [ear, ...mixes]) for (const track of stream.getTracks()) track.stop();
    },
  };
};

/** Chromium decodes a far voice only while some element plays it; this one plays it to nobody. */
const sourceOf = (context: AudioContext, stream: MediaStream): { node: AudioNode; stop: () => void } => {
  const silent = new Audio();
  silent.muted = true;
  silent.srcObject = stream;
  void silent.play().catch(() => undefined);
  const node = context.createMediaStreamSource(stream);
  return {
    node,
    stop: () => {
      node.disconnect();
      silent.srcObject = null;
    },
  };
};
