import '../../../../shared/no-eval.ts';
import { systemClock } from '../../../../renderer/desk/clock.ts';
import { webSpeaker } from '../../../../renderer/desk/history/speaker.ts';
import { makeDesk } from '../../../../renderer/desk/desk.ts';
import { mountDesk } from '../../../../renderer/desk/mount.tsx';
import '../../../../renderer/desk/styles/desk.css';
import { createStage, realClock } from '../stage.ts';

/** The desk in a page of its own with engine and phone in memory; `window.stage` is for whoever takes its picture. */
const stage = createStage(realClock);
const desk = makeDesk({
  host: stage.host,
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
Object.assign(window, { stage, desk });
