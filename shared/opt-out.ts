import { z } from 'zod';

/**
 * R22 by text: a customer who asks in a message to be left alone is not called or written to with offers again. The words are those that
 * people use, in both languages, and those that carriers have taught them: TD, T, N, 退订回T, 拒收请回复R, STOP.
 */
export const OptOut = z.object({
  /** The carrier's name of the message. */
  id: z.string().max(200),
  /** When the customer sent it. */
  atMs: z.number(),
  /** E.164 key of the number it came from. */
  number: z.string().max(20),
  /** Their own words. */
  said: z.string().max(60),
});
export type OptOut = z.infer<typeof OptOut>;
/** On a customer's record; more of the same adds nothing. */
export const mostOptOuts = 10;

/**
 * `yes`: whatever was written to them before. `unlessAsked`: a bare N, which is also the "no" to the text of a sale (R41): it says no to that
 * sale, and asks to be left alone only where there is none.
 */
export const optOutWishes = ['yes', 'unlessAsked', 'no'] as const;
export type OptOutWish = (typeof optOutWishes)[number];

const codes = 'td|t|r|qx|unsubscribe|stop';
const leave = '退订|退定|拒收|取消订阅|取消短信';
const plainly = [
  new RegExp(`^(?:我要|请|帮我)?(?:${leave})+(?:了|吧|谢谢|短信|营销|广告|推销){0,3}$`, 'u'),
  // As the text that taught it says it, copied whole or in part.
  new RegExp(`^(?:${leave})?(?:请|可)?(?:回复|回)?(?:${codes}|n)(?:${leave})$`, 'u'),
  new RegExp(`^(?:${leave})(?:请|可)?(?:回复|回)?(?:${codes}|n)$`, 'u'),
  new RegExp(`^(?:请)?(?:回复|回)?(?:${codes})$`, 'u'),
  /(?:不要|别|勿|不准|禁止)再?(?:给我|向我|对我)?再?(?:打(?![折包])|发(?![票货])|来|联系|骚扰|推销|打扰|致电|拨打)/u,
  /^(?:请)?(?:勿扰|免打扰)$/u,
  /^(?:please)?(?:stop|unsubscribe|optout|quit|donotcall|removeme|leavemealone)(?:all|calling|texting|me|now|it|please|calls|texts|messages)*$/u,
  /(?:donot|dont|stop|never)(?:call|text|contact|message|calling|texting)(?:ing)?(?:me|us|thisnumber|again)/u,
];

export const optOutWish = (text: string): OptOutWish => {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]/gu, '');
  if (plain === 'n') return 'unlessAsked';
  return plainly.some((words) => words.test(plain)) ? 'yes' : 'no';
};
