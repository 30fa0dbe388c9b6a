import { useEffect, useRef, useState } from 'react';
import type { FigureKey } from '../../../shared/figures.ts';
import { figureKeys, figureOf } from '../../../shared/figures.ts';
import type { FigureGroup, Figures } from '../../../shared/figures-api.ts';
import { useWords } from '../context.tsx';
import type { Drawing } from './chart.ts';
import { rowName, shownFigure } from './figure-words.ts';

const mostDrawn = 40;

/** One figure over the rows. The table below says the same, for whoever does not see it. */
export const FigureChart = ({ told, by }: { readonly told: Figures; readonly by: FigureGroup }) => {
  const words = useWords();
  const { t } = words;
  const [key, setKey] = useState<FigureKey>('contactRate');
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing | undefined>(undefined);
  const rows = told.rows.slice(0, mostDrawn);
  const all = told.total.counts.orders;
  const drawn = {
    names: rows.map((row) => rowName(row, by, words)),
    values: rows.map((row) => figureOf(key, row, all)),
    shown: rows.map((row) => shownFigure(key, row, all)),
    isLine: by === 'day' && rows.length > 1,
  };
  const latest = useRef(drawn);
  useEffect(() => {
    latest.current = drawn;
    drawing.current?.draw(drawn);
  });
  useEffect(() => {
    let isHere = true;
    // A megabyte that only leads need, and only here.
    void import('./chart.ts').then(({ drawOn }) => {
      if (!isHere || canvas.current === null) return;
      drawing.current = drawOn(canvas.current);
      drawing.current?.draw(latest.current);
    });
    return () => {
      isHere = false;
      drawing.current?.close();
      drawing.current = undefined;
    };
  }, []);
  return (
    <figure className="figures-chart">
      <figcaption>
        <label>
          <span>{t('figures.drawn')}</span>
          <select value={key} onChange={(event) => setKey(figureKeys.find((one) => one === event.target.value) ?? key)}>
            {figureKeys.map((one) => (
              <option key={one} value={one}>
                {t(`figure.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </figcaption>
      <div className="figures-drawing">
        <canvas ref={canvas} role="img" aria-label={t('figures.chart', { figure: t(`figure.${key}`) })} />
      </div>
    </figure>
  );
};
