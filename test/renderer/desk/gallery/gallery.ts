import '../../../../shared/no-eval.ts';
import { systemClock } from '../../../../renderer/desk/clock.ts';
import { webSpeaker } from '../../../../renderer/desk/history/speaker.ts';
import { makeDesk } from '../../../../renderer/desk/desk.ts';
import { mountDesk } from '../../../../renderer/desk/mount.tsx';
import '../../../../renderer/desk/styles/desk.css';
import en from '../../../../renderer/desk/locales/en.json' with { type: 'json' };
import { createStage, realClock } from '../stage.ts';
import { hostileHost } from './hostile-host.ts';
import { pseudo } from './pseudo.ts';

/**
 * The desk in a page of its own with engine and phone in memory; `window.stage` is for whoever takes its picture. `?pseudo`: in a language
 * 40 % longer than English; `?hostile`: everything it is told tries to be more than text, and `window.again` tells it anew.
 */
const asked = new URLSearchParams(location.search);
if (asked.has('pseudo')) for (const [key, text] of Object.entries(en)) Object.assign(en, { [key]: pseudo(text) });

const stage = createStage(realClock);
const hostile = asked.has('hostile') ? hostileHost(stage.host) : undefined;
const desk = makeDesk({
  host: hostile?.host ?? stage.host,
  clock: systemClock,
  random: () => Math.random(),
  preciseNow: () => performance.timeOrigin + performance.now(),
  local: window.localStorage,
  speaker: webSpeaker(),
  openPage: () => {},
  copy: async () => {},
  systemLanguage: navigator.language,
});
const element = document.getElementById('desk');
if (element === null) throw new Error('the page has no #desk');
mountDesk(desk, element);
Object.assign(window, { stage, desk, again: hostile?.again });
