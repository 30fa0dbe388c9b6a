/**
 * Keys of the desk (desk.md). One table for the listener and for the F1 sheet. Function keys work wherever the focus is; digits,
 * Enter and the back keys only when the agent is not typing; nothing acts while an input method is composing.
 */
export const commands = [
  'keys',
  'answer',
  'decline',
  'hold',
  'swap',
  'hangUp',
  'cancelConsult',
  'mute',
  'transfer',
  'join',
  'keypad',
  'callBack',
  'missed',
  'state',
  'objections',
  'wrapUp',
  'finish',
  'palette',
  'quality',
  'diagnostics',
  'find',
  'next',
  'back',
  'escape',
] as const;
export type CommandName = (typeof commands)[number];
export type Command = { readonly kind: CommandName } | { readonly kind: 'digit'; readonly digit: string };

/** A key press with what matters of where it happened. */
export type Press = {
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** In a field that takes text. */
  readonly typing: boolean;
  /** On a control that has a use for Enter of its own. */
  readonly onControl: boolean;
  readonly composing: boolean;
  readonly repeat: boolean;
};

const anywhere: Readonly<Record<string, CommandName>> = {
  F1: 'keys',
  F2: 'answer',
  F3: 'hold',
  F4: 'hangUp',
  F5: 'mute',
  F6: 'transfer',
  F7: 'keypad',
  F8: 'state',
  F9: 'objections',
  F10: 'wrapUp',
  Escape: 'escape',
};
/** With two lines: the same finger as the key of one, and Shift. */
const withShift: Readonly<Record<string, CommandName>> = {
  F2: 'decline',
  F3: 'swap',
  F4: 'cancelConsult',
  F6: 'join',
};
const withCtrl: Readonly<Record<string, CommandName>> = {
  f: 'find',
  b: 'callBack',
  // Not M, with which the menu of a desktop window minimises it.
  j: 'missed',
  k: 'palette',
  i: 'quality',
  d: 'diagnostics',
  Enter: 'finish',
};

/** What a key shows as on buttons and on the F1 sheet. */
export const keyLabels: Readonly<Record<CommandName, string>> = {
  keys: 'F1',
  answer: 'F2',
  decline: '⇧F2',
  hold: 'F3',
  swap: '⇧F3',
  hangUp: 'F4',
  cancelConsult: '⇧F4',
  mute: 'F5',
  transfer: 'F6',
  join: '⇧F6',
  keypad: 'F7',
  callBack: 'Ctrl+B',
  missed: 'Ctrl+J',
  state: 'F8',
  objections: 'F9',
  wrapUp: 'F10',
  finish: 'Ctrl+Enter',
  palette: 'Ctrl+K',
  quality: 'Ctrl+I',
  diagnostics: 'Ctrl+D',
  find: 'Ctrl+F',
  next: 'Enter',
  back: '←',
  escape: 'Esc',
};

export const commandOf = (press: Press): Command | undefined => {
  if (press.composing || press.alt) return undefined;
  const named = press.ctrl
    ? withCtrl[press.key.length === 1 ? press.key.toLowerCase() : press.key]
    : (press.shift ? withShift : anywhere)[press.key];
  if (named !== undefined && !(press.ctrl && press.shift)) return { kind: named };
  if (press.ctrl || press.typing) return undefined;
  if (/^[0-9*#]$/.test(press.key)) return { kind: 'digit', digit: press.key };
  if (press.key === 'Enter') return press.onControl ? undefined : { kind: 'next' };
  return press.key === 'ArrowLeft' || press.key === 'Backspace' ? { kind: 'back' } : undefined;
};

const textless = new Set(['button', 'checkbox', 'radio', 'range', 'submit', 'reset', 'file', 'color']);

/** Reads a browser key event. */
export const pressOf = (event: KeyboardEvent): Press => {
  const target = event.target instanceof Element ? event.target : null;
  const field = target?.closest('input, textarea, select, [contenteditable]') ?? null;
  const typing = field !== null && !(field instanceof HTMLInputElement && textless.has(field.type));
  return {
    key: event.key,
    ctrl: event.ctrlKey || event.metaKey,
    alt: event.altKey,
    shift: event.shiftKey,
    typing,
    onControl: target?.closest('button, a, summary, input, select, [role="menuitem"], [role="option"]') != null,
    composing: event.isComposing,
    repeat: event.repeat,
  };
};
