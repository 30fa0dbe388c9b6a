import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Who answers, and what they say: spoken by espeak-ng, as a telephone hears it. */
export type Speaker = {
  readonly who: 'person' | 'machine';
  readonly name: string;
  /** From the answer to the first sound, ms. */
  readonly afterMs: number;
  readonly file: string;
};

const people = [
  '喂',
  '喂，你好',
  '你好',
  '您好',
  '喂，您好',
  '喂，哪位',
  '喂，谁啊',
  '您好，请讲',
  '哎，你好',
  '喂？喂？',
];
/** With pauses after a word or a sentence, as recorded greetings have them. */
const machines = [
  '您好，您拨打的用户暂时无法接听，请在提示音后留言。',
  '您好。您所拨打的电话无人接听。请稍后再拨。',
  '对不起，您拨打的电话正在通话中，请稍后再拨。',
  '您好，这里是王先生的电话。我现在不方便接听，请留言，谢谢。',
  '我是小李，现在不在电话旁边，听到提示音后请留言。',
  '感谢您的来电。我们会尽快给您回复。请留下您的姓名和电话。',
  '用户正忙，语音信箱为您服务。请在滴声后留言。',
  '您好，语音助手为您接听。请问您有什么事？',
  '机主暂时无法接听您的电话，我是他的智能助理。',
  '这里是张女士的语音信箱，留言请按一。',
] as const;
const voices = ['cmn', 'cmn+f2', 'cmn+m3'] as const;
const speeds = [150, 175, 200] as const;

/** Thirty people and thirty machines. */
export const speak = async (dir: string): Promise<readonly Speaker[]> => {
  const speakers: Speaker[] = [];
  const texts = [
    ...people.map((text) => ({ who: 'person' as const, text })),
    ...machines.map((text) => ({ who: 'machine' as const, text })),
  ];
  for (const [at, { who, text }] of texts.entries())
    for (const [turn, voice] of voices.entries()) {
      const name = `${who}-${at}-${turn}`;
      const spoken = join(dir, `${name}-spoken.wav`);
      const speed = speeds[(at + turn) % speeds.length] ?? 175;
      await run('espeak-ng', ['-v', voice, '-s', String(speed), '-w', spoken, text]);
      // The silence before and after is that of the call, not of the speaker's file.
      const trimmed = ['silence', '1', '0.01', '0.5%', 'reverse', 'silence', '1', '0.01', '0.5%', 'reverse'];
      await run('sox', [spoken, '-r', '8000', '-c', '1', '-b', '16', join(dir, `${name}.wav`), ...trimmed]);
      const afterMs = who === 'person' ? 200 + 150 * turn : 100 + 150 * turn;
      speakers.push({ who, name: `${voice} ${speed}: ${text}`, afterMs, file: join(dir, name) });
    }
  return speakers;
};
