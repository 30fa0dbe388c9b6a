/**
 * Run in the page: texts that cannot be read as they are drawn. Of each: cut off by the element itself or one around it that hides what is
 * over, outside of the window, or under another text. What scrolls is not cut off; what ends in "…" on purpose has its whole text as a title.
 */
export const unreadable = (): readonly string[] => {
  const top = document.querySelector('.sheet, .menu') ?? document.body;
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  const drawn: { readonly text: string; readonly element: Element; readonly box: DOMRect }[] = [];
  const hides = (element: Element): boolean => {
    const { overflowX, overflowY } = getComputedStyle(element);
    return overflowX === 'hidden' || overflowX === 'clip' || overflowY === 'hidden' || overflowY === 'clip';
  };
  const scrolls = (element: Element): boolean => {
    const { overflowX, overflowY } = getComputedStyle(element);
    return /auto|scroll/.test(`${overflowX} ${overflowY}`);
  };
  const isTitled = (element: Element): boolean => element.closest('[title]') !== null;
  /** The panel that floats over the desk with this in it: what it covers is covered, not written over. */
  const floating = (element: Element): Element | null => element.closest('.transfer, .keypad, .quality-figures, .menu');
  const isForEars = (element: Element): boolean => getComputedStyle(element).clipPath === 'inset(50%)';
  while (walker.nextNode() !== null) {
    const node = walker.currentNode;
    const text = node.textContent?.trim() ?? '';
    const element = node.parentElement;
    if (text === '' || element === null || element.closest('.visually-hidden, svg, script, style') !== null) continue;
    if (isForEars(element) || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) continue;
    let clipped = false;
    let scrolled = false;
    for (
      let around: Element | null = element;
      around !== null && around !== document.body;
      around = around.parentElement
    ) {
      const edge = around.getBoundingClientRect();
      const over = Math.max(edge.left - box.left, box.right - edge.right, edge.top - box.top, box.bottom - edge.bottom);
      if (scrolls(around)) scrolled = true;
      else if (over > 1.5 && hides(around)) clipped = true;
      if (scrolled || clipped) break;
    }
    const what = `"${text.slice(0, 60)}" in <${element.tagName.toLowerCase()} class="${element.className}">`;
    if (clipped && !isTitled(element)) found.push(`cut off: ${what}`);
    if (!scrolled && !clipped && (box.left < -1 || box.right > innerWidth + 1)) found.push(`outside: ${what}`);
    if (!scrolled && !clipped)
      for (const part of range.getClientRects()) drawn.push({ text: what, element, box: part });
  }
  for (const [index, one] of drawn.entries())
    for (const other of drawn.slice(index + 1)) {
      if (one.element === other.element || one.element.contains(other.element) || other.element.contains(one.element))
        continue;
      if (floating(one.element) !== floating(other.element)) continue;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      // Lines of text touch; they lie on one another when a good part of the height does.
      if (wide > 2 && high > Math.min(one.box.height, other.box.height) * 0.4)
        found.push(`over each other: ${one.text} and ${other.text}`);
    }
  return [...new Set(found)];
};
