import { tierOf } from '../../../shared/tier.ts';
import { useDesk, useSnapshot, useWords } from '../context.tsx';
import type { SignedIn } from '../view.ts';
import { TaskPane } from './task-pane.tsx';

/** The task pane with what it needs of the desk. */
export const TaskRegion = ({ session, blocked }: { readonly session: SignedIn; readonly blocked: string | null }) => {
  const { actions } = useDesk();
  const { named, language } = useWords();
  const work = useSnapshot((snapshot) => snapshot.task);
  const customer = work.kind === 'preview' || work.kind === 'arriving' ? work.item.customer : null;
  const tier = customer === null ? undefined : tierOf(customer.usage, session.policy.tier);
  return (
    <TaskPane
      work={work}
      tier={
        tier === undefined ? null : tier.why.map(({ key, params }) => named('tierWhy', key, key, params)).join(' · ')
      }
      blocked={blocked}
      queueName={(id) => {
        const queue = session.agent.queues.find((one) => one.id === id);
        return queue === undefined ? id : language === 'en' ? queue.en : queue.zh;
      }}
      onTake={(on) => void actions.takeTasks(on)}
      onNext={() => void actions.nextCustomer()}
      onDial={() => void actions.dialTask()}
      onSkip={(why) => void actions.skipCustomer(why)}
    />
  );
};
