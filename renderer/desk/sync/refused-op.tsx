import { useState, type KeyboardEvent, type ReactNode } from 'react';
import type { AnyDispositionNode, DispositionTree } from '../../../shared/disposition.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { RefusedOp } from '../../../shared/seat.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Button } from '../parts/button.tsx';
import type { Mended, RepairActions } from './repair-actions.ts';

type Open =
  | { readonly kind: 'closed' }
  | { readonly kind: 'editing'; readonly tree: DispositionTree | null }
  | { readonly kind: 'discarding' };

/** One change central refused: what, when, about whom, why, and what the agent may do about it. */
export const RefusedItem = ({ op, actions }: { readonly op: RefusedOp; readonly actions: RepairActions }) => {
  const words = useWords();
  const { t, named, language } = words;
  const nowMs = useMinute();
  const [open, setOpen] = useState<Open>({ kind: 'closed' });
  const { repair, opId } = op;
  const what = named('op', op.name, op.name);
  const edit = repair?.edit ?? null;
  const close = (): void => setOpen({ kind: 'closed' });
  const begin = async (): Promise<void> => {
    if (edit?.kind !== 'wrapUp') return setOpen({ kind: 'editing', tree: null });
    const found = await actions.tree(opId);
    setOpen({ kind: 'editing', tree: found.ok ? found.value.tree : null });
  };
  return (
    <li>
      <strong>{what}</strong>
      <span className="quiet figure">{dateTime(op.atMs, nowMs, language)}</span>
      {typeof repair?.customer === 'string' ? <span>{t('repair.customer', { name: repair.customer })}</span> : null}
      <span>{words.refusal({ kind: op.kind, ...(op.reason === null ? {} : { reason: op.reason }) })}</span>
      {repair === undefined ? null : (
        <span className="repair-keys">
          <Button label={t('repair.retry')} onPress={() => void actions.retry(opId)} />
          {edit === null ? null : <Button label={t('repair.edit')} onPress={() => void begin()} />}
          {repair.isOwn ? (
            <Button label={t('repair.discard')} onPress={() => setOpen({ kind: 'discarding' })} />
          ) : (
            <span className="quiet">{t('repair.ofAnother')}</span>
          )}
        </span>
      )}
      {open.kind === 'editing' && edit !== null ? (
        <EditForm edit={edit} tree={open.tree} onSave={(mended) => actions.edit(opId, mended)} onClose={close} />
      ) : null}
      {open.kind === 'discarding' ? (
        <DiscardForm onSave={(reason) => actions.discard(opId, reason)} onClose={close} />
      ) : null}
    </li>
  );
};

const escape =
  (onClose: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onClose();
  };

type Edit = NonNullable<NonNullable<RefusedOp['repair']>['edit']>;
type FormProps<T> = { readonly onSave: (value: T) => Promise<Refusal | null>; readonly onClose: () => void };

/** Escape leaves everything as it was; whatever is refused is told beside the field. */
const Form = (props: {
  readonly label: string;
  readonly save: string;
  readonly why: Refusal | null;
  readonly onSave: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) => {
  const { t, refusal } = useWords();
  return (
    <form
      className="repair-form"
      aria-label={props.label}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSave();
      }}
    >
      {props.children}
      {props.why === null ? null : <p role="alert">{refusal(props.why)}</p>}
      <span className="repair-keys">
        <Button type="submit" tone="main" label={props.save} onPress={props.onSave} />
        <Button label={t('repair.cancel')} onPress={props.onClose} />
      </span>
    </form>
  );
};

const EditForm = ({
  edit,
  tree,
  onSave,
  onClose,
}: FormProps<Mended> & { readonly edit: Edit; readonly tree: DispositionTree | null }) => {
  const { t, named, language } = useWords();
  const [why, setWhy] = useState<Refusal | null>(null);
  const [value, setValue] = useState(edit.kind === 'field' ? edit.value : edit.note);
  const [path, setPath] = useState(edit.kind === 'wrapUp' ? edit.disposition.join('/') : '');
  const save = async (): Promise<void> => {
    const mended: Mended = edit.kind === 'field' ? { value } : { note: value, disposition: path.split('/') };
    setWhy(await onSave(mended));
  };
  return (
    <Form label={t('repair.edit')} save={t('repair.send')} why={why} onSave={() => void save()} onClose={onClose}>
      {edit.kind === 'wrapUp' && tree !== null ? (
        <label>
          {t('repair.disposition')}
          <select value={path} onKeyDown={escape(onClose)} onChange={(event) => setPath(event.target.value)}>
            {pathsOf(tree.roots).every((one) => one.path !== path) ? <option value={path}>{path}</option> : null}
            {pathsOf(tree.roots).map((one) => (
              <option key={one.path} value={one.path}>
                {one.labels.map((label) => (language === 'zh-CN' ? label.zh : label.en)).join(' / ')}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <label>
        {edit.kind === 'field' ? named('field', edit.key, edit.key) : t('repair.note')}
        <textarea
          onKeyDown={escape(onClose)}
          rows={edit.kind === 'field' ? 1 : 3}
          maxLength={edit.kind === 'field' ? 400 : 4_000}
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      </label>
    </Form>
  );
};

const DiscardForm = ({ onSave, onClose }: FormProps<string>) => {
  const { t } = useWords();
  const [why, setWhy] = useState<Refusal | null>(null);
  const [reason, setReason] = useState('');
  return (
    <Form
      label={t('repair.discard')}
      save={t('repair.discardNow')}
      why={why}
      onSave={() => void onSave(reason).then(setWhy)}
      onClose={onClose}
    >
      <p>{t('repair.discardText')}</p>
      <label>
        {t('repair.reason')}
        <input
          onKeyDown={escape(onClose)}
          required
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
    </Form>
  );
};

type Leaf = { readonly path: string; readonly labels: readonly AnyDispositionNode['label'][] };

/** Only a leaf ends a contact (R28). */
const pathsOf = (nodes: readonly AnyDispositionNode[], before: readonly AnyDispositionNode[] = []): readonly Leaf[] =>
  nodes.flatMap((node) => {
    const here = [...before, node];
    if (node.children.length > 0) return pathsOf(node.children, here);
    return [{ path: here.map(({ id }) => id).join('/'), labels: here.map(({ label }) => label) }];
  });
