import react from '@vitejs/plugin-react';
import { configDefaults, defineConfig } from 'vitest/config';
import { hasPostgres } from './test/central/postgres.ts';
import { LongestFirst } from './test/house/longest-first.ts';

/** Suites that start a browser, an exchange or a runtime; each is a project of its own. */
const SPECIAL = ['test/e2e/**', 'test/pbx/**', 'test/electron/**'];

const ON_POSTGRES = [
  ...[
    'directory',
    'history',
    'ice',
    'live',
    'operations',
    'recording',
    'routes',
    'supervision',
    'tenants',
    'two-seats',
    'verification',
  ],
].map((name) => `test/central/${name}.test.ts`);

/**
 * Of the suites with a browser, what waits for things to happen and measures no time and no gap in the sound: two files at a time, after those
 * that have the machine for themselves. A new file is alone until it was seen beside others.
 */
const PAIRED = [
  ...[
    'campaign',
    'company-sign-in',
    'desk-screens',
    'devices-panel',
    'faults-callers',
    'faults-calls',
    'faults-central',
  ],
  ...[
    'faults-windows',
    'history',
    'hostile-text',
    'journey',
    'keyboard-only',
    'outbound',
    'phone-contract',
    'phone-early',
    'phone-hostile',
    'reattach',
  ],
  ...['sale', 'scripts', 'shell-pages', 'start', 'tasks', 'transfer', 'work-owed'],
].map((name) => `test/e2e/${name}.test.ts`);

const inBrowser = {
  testTimeout: 120_000,
  hookTimeout: 180_000,
  // Sound in real time between several processes on shared cores. `npm test` names every test that needed it.
  retry: 1,
  // A loaded machine paints late; what is awaited here is that it happens, not when.
  expect: { poll: { timeout: 10_000 } },
  globalSetup: ['test/e2e/made-once.ts'],
};
/** One at a time: they measure, and share the machine's cores and sound. */
const alone = { ...inBrowser, fileParallelism: false };
const paired = { ...inBrowser, sequence: { groupOrder: 1 } };

export default defineConfig({
  plugins: [react()],
  test: {
    passWithNoTests: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/central/shared-databases.ts'],
          exclude: [...configDefaults.exclude, ...SPECIAL],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'jsdom',
          environment: 'jsdom',
          setupFiles: ['test/house/patience.ts'],
          include: ['test/**/*.test.tsx'],
          exclude: [...configDefaults.exclude, ...SPECIAL],
          testTimeout: 60_000,
        },
      },
      // Central's tests once more, on a real PostgreSQL; those that run on both by themselves are not in the list.
      {
        extends: true,
        test: {
          name: 'postgres',
          environment: 'node',
          env: { ZUOXI_TEST_DATABASE: 'postgres' },
          globalSetup: ['test/central/shared-databases.ts'],
          include: hasPostgres ? ON_POSTGRES : [],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], exclude: PAIRED, ...alone } },
      { extends: true, test: { name: 'e2e-paired', include: PAIRED, ...paired } },
      { extends: true, test: { name: 'pbx', include: ['test/pbx/**/*.test.ts'], ...alone } },
      { extends: true, test: { name: 'electron', include: ['test/electron/**/*.test.ts'], ...alone } },
    ],
  },
});
