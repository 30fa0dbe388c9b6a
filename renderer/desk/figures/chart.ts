import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

/**
 * The door to ECharts: only what one chart needs. On a canvas, which sets no styles and writes no markup: the content policy allows
 * neither. Its tooltips would (HTML), so there are none: the table beside it has the values, and reads to everybody.
 */
use([BarChart, LineChart, GridComponent, CanvasRenderer]);

export type Drawn = {
  readonly names: readonly string[];
  readonly values: readonly (number | null)[];
  readonly shown: readonly string[];
  /** Days are a line, everything else bars. */
  readonly isLine: boolean;
};
export type Drawing = { readonly draw: (drawn: Drawn) => void; readonly close: () => void };

/** Undefined where nothing can be drawn on. Colours and type are the canvas element's own, as the page's theme sets them. */
export const drawOn = (canvas: HTMLCanvasElement): Drawing | undefined => {
  if (!canvas.getContext('2d')) return undefined;
  withoutMarkup(canvas);
  const { clientWidth: width, clientHeight: height } = canvas;
  const chart = init(canvas, null, { renderer: 'canvas', width, height });
  const resize = new ResizeObserver(() => chart.resize({ width: canvas.parentElement?.clientWidth ?? width, height }));
  if (canvas.parentElement !== null) resize.observe(canvas.parentElement);
  return {
    draw: ({ names, values, shown, isLine }) => {
      const { color, borderTopColor, fontFamily } = getComputedStyle(canvas);
      const text = { color: borderTopColor, fontFamily, fontSize: 12 };
      chart.setOption({
        animation: false,
        textStyle: { fontFamily },
        grid: { left: 8, right: 16, top: 24, bottom: 4, outerBoundsMode: 'same' },
        xAxis: {
          type: 'category',
          data: [...names],
          axisLabel: { ...text, hideOverlap: true },
          axisTick: { show: false },
        },
        yAxis: { type: 'value', axisLabel: { show: false }, splitLine: { show: false } },
        series: [
          {
            type: isLine ? 'line' : 'bar',
            data: [...values],
            color,
            barMaxWidth: 48,
            label: {
              ...text,
              show: names.length <= 16,
              position: 'top',
              formatter: ({ dataIndex }: { dataIndex: number }) => shown[dataIndex] ?? '',
            },
          },
        ],
      });
    },
    close: () => {
      resize.disconnect();
      chart.dispose();
    },
  };
};

/** ECharts empties what it drew on through `innerHTML`, which trusted types refuse even for the empty text. */
const withoutMarkup = (canvas: HTMLCanvasElement): void => {
  Object.defineProperty(canvas, 'innerHTML', {
    configurable: true,
    get: () => '',
    set: () => {
      canvas.replaceChildren();
    },
  });
};
