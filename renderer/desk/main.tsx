import '../../shared/no-eval.ts';
import { systemClock } from './clock.ts';
import { makeDesk } from './desk.ts';
import { hostOf } from './hosts.ts';
import { webSpeaker } from './history/speaker.ts';
import { mountDesk } from './mount.tsx';
import './styles/desk.css';

const desk = makeDesk({
  host: hostOf(window),
  clock: systemClock,
  random: () => Math.random(),
  preciseNow: () => performance.timeOrigin + performance.now(),
  local: window.localStorage,
  systemLanguage: navigator.language,
  copy: (text) => navigator.clipboard.writeText(text),
  speaker: webSpeaker(),
  openPage: (url) => void window.open(url, '_blank', 'noopener,noreferrer'),
});
const element = document.getElementById('desk');
if (element === null) throw new Error('the page has no #desk');
mountDesk(desk, element);
// Keys belong to the desk from the start, also as a frame of the phone page.
window.focus();
window.addEventListener('pagehide', () => desk.stop());
