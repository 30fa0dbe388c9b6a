import {
  type Connection,
  type Edge,
  MarkerType,
  type Node,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Script } from '../../../shared/script.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { EndNode, newWay, StepNode, WayEdge } from './graph-parts.tsx';
import './graph.css';
import { addWay, leadWay, removeWay } from './script-edits.ts';
import { endHeight, headHeight, type Layout, layoutOf, portOf, stepWidth } from './script-layout.ts';
import { isArrow, nearestTo } from './script-path.ts';
import { endPlace, marksOf, type Way, waysFrom } from './script-ways.ts';
import type { OpenScript } from './scripts-store.ts';
import { type Chosen, stepHands } from './step-hands.ts';
import { WayBar } from './way-bar.tsx';

type GraphProps = {
  readonly script: Script;
  readonly coverage: OpenScript['coverage'];
  readonly chosen: Chosen;
  readonly mayEdit: boolean;
  readonly onChoose: (chosen: Chosen) => void;
  readonly onEdit: (script: Script) => void;
  /** To the form of the chosen step. */
  readonly onWrite: () => void;
};

/** The script as it branches. Everything the mouse does here, keys do: on a step, in the bar below. */
export const ScriptGraph = (props: GraphProps) => (
  <ReactFlowProvider>
    <Graph {...props} />
  </ReactFlowProvider>
);

const nodeTypes = { step: StepNode, end: EndNode };
const edgeTypes = { way: WayEdge };
const stepsById = (script: Script) => new Map(script.steps.map((step) => [step.id, step]));
const idOf = (to: string | null): string | null => (to === endPlace ? null : to);

const Graph = (props: GraphProps) => {
  const { script, chosen, mayEdit, onEdit, onChoose } = props;
  const { t } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const layout = useMemo(() => layoutOf(script), [script]);
  const [picked, pick] = useState<string | null>(null);
  const way = script.steps.flatMap(waysFrom).find(({ id }) => id === picked) ?? null;
  const chosenId = chosen.kind === 'step' ? chosen.id : null;
  const focus = useFocus(frame);
  useFollow(chosenId, layout, frame);
  const pickWay = (next: Way): void => {
    pick(next.id);
    if (next.from !== chosenId) onChoose({ kind: 'step', id: next.from });
  };
  const toWay = (next: Way): void => {
    pickWay(next);
    focus.soon('.graph-bar select');
  };
  const [wish, setWish] = useState<Wish>(null);
  const toStep = (id: string): void => setWish((now) => ({ id, n: (now?.n ?? 0) + 1 }));
  // Wherever a key leads, the focus goes along.
  const onKeyChoose = (next: Chosen): void => {
    onChoose(next);
    if (next.kind === 'step') toStep(next.id);
  };
  const keys = useStepKeys({ ...props, onChoose: onKeyChoose }, layout, toWay);
  const nodes = useNodes(props, layout, way, { ...keys, wish, pickWay: toWay });
  const edges = useEdges(script, layout, way, mayEdit);
  const connect = ({ source, sourceHandle, target }: Connection): void => {
    const to = idOf(target);
    if (sourceHandle === newWay) onEdit(addWay(script, source, to));
    else onEdit(leadWay(script, source, sourceHandle === null || sourceHandle === '' ? null : sourceHandle, to));
  };
  return (
    <section className="script-graph" aria-label={t('scripts.graph')} ref={frame}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onInit={(flow) => atFirst(flow, layout, frame.current)}
        onConnect={connect}
        onReconnect={(_, connection) => connect(connection)}
        onEdgeClick={(_, { id }) => pick(id)}
        onPaneClick={() => pick(null)}
        nodesDraggable={false}
        nodesConnectable={mayEdit}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        panOnScroll
        zoomOnDoubleClick={false}
        minZoom={0.2}
        maxZoom={1.5}
        {...noKeys}
        ariaLabelConfig={{ ...noWords, 'handle.ariaLabel': t('scripts.wayHandle') }}
        proOptions={{ hideAttribution: true }}
      />
      <GraphBar
        {...props}
        way={way}
        onDone={() => {
          toStep(chosenId ?? script.first);
          pick(null);
        }}
        onMove={(to) => way !== null && onEdit(leadWay(script, way.from, way.answerId, idOf(to)))}
        onRemove={() => way !== null && onEdit(removeWay(script, way.from, way.answerId))}
      />
    </section>
  );
};

