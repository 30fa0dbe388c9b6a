import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** `FOLDER`: the telephone's page and the customer's, for browser-lab.ts. */
const [, , folder = ''] = process.argv;
const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
await build({
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  build: {
    outDir: folder,
    emptyOutDir: true,
    minify: false,
    target: 'chrome140',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { phone: page('phone-page.ts'), far: page('far-page.ts') },
      output: { entryFileNames: '[name].js', chunkFileNames: 'parts/[name].js' },
    },
  },
});
