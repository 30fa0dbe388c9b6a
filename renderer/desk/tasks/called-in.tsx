import { useSnapshot, useWords } from '../context.tsx';

/** R26: why the script is a task's although the customer called. */
export const CalledIn = () => {
  const { t } = useWords();
  const calledIn = useSnapshot((snapshot) => snapshot.contact?.calledIn);
  if (calledIn === undefined) return null;
  return (
    <p className="plain-note called-in" data-tone="attention" role="status">
      {t('task.calledIn', { title: calledIn.title })}
      {calledIn.offer === '' ? null : <span className="quiet task-mode">{calledIn.offer}</span>}
    </p>
  );
};
