/**
 * Security 15: a packaged product starts plainly or not at all. Switches are an allow-list, because Chromium has hundreds and new
 * ones come with each release. Variables that change what runs, or whom TLS trusts, are refused or taken out.
 */
export type Launch =
  | { readonly kind: 'go'; readonly dropVariables: readonly string[] }
  | { readonly kind: 'refused'; readonly what: 'switch' | 'variable' | 'debugger'; readonly name: string };

/** Harmless ones that people and systems do use: login items, language, and graphics trouble. */
const knownSwitches = new Set([
  'hidden',
  'updated',
  'lang',
  'password-store',
  'disable-gpu',
  'force-device-scale-factor',
  'high-dpi-support',
  'ozone-platform',
  'ozone-platform-hint',
  'enable-wayland-ime',
  // The macOS finder's process serial number, taken without its digits.
  'psn_',
]);

/** Chromium adds these itself to the command line a second start hands to the first. */
const ownSwitches = new Set(['allow-file-access-from-files', 'original-process-start-time', 'no-startup-window']);

const refusedVariables = ['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'ELECTRON_OVERRIDE_DIST_PATH'];
const droppedVariables = [
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_SYSTEM_CA',
  'NODE_PATH',
  'NODE_DEBUG',
  'NODE_V8_COVERAGE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SSLKEYLOGFILE',
  'ELECTRON_ENABLE_LOGGING',
  'ELECTRON_LOG_FILE',
  'ELECTRON_NO_ASAR',
  'ELECTRON_ENABLE_STACK_DUMPING',
  'GOOGLE_API_KEY',
];

export type LaunchFacts = {
  /** Without the program itself. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** False for a checkout and for the test flavour, which must take a debugger. */
  readonly strict: boolean;
  /** Address of a debugger already listening in this process. */
  readonly debuggerUrl: string | undefined;
};

export const judgeLaunch = ({ args, env, strict, debuggerUrl }: LaunchFacts): Launch => {
  // A variable set to nothing is set all the same, and Windows ignores the case of names.
  const names = Object.keys(env);
  const present = (list: readonly string[]): string[] => names.filter((name) => list.includes(name.toUpperCase()));
  if (!strict) return { kind: 'go', dropVariables: present(['NODE_OPTIONS']) };
  for (const arg of args) {
    const name = switchName(arg);
    if (name !== undefined && !knownSwitches.has(name) && !ownSwitches.has(name))
      return { kind: 'refused', what: 'switch', name: name.slice(0, 60) };
  }
  const [variable] = present(refusedVariables);
  if (variable !== undefined) return { kind: 'refused', what: 'variable', name: variable };
  if (debuggerUrl !== undefined) return { kind: 'refused', what: 'debugger', name: 'inspector' };
  return { kind: 'go', dropVariables: present(droppedVariables) };
};

/** Chromium takes `--name`, `-name` and, on Windows, `/name`, with or without `=value`. A lone `--` is none. */
const switchName = (arg: string): string | undefined => {
  const match = /^(?:-+|\/)([^-=\s/][^=]*)(?:=|$)/s.exec(arg.trimStart());
  return match?.[1]?.toLowerCase().replace(/^(psn_)[0-9_]+$/, '$1');
};

/** What child processes get of our environment: what the system needs, and nothing that steers Node or Chromium. */
export const childEnvironment = (env: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const passed =
    /^(PATH|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|SYSTEMROOT|WINDIR|TEMP|TMP|TMPDIR|LANG|LC_[A-Z]+|TZ|HTTPS?_PROXY|NO_PROXY)$/i;
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && passed.test(name)) result[name] = value;
  return result;
};
