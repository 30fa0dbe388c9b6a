import type { Text } from '../../shared/text.ts';

/** The pages of this host's own: a few words in both languages, no script, no style beyond the browser's. */
const pages = {
  token: {
    title: { zh: '地址已失效', en: 'This address no longer works' },
    body: {
      zh: '坐席的地址只能使用一次。新的地址已显示在启动坐席的窗口中,请用新地址打开。',
      en: 'The address of a seat works once. A new one has been shown in the window the seat was started from: please open that one.',
    },
  },
  notFound: {
    title: { zh: '没有这个页面', en: 'There is no such page' },
    body: { zh: '请回到坐席首页。', en: 'Please go back to the start of the seat.' },
  },
  elsewhere: {
    title: { zh: '地址不正确', en: 'This is not the address of the seat' },
    body: {
      zh: '请使用启动坐席的窗口中显示的地址。',
      en: 'Please use the address shown in the window the seat was started from.',
    },
  },
} as const satisfies Readonly<Record<string, { readonly title: Text; readonly body: Text }>>;

/** Constant text only: nothing of a request is ever repeated here. */
export const refusalPage = (name: keyof typeof pages): string => {
  const { title, body } = pages[name];
  return `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title.zh} · ${title.en}</title>
<h1>${title.zh}</h1>
<p>${body.zh}</p>
<section lang="en">
<h1>${title.en}</h1>
<p>${body.en}</p>
</section>
</html>
`;
};
