import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

type ButtonProps = {
  readonly label: string;
  readonly onPress: () => void;
  readonly tone?: 'plain' | 'main' | 'danger' | 'quiet';
  readonly icon?: IconName;
  /** The key that does the same. */
  readonly hint?: string | undefined;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly type?: 'button' | 'submit';
};

export const Button = (props: ButtonProps) => (
  <button
    type={props.type === 'submit' ? 'submit' : 'button'}
    className={`button ${props.tone ?? 'plain'}`}
    onClick={props.type === 'submit' ? undefined : props.onPress}
    disabled={props.disabled}
    aria-pressed={props.pressed}
    aria-expanded={props.expanded}
    aria-keyshortcuts={props.hint === undefined ? undefined : shortcut(props.hint)}
  >
    {props.icon === undefined ? null : <Icon name={props.icon} />}
    <span>{props.label}</span>
    {props.hint === undefined ? null : <Key label={props.hint} />}
  </button>
);

/** A numbered choice: the digit does the same as the click. */
export const Choice = (props: {
  readonly digit: number | null;
  readonly label: string;
  readonly onPress: () => void;
  readonly chosen?: boolean;
  readonly disabled?: boolean;
  readonly children?: ReactNode;
}) => (
  <button
    type="button"
    className="choice"
    onClick={props.onPress}
    disabled={props.disabled}
    aria-pressed={props.chosen}
    aria-keyshortcuts={props.digit === null ? undefined : String(props.digit)}
  >
    {props.digit === null ? <span className="key blank" aria-hidden="true" /> : <Key label={String(props.digit)} />}
    <span className="choice-label">{props.label}</span>
    {props.children}
  </button>
);

export const Key = ({ label }: { readonly label: string }) => (
  <kbd className="key" aria-hidden="true">
    {label}
  </kbd>
);

export const shortcut = (hint: string): string =>
  hint === '←'
    ? 'ArrowLeft'
    : hint === 'Ctrl+Enter'
      ? 'Control+Enter'
      : hint.replace('Ctrl', 'Control').replace('⇧', 'Shift+');
