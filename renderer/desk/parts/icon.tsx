/** Line icons on a 16 px grid; decoration beside a word, so hidden from assistive technology. */
const paths = {
  desk: 'M2 3h12v8H2zM6 14h4M8 11v3',
  find: 'M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.5 10.5L14 14',
  dial: 'M3 3h2v2H3zM7 3h2v2H7zM11 3h2v2h-2zM3 7h2v2H3zM7 7h2v2H7zM11 7h2v2h-2zM7 11h2v2H7z',
  practice: 'M1.5 6L8 3l6.500 3L8 9zM4 7.500V11c2 2 6 2 8 0V7.500',
  keys: 'M1.500 4h13v8h-13zM4 6.500h1M7 6.500h1M10 6.500h1M5 9.500h6',
  phone: 'M3 2h3l1 3.500L5.200 7a8 8 0 0 0 3.800 3.800L10.500 9L14 10v3c0 .6-.4 1-1 1C7 14 2 9 2 3c0-.6.4-1 1-1z',
  hangUp: 'M1.500 9.500c3.500-4 9.500-4 13 0L13 12l-3-1V8.800c-1.300-.4-2.700-.4-4 0V11l-3 1z',
  mic: 'M6 2.500a2 2 0 0 1 4 0v5a2 2 0 0 1-4 0zM3.500 7.500a4.500 4.500 0 0 0 9 0M8 12v2.500',
  micOff: 'M6 4V2.500a2 2 0 0 1 4 0v5M3.500 7.500a4.500 4.500 0 0 0 7.500 3.300M8 12v2.500M2 2l12 12',
  hold: 'M5.500 3v10M10.500 3v10',
  resume: 'M4.500 3l8.500 5l-8.500 5z',
  lock: 'M3.500 7h9v6.500h-9zM5.500 7V5a2.500 2.500 0 0 1 5 0v2',
  unlock: 'M3.500 7h9v6.500h-9zM5.500 7V5a2.500 2.500 0 0 1 4.800-1',
  warn: 'M8 2l6.500 11.500h-13zM8 6.500v3.500M8 12v.1',
  sync: 'M3 7a5 5 0 0 1 9-2M13 2.500V5.500H10M13 9a5 5 0 0 1-9 2M3 13.500V10.500H6',
  check: 'M3 8.500l3.500 3.500L13 4.500',
  close: 'M3.500 3.500l9 9M12.500 3.500l-9 9',
  user: 'M8 2.500a2.500 2.500 0 1 1 0 5a2.500 2.500 0 0 1 0-5M3 14c.5-3 2.500-4.500 5-4.500s4.500 1.500 5 4.500',
  inbound: 'M13 3L4 12M4 5.500V12h6.500',
  outbound: 'M4 12L13 3M6.500 3H13v6.500',
  board: 'M1.500 8c2.500-5 10.500-5 13 0c-2.500 5-10.500 5-13 0zM8 6a2 2 0 1 1 0 4a2 2 0 0 1 0-4',
  handOver: 'M2 5.500h9M8 2.500l3 3l-3 3M14 10.500H5M8 7.500l-3 3l3 3',
  scripts: 'M3 2.500h10v11H3zM5.500 5.500h5M5.500 8h5M5.500 10.500h3',
  voicemail: 'M4.500 5a3 3 0 1 1 0 6a3 3 0 0 1 0-6M11.500 5a3 3 0 1 1 0 6a3 3 0 0 1 0-6M4.500 11h7',
  due: 'M8 2a6 6 0 1 1 0 12a6 6 0 0 1 0-12M8 4.500V8l2.500 1.500',
  cases: 'M3 2.500h10v11H3zM5.500 5.500h5M5.500 8h5M5.500 10.500h3',
  figures: 'M2.500 13.500h11M4.500 13.500V9M8 13.500V3M11.500 13.500V6.500',
  history: 'M3 8a5.500 5.500 0 1 0 2-4.300M2.500 2.500v3h3M8.500 5v3.500l2.500 1.500',
  orders: 'M2 3h2l1.500 7.500h7L14 5H4.500M6.500 12.500v1M11.500 12.500v1',
  recording: 'M8 4.500a3.500 3.500 0 1 1 0 7a3.500 3.500 0 0 1 0-7',
  back: 'M9.500 3L4.500 8l5 5',
} as const;
export type IconName = keyof typeof paths;

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
);
