import { useState } from 'react';
import type { TopicId } from '../../../shared/ids.ts';
import type { Topic } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Choice } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import { searchTopics, sortedTopics } from '../view.ts';

/** What is it about: by digit, by click, or by typing a name, pinyin or initials and Enter. */
export const Topics = (props: {
  readonly topics: readonly Topic[];
  readonly queue: string | null;
  readonly chosen: TopicId | null;
  readonly onChoose: (topicId: TopicId) => void;
}) => {
  const { t, language } = useWords();
  const [text, setText] = useState('');
  const field = useFocusWish<HTMLInputElement>('search');
  const sorted = sortedTopics(props.topics, props.queue);
  const found = searchTopics(sorted, text);
  const digitOf = (topic: Topic): number | null => {
    const at = sorted.indexOf(topic);
    return at < 9 ? at + 1 : null;
  };
  const submit = (): void => {
    const [first] = found;
    if (first !== undefined && text.trim() !== '') props.onChoose(first.id);
  };
  return (
    <section className="topics" aria-label={t('topic.region')}>
      <h2>{t('topic.ask')}</h2>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label className="visually-hidden" htmlFor="topic-search">
          {t('topic.search')}
        </label>
        <input
          id="topic-search"
          ref={field}
          type="search"
          value={text}
          placeholder={t('topic.search')}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      </form>
      <div className="topic-list">
        {found.map((topic) => (
          <Choice
            key={topic.id}
            digit={digitOf(topic)}
            label={inLanguage(topic.name, language)}
            chosen={topic.id === props.chosen}
            onPress={() => props.onChoose(topic.id)}
          >
            <span className="quiet class-mark">{t(`class.${topic.class}`)}</span>
          </Choice>
        ))}
      </div>
      {found.length === 0 ? <p className="quiet">{t('topic.none')}</p> : null}
    </section>
  );
};
