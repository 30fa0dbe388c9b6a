import { type TextKey, texts } from './texts.ts';

/** A sentence in both languages instead of the desk, with one button. Plain DOM: the page has no other content. */
export const showNotice = (page: Document, sentence: TextKey, action: TextKey, run: () => void): void => {
  const box = page.createElement('main');
  box.className = 'notice';
  box.append(
    element(page, 'h1', 'zh-CN', texts[sentence].zh),
    element(page, 'p', 'en', texts[sentence].en),
    actionButton(page, action, run),
  );
  page.body.replaceChildren(box);
  box.querySelector('button')?.focus();
};

const element = (page: Document, tag: 'h1' | 'p' | 'span', lang: string, text: string): HTMLElement => {
  const made = page.createElement(tag);
  made.lang = lang;
  made.textContent = text;
  return made;
};

const actionButton = (page: Document, action: TextKey, run: () => void): HTMLButtonElement => {
  const button = page.createElement('button');
  button.type = 'button';
  button.append(element(page, 'span', 'zh-CN', texts[action].zh), ' ', element(page, 'span', 'en', texts[action].en));
  button.addEventListener('click', () => {
    // Once: the answer replaces the notice.
    button.disabled = true;
    run();
  });
  return button;
};
