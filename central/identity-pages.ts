/** Pages of the embedded provider: plain forms in both languages, no script, no style beyond the browser's. */

const troubles = {
  wrong: ['账号或密码不正确，请重新输入。', 'Account or password is wrong. Please try again.'],
  paused: ['错误次数过多，请稍后再试。', 'Too many wrong passwords. Please try again later.'],
} as const;

/** @param name as it was typed before, so that only the password is typed again */
export const loginPage = (trouble: keyof typeof troubles | undefined, name: string): string =>
  page(
    '登录 · Sign in',
    `<h1>登录坐席 · Sign in to Zuoxi</h1>
${trouble === undefined ? '' : `<p role="alert">${troubles[trouble].join('<br>')}</p>`}
<form method="post">
<p><label for="name">账号 · Account</label><br>
<input id="name" name="name" value="${escaped(name)}" maxlength="80" autocomplete="username" required${name === '' ? ' autofocus' : ''}></p>
<p><label for="password">密码 · Password</label><br>
<input id="password" name="password" type="password" maxlength="128" autocomplete="current-password" required${name === '' ? '' : ' autofocus'}></p>
<p><button type="submit">登录 · Sign in</button>
<button type="submit" name="cancel" value="1" formnovalidate>取消 · Cancel</button></p>
</form>`,
  );

const words = {
  over: [
    '此登录已失效',
    '请关闭本页，在坐席窗口中重新开始登录。',
    'This sign-in is no longer valid',
    'Please close this page and start again in the seat’s window.',
  ],
} as const;

export const wordPage = (name: keyof typeof words): string => {
  const [title, text, enTitle, enText] = words[name];
  return page(
    `${title} · ${enTitle}`,
    `<h1>${title}</h1><p>${text}</p><section lang="en"><h1>${enTitle}</h1><p>${enText}</p></section>`,
  );
};

const page = (title: string, body: string): string => `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<main>
${body}
</main>
</html>
`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0) ?? 0};`);