/** The library's own keys would act on what it calls selected; ours act on the step that has the focus. */
const noKeys = {
  deleteKeyCode: null,
  selectionKeyCode: null,
  multiSelectionKeyCode: null,
  panActivationKeyCode: null,
  zoomActivationKeyCode: null,
} as const;

/** English sentences about keys that are not ours, for screen readers. */
const noWords = {
  'node.a11yDescription.default': '',
  'node.a11yDescription.keyboardDisabled': '',
  'edge.a11yDescription.default': '',
} as const;

/** The step that is to have the focus: it takes it when it is drawn, which is after this here is. */
type Wish = { readonly id: string; readonly n: number } | null;

/** Focus for something of ours that is there after the next drawing. */
const useFocus = (frame: React.RefObject<HTMLDivElement | null>) => {
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    const found = frame.current?.querySelector<HTMLElement>(wanted.current);
    if (found == null) return;
    wanted.current = null;
    found.focus();
  });
  return {
    soon: (selector: string): void => {
      wanted.current = selector;
    },
  };
};

type StepKeys = { readonly onKey: (event: KeyboardEvent<HTMLElement>, id: string) => void };

const useStepKeys = (props: GraphProps, layout: Layout, onWay: (way: Way) => void): StepKeys => {
  const { script, mayEdit, onEdit, onChoose } = props;
  const hands = stepHands(script, onEdit, onChoose);
  const steps = stepsById(script);
  const meant = (key: string, id: string): (() => void) | undefined => {
    const step = steps.get(id);
    if (step === undefined) return undefined;
    if (isArrow(key)) {
      const next = nearestTo(layout.places, id, key);
      return () => next !== undefined && onChoose({ kind: 'step', id: next });
    }
    if (key === 'Enter') return props.onWrite;
    if (!mayEdit) return undefined;
    if (key === 'Insert') return () => hands.add(id);
    if (key === 'Delete') return () => hands.remove(id);
    if (key === '+' || key === '=') return () => newAnswer(script, id, onEdit, onWay);
    const way = /^[1-9]$/.test(key) ? waysFrom(step)[Number(key) - 1] : undefined;
    return way === undefined ? undefined : () => onWay(way);
  };
  return {
    onKey: (event, id) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const act = meant(event.key, id);
      if (act === undefined) return;
      act();
      event.preventDefault();
      event.stopPropagation();
    },
  };
};

const newAnswer = (script: Script, id: string, onEdit: GraphProps['onEdit'], onWay: (way: Way) => void): void => {
  const next = addWay(script, id, null);
  const step = next.steps.find((one) => one.id === id);
  const way = step === undefined ? undefined : waysFrom(step).at(-1);
  if (next === script || way === undefined) return;
  onEdit(next);
  onWay(way);
};

type Hands = StepKeys & { readonly wish: Wish; readonly pickWay: (way: Way) => void };

const useNodes = (props: GraphProps, layout: Layout, picked: Way | null, hands: Hands): Node[] => {
  const { t } = useWords();
  const { script, coverage, chosen, mayEdit, onChoose } = props;
  const marks = useMemo(() => marksOf(script), [script]);
  const steps = stepsById(script);
  const isChosen = (id: string): boolean => (chosen.kind === 'step' ? chosen.id === id : false);
  const tabStop = chosen.kind === 'step' ? chosen.id : script.first;
  return layout.places.map(({ id, x, y, height }): Node => {
    const size = { width: stepWidth, height };
    const target = { type: 'target', position: 'left', x: -5, width: 10, height: 10 } as const;
    const common = {
      ...{ id, position: { x, y }, ...size, measured: size, draggable: false },
      // The library takes the mouse from what it neither selects nor drags.
      style: { pointerEvents: 'all' },
    } as const;
    const step = steps.get(id);
    if (step === undefined)
      return {
        ...{ ...common, type: 'end', data: { label: t('scripts.end') } },
        handles: [{ ...target, y: endHeight / 2 - 5 } as never],
      };
    const ways = waysFrom(step);
    return {
      ...{ ...common, type: 'step' },
      handles: [
        { ...target, y: headHeight / 2 - 5 } as never,
        ...ways.map(
          ({ answerId }, nth) =>
            ({
              ...target,
              type: 'source',
              position: 'right',
              id: answerId ?? '',
              x: stepWidth - 5,
              y: portOf(nth) - 5,
            }) as never,
        ),
      ],
      data: {
        ...{ step, ways, mayEdit, isFirst: script.first === id, isChosen: isChosen(id), isTabStop: tabStop === id },
        marks: marks.get(id) ?? [],
        pickedWay: picked?.id ?? null,
        reached: coverage === null || coverage.runs === 0 ? null : shareOf(coverage, id),
        wish: hands.wish?.id === id ? hands.wish.n : 0,
        onKey: (event: KeyboardEvent<HTMLElement>) => hands.onKey(event, id),
        onChoose: () => onChoose({ kind: 'step', id }),
        onWay: hands.pickWay,
      },
    };
  });
};

const shareOf = ({ steps, runs }: NonNullable<OpenScript['coverage']>, id: string): number =>
  (steps.find(({ stepId }) => stepId === id)?.reached ?? 0) / runs;

const useEdges = (script: Script, layout: Layout, picked: Way | null, mayEdit: boolean): Edge[] =>
  useMemo(() => {
    const places = new Set(layout.places.map(({ id }) => id));
    return script.steps.flatMap(waysFrom).flatMap((way): Edge[] =>
      places.has(way.to)
        ? [
            {
              ...{ id: way.id, type: 'way', source: way.from, target: way.to, sourceHandle: way.answerId ?? '' },
              data: { bends: layout.bends.get(way.id) ?? [], lane: layout.back.get(way.id) ?? null },
              className: way.id === picked?.id ? 'picked' : '',
              markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 },
              reconnectable: mayEdit ? 'target' : false,
              focusable: false,
            },
          ]
        : [],
    );
  }, [script, layout, picked, mayEdit]);

/** Room for ways that lead back to the first step. */
const margin = 56;

/** All of it if it can be read, else its beginning. */
const atFirst = (flow: ReactFlowInstance, { places }: Layout, frame: HTMLElement | null): void => {
  const pane = frame?.querySelector('.react-flow');
  if (pane == null) return;
  const [wide, high] = [pane.clientWidth, pane.clientHeight];
  const right = Math.max(...places.map(({ x }) => x + stepWidth));
  const bottom = Math.max(...places.map(({ y, height }) => y + height));
  const zoom = Math.min(1, Math.max(0.6, Math.min((wide - margin - 24) / right, (high - 48) / bottom)));
  const first = places.find(({ x }) => x === 0);
  const middle = bottom * zoom <= high - 48 ? bottom / 2 : (first?.y ?? 0) + (first?.height ?? 0) / 2;
  void flow.setViewport({ x: margin, y: high / 2 - middle * zoom, zoom });
};

/** What was chosen elsewhere is brought into view; nothing moves while it is in view. */
const useFollow = (chosenId: string | null, layout: Layout, frame: React.RefObject<HTMLDivElement | null>): void => {
  const flow = useReactFlow();
  const last = useRef(chosenId);
  useEffect(() => {
    const place = layout.places.find(({ id }) => id === chosenId);
    const pane = frame.current?.querySelector('.react-flow');
    if (place === undefined || pane == null || last.current === chosenId) return;
    last.current = chosenId;
    const { x, y, zoom } = flow.getViewport();
    const [left, top] = [place.x * zoom + x, place.y * zoom + y];
    const isInView =
      left >= 0 &&
      top >= 0 &&
      left + stepWidth * zoom <= pane.clientWidth &&
      top + place.height * zoom <= pane.clientHeight;
    if (!isInView) void flow.setCenter(place.x + stepWidth / 2, place.y + place.height / 2, { zoom });
  }, [chosenId, layout, flow, frame]);
};

const GraphBar = (
  props: GraphProps & {
    readonly way: Way | null;
    readonly onDone: () => void;
    readonly onMove: (to: string) => void;
    readonly onRemove: () => void;
  },
) => {
  const { t } = useWords();
  const flow = useReactFlow();
  return (
    <div className="graph-foot">
      {props.way === null ? (
        <p className="quiet">{t(props.mayEdit ? 'scripts.graphKeys' : 'scripts.graphKeysRead')}</p>
      ) : (
        <WayBar {...props} way={props.way} />
      )}
      <span className="spacer" />
      <Button label={t('scripts.zoomOut')} tone="quiet" onPress={() => void flow.zoomOut()} />
      <Button label={t('scripts.zoomIn')} tone="quiet" onPress={() => void flow.zoomIn()} />
      <Button label={t('scripts.zoomAll')} tone="quiet" onPress={() => void flow.fitView()} />
    </div>
  );
};
